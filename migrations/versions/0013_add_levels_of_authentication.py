"""Add levels of authentication."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "role_levels",
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("role", name=op.f("pk_role_levels")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.add_column(sa.Column("required_level", sa.Integer(), nullable=True))

    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("required_level", sa.Integer(), server_default="2", nullable=False))

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("required_level", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("required_level")

    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.drop_column("required_level")

    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_column("required_level")

    op.drop_table("role_levels")
