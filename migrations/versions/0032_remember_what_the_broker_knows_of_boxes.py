"""Remember what the broker knows of boxes."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_BEHIND = sa.text("push_known <> push_number")


def upgrade() -> None:
    with op.batch_alter_table("box_status", schema=None) as batch_op:
        batch_op.add_column(sa.Column("push_number", sa.Integer(), server_default="1", nullable=False))
        batch_op.add_column(sa.Column("push_known", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("push_open", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.create_index(
        "ix_box_status_push_behind", "box_status", ["tenant_id"], sqlite_where=_BEHIND, postgresql_where=_BEHIND
    )


def downgrade() -> None:
    op.drop_index("ix_box_status_push_behind", "box_status", sqlite_where=_BEHIND, postgresql_where=_BEHIND)
    with op.batch_alter_table("box_status", schema=None) as batch_op:
        batch_op.drop_column("push_open")
        batch_op.drop_column("push_known")
        batch_op.drop_column("push_number")
