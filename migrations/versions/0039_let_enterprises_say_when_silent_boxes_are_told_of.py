"""Let enterprises say when they are told of silent boxes, and who."""

import sqlalchemy as sa
from alembic import op

from portal.core.models import Json

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "box_alerts",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
        sa.Column("roles", Json, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("after_minutes > 0", name=op.f("ck_box_alerts_after_minutes_positive")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_alerts_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_alerts")),
    )


def downgrade() -> None:
    op.drop_table("box_alerts")
