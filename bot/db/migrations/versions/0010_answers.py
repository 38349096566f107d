"""answers that serve others, and edits of answers and programs"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "promotions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("case_id", sa.Integer(), nullable=True),
        sa.Column("queue", sa.String(length=60), nullable=False),
        sa.Column("status", sa.String(length=12), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("title", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.String(length=20), nullable=False),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.Column("owner", sa.String(length=120), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("review_by", sa.Date(), nullable=False),
        sa.Column("proposer_id", sa.String(length=40), nullable=True),
        sa.Column("proposed_at", sa.DateTime(), nullable=False),
        sa.Column("decider_id", sa.String(length=40), nullable=True),
        sa.Column("decided_at", sa.DateTime(), nullable=True),
        sa.Column("remark", sa.Text(), nullable=True),
        sa.Column("card_channel", sa.String(length=40), nullable=True),
        sa.Column("card_ts", sa.String(length=40), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("exported_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["case_id"], ["cases.id"], name="fk_promotions_case_id_cases", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["proposer_id"],
            ["people.id"],
            name="fk_promotions_proposer_id_people",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["decider_id"],
            ["people.id"],
            name="fk_promotions_decider_id_people",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_promotions"),
    )
    op.create_index("ix_promotions_case_id", "promotions", ["case_id"])
    op.create_index("ix_promotions_status", "promotions", ["status"])
    op.create_table(
        "promoted_phrasings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promotion_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotions.id"],
            name="fk_promoted_phrasings_promotion_id_promotions",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_promoted_phrasings"),
        sa.UniqueConstraint("promotion_id", "text", name="uq_promoted_phrasings_promotion_id_text"),
    )
    op.create_table(
        "content_versions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("base_hash", sa.String(length=64), nullable=True),
        sa.Column("cause", sa.String(length=10), nullable=False),
        sa.Column("promotion_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.String(length=40), nullable=True),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("exported_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["promotion_id"],
            ["promotions.id"],
            name="fk_content_versions_promotion_id_promotions",
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["person_id"],
            ["people.id"],
            name="fk_content_versions_person_id_people",
            ondelete="SET NULL",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_content_versions"),
    )
    op.create_index(
        "ix_content_versions_kind_subject", "content_versions", ["kind", "subject", "id"]
    )
    op.create_table(
        "content_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_content_revision"),
    )
    with op.batch_alter_table("programs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("review_by", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("programs", schema=None) as batch_op:
        batch_op.drop_column("review_by")
    for table in ("content_revision", "content_versions", "promoted_phrasings", "promotions"):
        op.drop_table(table)
