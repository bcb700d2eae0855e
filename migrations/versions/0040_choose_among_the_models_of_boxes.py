"""Choose among the models of boxes without reading every box."""

from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_boxes_tenant_id_state_model"), ["tenant_id", "state", "model"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_boxes_tenant_id_state_model"))
