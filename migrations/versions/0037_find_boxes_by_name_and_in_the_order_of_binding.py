"""Find boxes by name, and in the order of binding, without sorting a whole fleet."""

from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_boxes_tenant_id_state_name"), ["tenant_id", "state", "name"], unique=False)
        batch_op.create_index(batch_op.f("ix_boxes_state_id"), ["state", "id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_boxes_state_id"))
        batch_op.drop_index(batch_op.f("ix_boxes_tenant_id_state_name"))
