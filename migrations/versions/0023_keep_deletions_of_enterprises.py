"""Keep deletions of enterprises."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "tenant_deletions",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("enterprise_id", sa.String(length=12), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("extent", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("user_ids", sa.JSON().with_variant(postgresql.JSONB(), "postgresql"), nullable=False),
        sa.Column("asked_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("confirmed_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'asked') = (confirmed_at is null and ended_at is null)",
            name=op.f("ck_tenant_deletions_asked_until_answered"),
        ),
        sa.CheckConstraint(
            "state in ('asked', 'waiting', 'wiping', 'done', 'withdrawn', 'declined')",
            name=op.f("ck_tenant_deletions_state"),
        ),
        sa.CheckConstraint(
            "confirmed_by is null or confirmed_by <> asked_by", name=op.f("ck_tenant_deletions_two_people")
        ),
        sa.ForeignKeyConstraint(["asked_by"], ["users.id"], name=op.f("fk_tenant_deletions_asked_by")),
        sa.ForeignKeyConstraint(["confirmed_by"], ["users.id"], name=op.f("fk_tenant_deletions_confirmed_by")),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_tenant_deletions_ended_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant_deletions")),
    )
    with op.batch_alter_table("tenant_deletions", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_tenant_deletions_enterprise_id"), ["enterprise_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_tenant_deletions_state_due_at"), ["state", "due_at"], unique=False)
        batch_op.create_index(
            "uq_tenant_deletions_one_open",
            ["tenant_id"],
            unique=True,
            sqlite_where=sa.text("state in ('asked', 'waiting', 'wiping')"),
            postgresql_where=sa.text("state in ('asked', 'waiting', 'wiping')"),
        )

    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.drop_column("closed_at")

    with op.batch_alter_table("tenant_deletions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_tenant_deletions_one_open",
            sqlite_where=sa.text("state in ('asked', 'waiting', 'wiping')"),
            postgresql_where=sa.text("state in ('asked', 'waiting', 'wiping')"),
        )
        batch_op.drop_index(batch_op.f("ix_tenant_deletions_state_due_at"))
        batch_op.drop_index(batch_op.f("ix_tenant_deletions_enterprise_id"))

    op.drop_table("tenant_deletions")
