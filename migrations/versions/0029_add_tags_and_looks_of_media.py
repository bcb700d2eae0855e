"""Add tags and looks of media."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("media_assets", schema=None) as batch_op:
        batch_op.add_column(sa.Column("look", sa.String(length=16), nullable=True))
        batch_op.create_index(batch_op.f("ix_media_assets_tenant_id_look"), ["tenant_id", "look"], unique=False)

    op.create_table(
        "media_tags",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("asset_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tag", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "asset_id"],
            ["media_assets.tenant_id", "media_assets.id"],
            name=op.f("fk_media_tags_tenant_id_asset_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_media_tags_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_media_tags")),
        sa.UniqueConstraint("tenant_id", "asset_id", "tag", name=op.f("uq_media_tags_tenant_id_asset_id_tag")),
    )
    with op.batch_alter_table("media_tags", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_media_tags_tenant_id_tag"), ["tenant_id", "tag"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("media_tags", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_tags_tenant_id_tag"))

    op.drop_table("media_tags")
    with op.batch_alter_table("media_assets", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_media_assets_tenant_id_look"))
        batch_op.drop_column("look")
