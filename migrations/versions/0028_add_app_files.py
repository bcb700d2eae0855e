"""Add app files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "app_files",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("package", sa.String(length=255), nullable=False),
        sa.Column("version_code", sa.BigInteger(), nullable=False),
        sa.Column("version_name", sa.String(length=100), nullable=False),
        sa.Column("name", sa.String(length=50), nullable=False),
        sa.Column("permissions", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("min_sdk", sa.Integer(), nullable=False),
        sa.Column("signer_sha256", sa.String(length=64), nullable=False),
        sa.Column("icon_sha256", sa.String(length=64), nullable=True),
        sa.Column("uploaded_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("bytes > 0 and version_code > 0", name=op.f("ck_app_files_sizes")),
        sa.CheckConstraint(
            "length(sha256) = 64 and length(signer_sha256) = 64", name=op.f("ck_app_files_sha256_length")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_app_files_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_app_files")),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("uq_app_files_tenant_id_sha256")),
    )
    with op.batch_alter_table("app_files", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_app_files_tenant_id_package"), ["tenant_id", "package"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("app_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_app_files_tenant_id_package"))

    op.drop_table("app_files")
