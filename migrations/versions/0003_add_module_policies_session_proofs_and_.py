"""Add module policies, session proofs and page codes."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "captcha_challenges",
        sa.Column("holder", sa.String(length=64), nullable=False),
        sa.Column("action", sa.String(length=32), nullable=False),
        sa.Column("answer_hash", sa.String(length=64), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("holder", "action", name=op.f("pk_captcha_challenges")),
    )
    with op.batch_alter_table("captcha_challenges", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_captcha_challenges_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "module_policies",
        sa.Column("module", sa.String(length=32), nullable=False),
        sa.Column("captcha", sa.String(length=16), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("level in (2, 3)", name=op.f("ck_module_policies_known_level")),
        sa.CheckConstraint(
            "minutes is null or minutes between 1 and 720", name=op.f("ck_module_policies_minutes_within_a_session")
        ),
        sa.PrimaryKeyConstraint("module", name=op.f("pk_module_policies")),
    )
    op.create_table(
        "session_proofs",
        sa.Column("session_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("proof", sa.String(length=48), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("proven_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["session_id"], ["user_sessions.id"], name=op.f("fk_session_proofs_session_id")),
        sa.PrimaryKeyConstraint("session_id", "proof", name=op.f("pk_session_proofs")),
    )


def downgrade() -> None:
    op.drop_table("session_proofs")
    op.drop_table("module_policies")
    with op.batch_alter_table("captcha_challenges", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_captcha_challenges_expires_at"))

    op.drop_table("captcha_challenges")
