"""Create the tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("contact_name", sa.String(length=60), nullable=False),
        sa.Column("contact_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint("name", name=op.f("uq_customers_name")),
    )
    op.create_table(
        "installation_facts",
        sa.Column("name", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_installation_facts")),
    )
    op.create_table(
        "outbox",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("payload", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_done_at_due_at"), ["done_at", "due_at"], unique=False)

    op.create_table(
        "provinces",
        sa.Column("code", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=16), nullable=False),
        sa.PrimaryKeyConstraint("code", name=op.f("pk_provinces")),
        sa.UniqueConstraint("name", name=op.f("uq_provinces_name")),
    )
    op.create_table(
        "sign_in_attempts",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("succeeded", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempts")),
    )
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_attempts_subject_at"), ["subject", "at"], unique=False)

    op.create_table(
        "tenants",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("enterprise_id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("short_name", sa.String(length=40), nullable=False),
        sa.Column("pinyin", sa.String(length=400), nullable=False),
        sa.Column("customer_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("business_type", sa.String(length=16), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=True),
        sa.Column("server_address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("publication_lock", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tenants_customer_id")),
        sa.ForeignKeyConstraint(["province_code"], ["provinces.code"], name=op.f("fk_tenants_province_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenants")),
        sa.UniqueConstraint("enterprise_id", name=op.f("uq_tenants_enterprise_id")),
    )
    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tenants_customer_id"), ["customer_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tenants_province_code"), ["province_code"], unique=False)

    op.create_table(
        "users",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("username", sa.String(length=80), nullable=False),
        sa.Column("display_name", sa.String(length=60), nullable=False),
        sa.Column("pinyin", sa.String(length=200), nullable=False),
        sa.Column("staff_role", sa.String(length=32), nullable=True),
        sa.Column("province_code", sa.String(length=8), nullable=True),
        sa.Column("password_hash", sa.String(length=200), nullable=True),
        sa.Column("totp_secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("totp_last_step", sa.Integer(), nullable=False),
        sa.Column("disabled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("theme", sa.String(length=8), nullable=False),
        sa.Column("density", sa.String(length=12), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(staff_role = 'province') = (province_code is not null) or staff_role is null",
            name=op.f("ck_users_province_has_code"),
        ),
        sa.ForeignKeyConstraint(["province_code"], ["provinces.code"], name=op.f("fk_users_province_code")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "audit_records",
        sa.Column("seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.String(length=16), nullable=False),
        sa.Column("actor_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("actor_username", sa.String(length=120), nullable=False),
        sa.Column("actor_name", sa.String(length=120), nullable=False),
        sa.Column("actor_role", sa.String(length=32), nullable=False),
        sa.Column("actor_layer", sa.String(length=16), nullable=False),
        sa.Column("auth_level", sa.Integer(), nullable=False),
        sa.Column("auth_method", sa.String(length=64), nullable=False),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("request_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("target_type", sa.String(length=32), nullable=True),
        sa.Column("target_id", sa.String(length=64), nullable=True),
        sa.Column("target_title", sa.Text(), nullable=False),
        sa.Column("details", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_audit_records_tenant_id")),
        sa.PrimaryKeyConstraint("seq", name=op.f("pk_audit_records")),
    )
    with op.batch_alter_table("audit_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_audit_records_actor_id"), ["actor_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_records_at"), ["at"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_records_event"), ["event"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_records_target_id"), ["target_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_audit_records_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "channels",
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_channels_tenant_id")),
        sa.PrimaryKeyConstraint("channel", name=op.f("pk_channels")),
    )
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_channels_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "content_objects",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("edited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_down_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("taken_down_reason", sa.Text(), nullable=True),
        sa.Column("purged_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_content_objects_created_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_content_objects_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_content_objects")),
    )
    with op.batch_alter_table("content_objects", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_content_objects_tenant_id_kind"), ["tenant_id", "kind"], unique=False)

    op.create_table(
        "grants",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("feature", sa.String(length=16), nullable=False),
        sa.Column("packages", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("price >= 0", name=op.f("ck_grants_price_not_negative")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_grants_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_grants")),
    )
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_grants_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_ends_on"), ["ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_grants_starts_at"), ["starts_at"], unique=False)

    op.create_table(
        "media_assets",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("original_sha256", sa.String(length=64), nullable=True),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=True),
        sa.Column("type", sa.String(length=32), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("stored_bytes", sa.BigInteger(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Double(), nullable=True),
        sa.Column("poster", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=True),
        sa.Column("variants", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("pinyin", sa.String(length=960), nullable=False),
        sa.Column("uploaded_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'video') = (seconds is not null)", name=op.f("ck_media_assets_videos_have_seconds")
        ),
        sa.CheckConstraint("kind in ('image', 'video')", name=op.f("ck_media_assets_kind")),
        sa.CheckConstraint("bytes > 0 and width > 0 and height > 0", name=op.f("ck_media_assets_sizes")),
        sa.CheckConstraint("length(sha256) = 64", name=op.f("ck_media_assets_sha256_length")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_media_assets_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_media_assets")),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("uq_media_assets_tenant_id_sha256")),
    )
    with op.batch_alter_table("media_assets", schema=None) as batch_op:
        batch_op.create_index("ix_media_assets_shelf", ["tenant_id", "deleted_at", "created_at"], unique=False)

    op.create_table(
        "notices",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("key", sa.String(length=160), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("role", sa.String(length=32), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("params", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("link", sa.String(length=300), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_notices_tenant_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_notices_role_read_at"), ["role", "read_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_tenant_id"), ["tenant_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_notices_user_id_read_at"), ["user_id", "read_at"], unique=False)

    op.create_table(
        "one_time_links",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("purpose", sa.String(length=16), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_links_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_links")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_links_token_hash")),
    )
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_links_user_id"), ["user_id"], unique=False)

    op.create_table(
        "release_documents",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_release_documents_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_release_documents")),
        sa.UniqueConstraint("tenant_id", "sha256", name=op.f("uq_release_documents_tenant_id_sha256")),
    )
    op.create_table(
        "releases",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("base_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("rolled_back_to", sa.Integer(), nullable=True),
        sa.Column("manifest", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("channels", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("features", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_by_name", sa.String(length=120), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("state in ('publishing', 'published')", name=op.f("ck_releases_state")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_releases_created_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_releases_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_releases")),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_releases_tenant_id_number")),
    )
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_releases_state"), ["state"], unique=False)
        batch_op.create_index(
            "uq_releases_one_publishing",
            ["tenant_id"],
            unique=True,
            sqlite_where=sa.text("state = 'publishing'"),
            postgresql_where=sa.text("state = 'publishing'"),
        )

    op.create_table(
        "submissions",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("publish_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_submissions_submitted_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_submissions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_submissions")),
    )
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submissions_closed_at_submitted_at"), ["closed_at", "submitted_at"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_submissions_publish_at"), ["publish_at"], unique=False)

    op.create_table(
        "subscriptions",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("offering_code", sa.String(length=32), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("price_reason", sa.String(length=200), nullable=False),
        sa.Column("price_approved_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("terms", sa.String(length=16), nullable=False),
        sa.Column("customer_class", sa.String(length=16), nullable=False),
        sa.Column("industry_code", sa.String(length=8), nullable=False),
        sa.Column("ordered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("boxes > 0", name=op.f("ck_subscriptions_has_boxes")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_subscriptions_price_not_negative")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_subscriptions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subscriptions")),
    )
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscriptions_ends_on"), ["ends_on"], unique=False)
        batch_op.create_index(batch_op.f("ix_subscriptions_starts_at"), ["starts_at"], unique=False)
        batch_op.create_index(
            "uq_subscriptions_open",
            ["tenant_id"],
            unique=True,
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )

    op.create_table(
        "user_sessions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("auth_level", sa.Integer(), nullable=False),
        sa.Column("auth_method", sa.String(length=64), nullable=False),
        sa.Column("authenticated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=32), nullable=True),
        sa.Column("address", sa.String(length=64), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_user_sessions_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_sessions_token_hash")),
    )
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_sessions_user_id_ended_at"), ["user_id", "ended_at"], unique=False)

    op.create_table(
        "box_groups",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("parent_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("parent_id is null or parent_id <> id", name=op.f("ck_box_groups_not_own_parent")),
        sa.ForeignKeyConstraint(["channel"], ["channels.channel"], name=op.f("fk_box_groups_channel")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "parent_id"],
            ["box_groups.tenant_id", "box_groups.id"],
            name=op.f("fk_box_groups_tenant_id_parent_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_groups_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_groups")),
        sa.UniqueConstraint("channel", name=op.f("uq_box_groups_channel")),
        sa.UniqueConstraint("tenant_id", "parent_id", "name", name=op.f("uq_box_groups_tenant_id_parent_id_name")),
    )
    op.create_table(
        "charges",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subscription_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("covers_from", sa.Date(), nullable=False),
        sa.Column("covers_until", sa.Date(), nullable=False),
        sa.Column("boxes", sa.Integer(), nullable=False),
        sa.Column("unit_amount", sa.BigInteger(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("charged_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_charges_amount_not_negative")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["subscriptions.tenant_id", "subscriptions.id"],
            name=op.f("fk_charges_tenant_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_charges_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_charges")),
    )
    with op.batch_alter_table("charges", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_charges_tenant_id_subscription_id"), ["tenant_id", "subscription_id"], unique=False
        )

    op.create_table(
        "pointers",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("release_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("document_sha256", sa.String(length=64), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("modified_at", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["channel"], ["channels.channel"], name=op.f("fk_pointers_channel")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "release_id"],
            ["releases.tenant_id", "releases.id"],
            name=op.f("fk_pointers_tenant_id_release_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_pointers_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_pointers")),
        sa.UniqueConstraint("channel", name=op.f("uq_pointers_channel")),
        sa.UniqueConstraint("tenant_id", "group_id", name=op.f("uq_pointers_tenant_id_group_id")),
    )
    op.create_table(
        "revisions",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("object_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("envelope", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.String(length=400), nullable=False),
        sa.Column("author_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("saved_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_revisions_author_id")),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_revisions_submitted_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "object_id"],
            ["content_objects.tenant_id", "content_objects.id"],
            name=op.f("fk_revisions_tenant_id_object_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_revisions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_revisions")),
        sa.UniqueConstraint("tenant_id", "object_id", "number", name=op.f("uq_revisions_tenant_id_object_id_number")),
    )
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_revisions_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_revisions_tenant_id_state"), ["tenant_id", "state"], unique=False)
        batch_op.create_index(
            "uq_revisions_one_draft",
            ["tenant_id", "object_id"],
            unique=True,
            sqlite_where=sa.text("state in ('draft')"),
            postgresql_where=sa.text("state in ('draft')"),
        )
        batch_op.create_index(
            "uq_revisions_one_on_air",
            ["tenant_id", "object_id"],
            unique=True,
            sqlite_where=sa.text("state in ('published')"),
            postgresql_where=sa.text("state in ('published')"),
        )
        batch_op.create_index(
            "uq_revisions_one_pending",
            ["tenant_id", "object_id"],
            unique=True,
            sqlite_where=sa.text("state in ('submitted', 'approved')"),
            postgresql_where=sa.text("state in ('submitted', 'approved')"),
        )

    op.create_table(
        "session_activity",
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("data", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["user_sessions.id"], name=op.f("fk_session_activity_session_id")),
        sa.PrimaryKeyConstraint("session_id", name=op.f("pk_session_activity")),
    )
    op.create_table(
        "subscription_changes",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subscription_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("offering_code", sa.String(length=32), nullable=True),
        sa.Column("boxes", sa.Integer(), nullable=True),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column("price_reason", sa.String(length=200), nullable=False),
        sa.Column("price_approved_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("terms", sa.String(length=16), nullable=True),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("requested_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaced_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind = 'cancel') = (offering_code IS NULL) AND (offering_code IS NULL) = (boxes IS NULL) AND (offering_code IS NULL) = (price IS NULL) AND (offering_code IS NULL) = (terms IS NULL)",
            name=op.f("ck_subscription_changes_whole_or_cancel"),
        ),
        sa.CheckConstraint("boxes > 0", name=op.f("ck_subscription_changes_has_boxes")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["subscriptions.tenant_id", "subscriptions.id"],
            name=op.f("fk_subscription_changes_tenant_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_subscription_changes_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_subscription_changes")),
    )
    with op.batch_alter_table("subscription_changes", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_subscription_changes_effective_on"), ["effective_on"], unique=False)
        batch_op.create_index(
            "uq_subscription_changes_counting",
            ["tenant_id", "subscription_id", "effective_on"],
            unique=True,
            sqlite_where=sa.text("replaced_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL AND withdrawn_at IS NULL"),
        )

    op.create_table(
        "suspensions",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("subscription_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reason", sa.String(length=16), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("ended_at >= started_at", name=op.f("ck_suspensions_ends_after_start")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "subscription_id"],
            ["subscriptions.tenant_id", "subscriptions.id"],
            name=op.f("fk_suspensions_tenant_id_subscription_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_suspensions_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_suspensions")),
    )
    with op.batch_alter_table("suspensions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_suspensions_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_suspensions_started_at"), ["started_at"], unique=False)
        batch_op.create_index(
            "uq_suspensions_open",
            ["tenant_id", "subscription_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )

    op.create_table(
        "memberships",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("role", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(role = 'group_editor') = (group_id is not null)", name=op.f("ck_memberships_group_editor_has_group")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["box_groups.tenant_id", "box_groups.id"],
            name=op.f("fk_memberships_tenant_id_group_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_memberships_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_memberships_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_memberships")),
        sa.UniqueConstraint("tenant_id", "user_id", name=op.f("uq_memberships_tenant_id_user_id")),
    )
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_memberships_user_id"), ["user_id"], unique=False)

    op.create_table(
        "revision_authors",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "revision_id"],
            ["revisions.tenant_id", "revisions.id"],
            name=op.f("fk_revision_authors_tenant_id_revision_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_revision_authors_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_revision_authors_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_revision_authors")),
        sa.UniqueConstraint(
            "tenant_id", "revision_id", "user_id", name=op.f("uq_revision_authors_tenant_id_revision_id_user_id")
        ),
    )
    op.create_table(
        "submission_items",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("submission_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("revision_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("object_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("before_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_submission_items_decided_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "revision_id"],
            ["revisions.tenant_id", "revisions.id"],
            name=op.f("fk_submission_items_tenant_id_revision_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "submission_id"],
            ["submissions.tenant_id", "submissions.id"],
            name=op.f("fk_submission_items_tenant_id_submission_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_submission_items_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_submission_items")),
        sa.UniqueConstraint("tenant_id", "revision_id", name=op.f("uq_submission_items_tenant_id_revision_id")),
    )
    with op.batch_alter_table("submission_items", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_submission_items_tenant_id_submission_id"), ["tenant_id", "submission_id"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("submission_items", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submission_items_tenant_id_submission_id"))

    op.drop_table("submission_items")
    op.drop_table("revision_authors")
    with op.batch_alter_table("memberships", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_memberships_user_id"))

    op.drop_table("memberships")
    with op.batch_alter_table("suspensions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_suspensions_open",
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_suspensions_started_at"))
        batch_op.drop_index(batch_op.f("ix_suspensions_ended_at"))

    op.drop_table("suspensions")
    with op.batch_alter_table("subscription_changes", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_subscription_changes_counting",
            sqlite_where=sa.text("replaced_at IS NULL AND withdrawn_at IS NULL"),
            postgresql_where=sa.text("replaced_at IS NULL AND withdrawn_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_subscription_changes_effective_on"))

    op.drop_table("subscription_changes")
    op.drop_table("session_activity")
    with op.batch_alter_table("revisions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_revisions_one_pending",
            sqlite_where=sa.text("state in ('submitted', 'approved')"),
            postgresql_where=sa.text("state in ('submitted', 'approved')"),
        )
        batch_op.drop_index(
            "uq_revisions_one_on_air",
            sqlite_where=sa.text("state in ('published')"),
            postgresql_where=sa.text("state in ('published')"),
        )
        batch_op.drop_index(
            "uq_revisions_one_draft",
            sqlite_where=sa.text("state in ('draft')"),
            postgresql_where=sa.text("state in ('draft')"),
        )
        batch_op.drop_index(batch_op.f("ix_revisions_tenant_id_state"))
        batch_op.drop_index(batch_op.f("ix_revisions_state"))

    op.drop_table("revisions")
    op.drop_table("pointers")
    with op.batch_alter_table("charges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_charges_tenant_id_subscription_id"))

    op.drop_table("charges")
    op.drop_table("box_groups")
    with op.batch_alter_table("user_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_sessions_user_id_ended_at"))

    op.drop_table("user_sessions")
    with op.batch_alter_table("subscriptions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_subscriptions_open",
            sqlite_where=sa.text("ends_on IS NULL"),
            postgresql_where=sa.text("ends_on IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_subscriptions_starts_at"))
        batch_op.drop_index(batch_op.f("ix_subscriptions_ends_on"))

    op.drop_table("subscriptions")
    with op.batch_alter_table("submissions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_submissions_publish_at"))
        batch_op.drop_index(batch_op.f("ix_submissions_closed_at_submitted_at"))

    op.drop_table("submissions")
    with op.batch_alter_table("releases", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_releases_one_publishing",
            sqlite_where=sa.text("state = 'publishing'"),
            postgresql_where=sa.text("state = 'publishing'"),
        )
        batch_op.drop_index(batch_op.f("ix_releases_state"))

    op.drop_table("releases")
    op.drop_table("release_documents")
    with op.batch_alter_table("one_time_links", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_links_user_id"))

    op.drop_table("one_time_links")
    with op.batch_alter_table("notices", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notices_user_id_read_at"))
        batch_op.drop_index(batch_op.f("ix_notices_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_notices_role_read_at"))

    op.drop_table("notices")
    with op.batch_alter_table("media_assets", schema=None) as batch_op:
        batch_op.drop_index("ix_media_assets_shelf")

    op.drop_table("media_assets")
    with op.batch_alter_table("grants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_grants_starts_at"))
        batch_op.drop_index(batch_op.f("ix_grants_ends_on"))
        batch_op.drop_index(batch_op.f("ix_grants_ended_at"))

    op.drop_table("grants")
    with op.batch_alter_table("content_objects", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_content_objects_tenant_id_kind"))

    op.drop_table("content_objects")
    with op.batch_alter_table("channels", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_channels_tenant_id"))

    op.drop_table("channels")
    with op.batch_alter_table("audit_records", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_audit_records_tenant_id"))
        batch_op.drop_index(batch_op.f("ix_audit_records_target_id"))
        batch_op.drop_index(batch_op.f("ix_audit_records_event"))
        batch_op.drop_index(batch_op.f("ix_audit_records_at"))
        batch_op.drop_index(batch_op.f("ix_audit_records_actor_id"))

    op.drop_table("audit_records")
    op.drop_table("users")
    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tenants_province_code"))
        batch_op.drop_index(batch_op.f("ix_tenants_customer_id"))

    op.drop_table("tenants")
    with op.batch_alter_table("sign_in_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_attempts_subject_at"))

    op.drop_table("sign_in_attempts")
    op.drop_table("provinces")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_done_at_due_at"))

    op.drop_table("outbox")
    op.drop_table("installation_facts")
    op.drop_table("customers")
