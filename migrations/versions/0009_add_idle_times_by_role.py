"""Add idle times by role."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_policies",
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("idle_minutes", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("idle_minutes between 1 and 720", name=op.f("ck_role_policies_idle_within_a_session")),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_role_policies")),
    )


def downgrade() -> None:
    op.drop_table("role_policies")
