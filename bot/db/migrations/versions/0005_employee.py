"""what people thought of an answer, where they ask, and whether they belong to us"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def _no(name: str) -> sa.Column:
    return sa.Column(name, sa.Boolean(), server_default=sa.false(), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("turn_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("feedback_detail", sa.String(length=20), nullable=True))
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(_no("is_quoted"))
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(_no("is_ext_shared"))
        batch_op.add_column(_no("is_pane"))
        batch_op.add_column(_no("is_titled"))
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_outsider", sa.Boolean(), nullable=True))
        batch_op.add_column(sa.Column("looked_up_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("home_opened_at", sa.DateTime(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("home_opened_at")
        batch_op.drop_column("looked_up_at")
        batch_op.drop_column("is_outsider")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("is_titled")
        batch_op.drop_column("is_pane")
        batch_op.drop_column("is_ext_shared")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("is_quoted")
    with op.batch_alter_table("turn_log", schema=None) as batch_op:
        batch_op.drop_column("feedback_detail")
