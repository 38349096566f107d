"""which program a turn told about, and cases that tell HR something instead of asking"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("turn_log", schema=None) as batch_op:
        batch_op.add_column(sa.Column("program", sa.String(length=60), nullable=True))
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("is_feedback", sa.Boolean(), server_default=sa.false(), nullable=False)
        )


def downgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_column("is_feedback")
    with op.batch_alter_table("turn_log", schema=None) as batch_op:
        batch_op.drop_column("program")
