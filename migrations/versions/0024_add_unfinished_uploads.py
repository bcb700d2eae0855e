"""Add unfinished uploads."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "unfinished_uploads",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("reserved", sa.BigInteger(), nullable=False),
        sa.Column("stamp", sa.String(length=40), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("bytes > 0 and reserved >= 0", name=op.f("ck_unfinished_uploads_sizes")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_unfinished_uploads_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_unfinished_uploads_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_unfinished_uploads")),
    )
    with op.batch_alter_table("unfinished_uploads", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_unfinished_uploads_tenant_id_user_id"), ["tenant_id", "user_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("unfinished_uploads", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_unfinished_uploads_tenant_id_user_id"))

    op.drop_table("unfinished_uploads")
