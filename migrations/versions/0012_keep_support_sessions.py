"""Keep support sessions."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "support_sessions",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("user_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.String(length=16), nullable=True),
        sa.Column("ended_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["ended_by"], ["users.id"], name=op.f("fk_support_sessions_ended_by")),
        sa.ForeignKeyConstraint(["session_id"], ["user_sessions.id"], name=op.f("fk_support_sessions_session_id")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_support_sessions_tenant_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_support_sessions_user_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_support_sessions")),
    )
    with op.batch_alter_table("support_sessions", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_support_sessions_ended_at_expires_at"), ["ended_at", "expires_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_support_sessions_session_id_expires_at"), ["session_id", "expires_at"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("support_sessions", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_support_sessions_session_id_expires_at"))
        batch_op.drop_index(batch_op.f("ix_support_sessions_ended_at_expires_at"))

    op.drop_table("support_sessions")
