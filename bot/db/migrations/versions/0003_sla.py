"""what is sensitive, by when a case is due, and which reminders were sent"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("sensitive", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("first_reply_due_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("resolution_due_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("first_replied_at", sa.DateTime(), nullable=True))
    # Until now the category alone told.
    op.execute("UPDATE cases SET sensitive = true WHERE topic LIKE 'relations/%'")
    op.create_table(
        "case_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("stage", sa.String(length=20), nullable=False),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_reminders_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_reminders")),
        sa.UniqueConstraint(
            "case_id", "stage", "due_at", name=op.f("uq_case_reminders_case_id_stage_due_at")
        ),
    )


def downgrade() -> None:
    op.drop_table("case_reminders")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_column("first_replied_at")
        batch_op.drop_column("resolution_due_at")
        batch_op.drop_column("first_reply_due_at")
        batch_op.drop_column("sensitive")
