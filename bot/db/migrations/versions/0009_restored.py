"""placeholders of a conversation, what was hidden in a message, details that askers restore"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("placeholders", sa.JSON(), nullable=True))
        batch_op.add_column(
            sa.Column("is_told", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("hidden", sa.JSON(), nullable=True))
    op.create_table(
        "case_details",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("value_sealed", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("case_id", "name"),
    )


def downgrade() -> None:
    op.drop_table("case_details")
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("hidden")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_column("is_told")
        batch_op.drop_column("placeholders")
