"""employees, and when the catalogue changed"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "employees",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slack_hash", sa.String(length=64), nullable=True),
        sa.Column("email_hash", sa.String(length=64), nullable=True),
        sa.Column("address_sealed", sa.Text(), nullable=False),
        sa.Column("employment_type", sa.String(length=20), nullable=True),
        sa.Column("fte", sa.Float(), nullable=True),
        sa.Column("hire_date", sa.Date(), nullable=True),
        sa.Column("job_family", sa.String(length=40), nullable=True),
        sa.Column("site", sa.String(length=40), nullable=True),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_employees")),
        sa.UniqueConstraint("email_hash", name=op.f("uq_employees_email_hash")),
        sa.UniqueConstraint("slack_hash", name=op.f("uq_employees_slack_hash")),
    )
    with op.batch_alter_table("programs", schema=None) as batch_op:
        batch_op.add_column(sa.Column("revision", sa.Integer(), server_default="0", nullable=False))
        batch_op.create_index(batch_op.f("ix_programs_revision"), ["revision"], unique=False)
        batch_op.create_index(batch_op.f("ix_programs_topic"), ["topic"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("programs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_programs_topic"))
        batch_op.drop_index(batch_op.f("ix_programs_revision"))
        batch_op.drop_column("revision")
    op.drop_table("employees")
