"""what people asked to be reminded of"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "program_reminders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("program_id", sa.String(length=60), nullable=False),
        sa.Column("window", sa.String(length=120), nullable=False),
        sa.Column("stage", sa.String(length=10), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("conversation_id", sa.String(length=60), nullable=True),
        sa.Column("email_sealed", sa.Text(), nullable=True),
        sa.Column("email_hash", sa.String(length=64), nullable=True),
        sa.Column("token", sa.String(length=40), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(), nullable=True),
        sa.Column("finished_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_program_reminders_person_id_people"
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id"],
            ["conversations.id"],
            name="fk_program_reminders_conversation_id_conversations",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_program_reminders"),
        sa.UniqueConstraint(
            "person_id",
            "program_id",
            "window",
            "stage",
            name="uq_program_reminders_person_id_program_id_window_stage",
        ),
        sa.UniqueConstraint(
            "email_hash", "program_id", name="uq_program_reminders_email_hash_program_id"
        ),
        sa.UniqueConstraint("token", name="uq_program_reminders_token"),
    )
    for column in ("program_id", "conversation_id", "status"):
        op.create_index(f"ix_program_reminders_{column}", "program_reminders", [column])


def downgrade() -> None:
    op.drop_table("program_reminders")
