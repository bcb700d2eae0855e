"""Keep sittings at drafts and who is there."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "draft_sittings",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("object_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("role", sa.String(length=24), nullable=False),
        sa.Column("auth_level", sa.Integer(), nullable=False),
        sa.Column("auth_method", sa.String(length=40), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saves", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "object_id"],
            ["content_objects.tenant_id", "content_objects.id"],
            name=op.f("fk_draft_sittings_tenant_id_object_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_draft_sittings_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_draft_sittings_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_draft_sittings")),
        sa.UniqueConstraint(
            "tenant_id", "object_id", "user_id", name=op.f("uq_draft_sittings_tenant_id_object_id_user_id")
        ),
    )
    with op.batch_alter_table("draft_sittings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_draft_sittings_saved_at"), ["saved_at"], unique=False)

    op.create_table(
        "editor_presence",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("object_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("page", sa.String(length=36), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "object_id"],
            ["content_objects.tenant_id", "content_objects.id"],
            name=op.f("fk_editor_presence_tenant_id_object_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_editor_presence_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_editor_presence_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_editor_presence")),
        sa.UniqueConstraint(
            "tenant_id",
            "object_id",
            "user_id",
            "page",
            name=op.f("uq_editor_presence_tenant_id_object_id_user_id_page"),
        ),
    )
    with op.batch_alter_table("editor_presence", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_editor_presence_tenant_id_seen_at"), ["tenant_id", "seen_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("editor_presence", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_editor_presence_tenant_id_seen_at"))

    op.drop_table("editor_presence")
    with op.batch_alter_table("draft_sittings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_draft_sittings_saved_at"))

    op.drop_table("draft_sittings")
