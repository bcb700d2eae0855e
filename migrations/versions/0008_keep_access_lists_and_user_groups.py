"""Keep access lists and user groups."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "access_lists",
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("stamp", sa.Uuid(as_uuid=False), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_access_lists")),
    )
    op.create_table(
        "staff_groups",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff_groups")),
        sa.UniqueConstraint("name", name=op.f("uq_staff_groups_name")),
    )
    op.create_table(
        "access_entries",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("acl", sa.String(length=12), nullable=False),
        sa.Column("place_type", sa.String(length=12), nullable=False),
        sa.Column("place_id", sa.String(length=40), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("subject_type", sa.String(length=8), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_access_entries_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_access_entries")),
        sa.UniqueConstraint(
            "acl",
            "place_type",
            "place_id",
            "permission",
            "subject_type",
            "subject_id",
            name="uq_access_entries_said_once",
        ),
    )
    op.create_table(
        "information_entries",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("place_type", sa.String(length=12), nullable=False),
        sa.Column("place_id", sa.String(length=40), nullable=False),
        sa.Column("permission", sa.String(length=40), nullable=False),
        sa.Column("effect", sa.String(length=8), nullable=False),
        sa.Column("subject_type", sa.String(length=8), nullable=False),
        sa.Column("subject_id", sa.String(length=40), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_information_entries_created_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_information_entries_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_information_entries")),
        sa.UniqueConstraint(
            "tenant_id",
            "place_type",
            "place_id",
            "permission",
            "subject_type",
            "subject_id",
            name="uq_information_entries_said_once",
        ),
    )
    op.create_table(
        "member_groups",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_member_groups_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member_groups")),
        sa.UniqueConstraint("tenant_id", "name", name=op.f("uq_member_groups_tenant_id_name")),
    )
    op.create_table(
        "staff_group_members",
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["group_id"], ["staff_groups.id"], name=op.f("fk_staff_group_members_group_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_group_members_user_id")),
        sa.PrimaryKeyConstraint("group_id", "user_id", name=op.f("pk_staff_group_members")),
    )
    with op.batch_alter_table("staff_group_members", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_staff_group_members_user_id"), ["user_id"], unique=False)

    op.create_table(
        "member_group_members",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["member_groups.tenant_id", "member_groups.id"],
            name=op.f("fk_member_group_members_tenant_id_group_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "user_id"],
            ["memberships.tenant_id", "memberships.user_id"],
            name=op.f("fk_member_group_members_tenant_id_user_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_member_group_members_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_member_group_members")),
        sa.UniqueConstraint(
            "tenant_id", "group_id", "user_id", name=op.f("uq_member_group_members_tenant_id_group_id_user_id")
        ),
    )
    with op.batch_alter_table("member_group_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_member_group_members_tenant_id_user_id"), ["tenant_id", "user_id"], unique=False
        )

    with op.batch_alter_table("content_objects", schema=None) as batch_op:
        batch_op.add_column(sa.Column("classification", sa.String(length=12), server_default="public", nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("content_objects", schema=None) as batch_op:
        batch_op.drop_column("classification")

    with op.batch_alter_table("member_group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_member_group_members_tenant_id_user_id"))

    op.drop_table("member_group_members")
    with op.batch_alter_table("staff_group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_staff_group_members_user_id"))

    op.drop_table("staff_group_members")
    op.drop_table("member_groups")
    op.drop_table("information_entries")
    op.drop_table("access_entries")
    op.drop_table("staff_groups")
    op.drop_table("access_lists")
