"""Add boxes and what they report."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "box_refusals",
        sa.Column("subject", sa.String(length=80), nullable=False),
        sa.Column("times", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("subject", name=op.f("pk_box_refusals")),
    )
    with op.batch_alter_table("box_refusals", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_refusals_last_at"), ["last_at"], unique=False)

    op.create_table(
        "box_spent_proofs",
        sa.Column("mark", sa.String(length=43), nullable=False),
        sa.Column("spent_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_box_spent_proofs")),
    )
    with op.batch_alter_table("box_spent_proofs", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_spent_proofs_spent_at"), ["spent_at"], unique=False)

    op.create_table(
        "box_command_results",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_command_results_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_command_results")),
    )
    with op.batch_alter_table("box_command_results", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_box_command_results_tenant_id_box_id"), ["tenant_id", "box_id"], unique=False
        )

    op.create_table(
        "box_keys",
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_keys_tenant_id")),
        sa.PrimaryKeyConstraint("thumbprint", name=op.f("pk_box_keys")),
    )
    with op.batch_alter_table("box_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_keys_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "box_licences",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("bound", sa.Integer(), nullable=False),
        sa.CheckConstraint("bound >= 0", name=op.f("ck_box_licences_bound_not_negative")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_licences_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", name=op.f("pk_box_licences")),
    )
    op.create_table(
        "box_requests",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("firmware", sa.String(length=64), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("installer_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("installer_phone_lookup", sa.String(length=64), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("state in ('waiting', 'confirmed', 'rejected')", name=op.f("ck_box_requests_state")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_box_requests_decided_by")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_requests_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_requests")),
    )
    with op.batch_alter_table("box_requests", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_box_requests_tenant_id_state_expires_at"), ["tenant_id", "state", "expires_at"], unique=False
        )
        batch_op.create_index(
            "uq_box_requests_one_waiting",
            ["tenant_id", "thumbprint"],
            unique=True,
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )

    op.create_table(
        "box_screenshots",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_screenshots_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_screenshots")),
    )
    with op.batch_alter_table("box_screenshots", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_screenshots_taken_at"), ["taken_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_box_screenshots_tenant_id_box_id_taken_at"),
            ["tenant_id", "box_id", "taken_at"],
            unique=False,
        )

    op.create_table(
        "box_serials",
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_serials_tenant_id")),
        sa.PrimaryKeyConstraint("serial", name=op.f("pk_box_serials")),
    )
    with op.batch_alter_table("box_serials", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_serials_tenant_id"), ["tenant_id"], unique=False)

    op.create_table(
        "box_tokens",
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_tokens_tenant_id")),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_box_tokens")),
    )
    with op.batch_alter_table("box_tokens", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_box_tokens_ended_at"), ["ended_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_box_tokens_tenant_id_box_id"), ["tenant_id", "box_id"], unique=False)

    op.create_table(
        "play_batches",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("batch", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("plays", sa.Integer(), nullable=False),
        sa.Column("accepted", sa.Integer(), nullable=False),
        sa.Column("came_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_play_batches_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_play_batches")),
        sa.UniqueConstraint("tenant_id", "box_id", "batch", name=op.f("uq_play_batches_tenant_id_box_id_batch")),
    )
    with op.batch_alter_table("play_batches", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_play_batches_came_at"), ["came_at"], unique=False)

    op.create_table(
        "play_days",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("list", sa.String(length=8), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("plays", sa.BigInteger(), nullable=False),
        sa.Column("completed", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_play_days_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_play_days")),
        sa.UniqueConstraint(
            "tenant_id", "day", "group_id", "list", "item", name=op.f("uq_play_days_tenant_id_day_group_id_list_item")
        ),
    )
    op.create_table(
        "plays",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("list", sa.String(length=8), nullable=False),
        sa.Column("item", sa.String(length=64), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("completed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_plays_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_plays")),
    )
    with op.batch_alter_table("plays", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_plays_started_at"), ["started_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_plays_tenant_id_box_id_started_at"), ["tenant_id", "box_id", "started_at"], unique=False
        )

    op.create_table(
        "boxes",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("serial", sa.String(length=64), nullable=False),
        sa.Column("model", sa.String(length=64), nullable=False),
        sa.Column("firmware", sa.String(length=64), nullable=False),
        sa.Column("thumbprint", sa.String(length=43), nullable=False),
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("installer_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("installer_phone_lookup", sa.String(length=64), nullable=True),
        sa.Column("bound_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("bound_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=200), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(state = 'bound') = (ended_at is null)", name=op.f("ck_boxes_ended_has_time")),
        sa.CheckConstraint("state in ('bound', 'unbound', 'stolen')", name=op.f("ck_boxes_state")),
        sa.ForeignKeyConstraint(["bound_by"], ["users.id"], name=op.f("fk_boxes_bound_by")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["box_groups.tenant_id", "box_groups.id"],
            name=op.f("fk_boxes_tenant_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["installation_jobs.tenant_id", "installation_jobs.id"],
            name=op.f("fk_boxes_tenant_id_job_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_boxes_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_boxes")),
    )
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_boxes_tenant_id_group_id_state"), ["tenant_id", "group_id", "state"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_boxes_tenant_id_job_id"), ["tenant_id", "job_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_boxes_tenant_id_serial"), ["tenant_id", "serial"], unique=False)

    op.create_table(
        "box_channels",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "box_id"], ["boxes.tenant_id", "boxes.id"], name=op.f("fk_box_channels_tenant_id_box_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_channels_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_channels")),
        sa.UniqueConstraint("tenant_id", "box_id", "channel", name=op.f("uq_box_channels_tenant_id_box_id_channel")),
    )
    op.create_table(
        "box_commands",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("box_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("kind in ('resync', 'screenshot', 'restart')", name=op.f("ck_box_commands_kind")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "box_id"], ["boxes.tenant_id", "boxes.id"], name=op.f("fk_box_commands_tenant_id_box_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_commands_tenant_id")),
        sa.ForeignKeyConstraint(["told_by"], ["users.id"], name=op.f("fk_box_commands_told_by")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_commands")),
    )
    with op.batch_alter_table("box_commands", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_box_commands_tenant_id_box_id_told_at"), ["tenant_id", "box_id", "told_at"], unique=False
        )

    op.create_table(
        "box_status",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("channel", sa.String(length=32), nullable=False),
        sa.Column("boot", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("release", sa.String(length=64), nullable=True),
        sa.Column("screen", sa.String(length=8), nullable=True),
        sa.Column("uptime_seconds", sa.BigInteger(), nullable=False),
        sa.Column("free_bytes", sa.BigInteger(), nullable=False),
        sa.Column("firmware", sa.String(length=64), nullable=False),
        sa.Column("faults", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("calls_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "id"], ["boxes.tenant_id", "boxes.id"], name=op.f("fk_box_status_tenant_id_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_box_status_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_box_status")),
    )


def downgrade() -> None:
    op.drop_table("box_status")
    with op.batch_alter_table("box_commands", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_commands_tenant_id_box_id_told_at"))

    op.drop_table("box_commands")
    op.drop_table("box_channels")
    with op.batch_alter_table("boxes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_boxes_tenant_id_serial"))
        batch_op.drop_index(batch_op.f("ix_boxes_tenant_id_job_id"))
        batch_op.drop_index(batch_op.f("ix_boxes_tenant_id_group_id_state"))

    op.drop_table("boxes")
    with op.batch_alter_table("plays", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_plays_tenant_id_box_id_started_at"))
        batch_op.drop_index(batch_op.f("ix_plays_started_at"))

    op.drop_table("plays")
    op.drop_table("play_days")
    with op.batch_alter_table("play_batches", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_play_batches_came_at"))

    op.drop_table("play_batches")
    with op.batch_alter_table("box_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_tokens_tenant_id_box_id"))
        batch_op.drop_index(batch_op.f("ix_box_tokens_ended_at"))

    op.drop_table("box_tokens")
    with op.batch_alter_table("box_serials", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_serials_tenant_id"))

    op.drop_table("box_serials")
    with op.batch_alter_table("box_screenshots", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_screenshots_tenant_id_box_id_taken_at"))
        batch_op.drop_index(batch_op.f("ix_box_screenshots_taken_at"))

    op.drop_table("box_screenshots")
    with op.batch_alter_table("box_requests", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_box_requests_one_waiting",
            sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        )
        batch_op.drop_index(batch_op.f("ix_box_requests_tenant_id_state_expires_at"))

    op.drop_table("box_requests")
    op.drop_table("box_licences")
    with op.batch_alter_table("box_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_keys_tenant_id"))

    op.drop_table("box_keys")
    with op.batch_alter_table("box_command_results", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_command_results_tenant_id_box_id"))

    op.drop_table("box_command_results")
    with op.batch_alter_table("box_spent_proofs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_spent_proofs_spent_at"))

    op.drop_table("box_spent_proofs")
    with op.batch_alter_table("box_refusals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_box_refusals_last_at"))

    op.drop_table("box_refusals")
