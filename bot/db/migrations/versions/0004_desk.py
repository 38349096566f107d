"""the desk: anonymous cases, notes and additions, snoozing, moving, what the asker says after"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NUMBERED = """
UPDATE case_events SET revision = (
    SELECT count(*) FROM case_events AS earlier
    WHERE earlier.case_id = case_events.case_id AND earlier.id <= case_events.id
)
"""


def upgrade() -> None:
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.add_column(sa.Column("candidates", sa.JSON(), server_default="[]", nullable=False))
        batch_op.add_column(
            sa.Column("anonymous", sa.Boolean(), server_default=sa.false(), nullable=False)
        )
        batch_op.add_column(sa.Column("reason", sa.String(length=20), nullable=True))
        batch_op.add_column(sa.Column("waiting_since", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("snoozed_until", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("resolved_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("followed_up_at", sa.DateTime(), nullable=True))
        batch_op.add_column(sa.Column("csat", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("moves", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_cases_snoozed_until"), ["snoozed_until"], unique=False)
    op.execute("UPDATE cases SET resolved_at = updated_at WHERE status = 'resolved'")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
    op.execute(_NUMBERED)
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.create_unique_constraint(
            batch_op.f("uq_case_events_case_id_revision"), ["case_id", "revision"]
        )
    op.create_table(
        "case_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("key", sa.String(length=64), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_entries_case_id_cases")
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_case_entries_person_id_people")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_case_entries")),
        sa.UniqueConstraint("key", name=op.f("uq_case_entries_key")),
    )
    op.create_index(op.f("ix_case_entries_case_id"), "case_entries", ["case_id"], unique=False)
    op.create_table(
        "case_places",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=False),
        sa.Column("once", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name=op.f("fk_case_places_case_id_cases")
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_case_places")),
    )
    op.create_index(op.f("ix_case_places_case_id"), "case_places", ["case_id"], unique=False)


def downgrade() -> None:
    op.drop_table("case_places")
    op.drop_table("case_entries")
    with op.batch_alter_table("case_events", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_case_events_case_id_revision"), type_="unique")
        batch_op.drop_column("revision")
    with op.batch_alter_table("cases", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_cases_snoozed_until"))
        for name in (
            "moves",
            "csat",
            "followed_up_at",
            "resolved_at",
            "snoozed_until",
            "waiting_since",
            "reason",
            "anonymous",
            "candidates",
        ):
            batch_op.drop_column(name)
