"""campaigns, the record of who was told what, and what people want to be told

What each column means stands in bot/db/telling.py. The record, `tellings`, has one row a
message: means and source say what told (a campaign, a life moment, "did you know", a reminder),
program_id of what, person_id whom, told_at when; asked_before whether "did you know this
before?" came with it, knew_before and answered_at the answer, clicked_at the first tap that
leads to the application, response and again_on "not for me" and "remind me later".
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "campaigns",
        sa.Column("id", sa.String(length=60), nullable=False),
        sa.Column("origin", sa.String(length=10), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("program_id", sa.String(length=60), nullable=True),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("link", sa.String(length=300), nullable=True),
        sa.Column("conditions", sa.JSON(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("repeat_days", sa.Integer(), nullable=True),
        sa.Column("reminder_days", sa.JSON(), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("content_hash", sa.String(length=64), nullable=True),
        sa.Column("creator_id", sa.String(length=40), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("releaser_id", sa.String(length=40), nullable=True),
        sa.Column("released_at", sa.DateTime(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["creator_id"],
            ["people.id"],
            name="fk_campaigns_creator_id_people",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["releaser_id"],
            ["people.id"],
            name="fk_campaigns_releaser_id_people",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_campaigns"),
    )
    op.create_index("ix_campaigns_status", "campaigns", ["status"])
    op.create_table(
        "tellings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("means", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=60), nullable=False),
        sa.Column("occurrence", sa.String(length=100), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("program_id", sa.String(length=60), nullable=True),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("told_at", sa.DateTime(), nullable=True),
        sa.Column("asked_before", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("knew_before", sa.Boolean(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("clicked_at", sa.DateTime(), nullable=True),
        sa.Column("response", sa.String(length=12), nullable=True),
        sa.Column("responded_at", sa.DateTime(), nullable=True),
        sa.Column("again_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], name="fk_tellings_person_id_people"),
        sa.PrimaryKeyConstraint("id", name="pk_tellings"),
        sa.UniqueConstraint(
            "means",
            "source",
            "occurrence",
            "person_id",
            name="uq_tellings_means_source_occurrence_person_id",
        ),
    )
    op.create_index("ix_tellings_status", "tellings", ["status"])
    op.create_index("ix_tellings_person_id_created_at", "tellings", ["person_id", "created_at"])
    op.create_index("ix_tellings_program_id_status", "tellings", ["program_id", "status"])
    op.create_table(
        "telling_preferences",
        sa.Column("person_id", sa.String(length=40), nullable=False),
        sa.Column("stopped_at", sa.DateTime(), nullable=True),
        sa.Column("categories_off", sa.JSON(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name="fk_telling_preferences_person_id_people"
        ),
        sa.PrimaryKeyConstraint("person_id", name="pk_telling_preferences"),
    )
    op.create_table(
        "telling_state",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("roster_read_at", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_telling_state"),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("time_zone", sa.String(length=40), nullable=True))
        batch_op.add_column(
            sa.Column("is_deactivated", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
    with op.batch_alter_table("employees", schema=None) as batch_op:
        batch_op.add_column(sa.Column("license_expires", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("next_review", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("employees", schema=None) as batch_op:
        batch_op.drop_column("next_review")
        batch_op.drop_column("license_expires")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("is_deactivated")
        batch_op.drop_column("time_zone")
    for table in ("telling_state", "telling_preferences", "tellings", "campaigns"):
        op.drop_table(table)
