"""Remember which silent boxes were told of."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("box_status", schema=None) as batch_op:
        batch_op.add_column(sa.Column("told_offline", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("box_status", schema=None) as batch_op:
        batch_op.drop_column("told_offline")
