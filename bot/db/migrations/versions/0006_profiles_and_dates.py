"""the e-mail fingerprint of Slack profiles, and dates that were picked"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("email_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("profile_due_at", sa.DateTime(), nullable=True))
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.add_column(sa.Column("chosen_date", sa.Date(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.drop_column("chosen_date")
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("profile_due_at")
        batch_op.drop_column("email_hash")
