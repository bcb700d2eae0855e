"""Let a root key vouch for the next."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("root_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("handover", sa.Text(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("root_keys", schema=None) as batch_op:
        batch_op.drop_column("handover")
