"""Add hand-overs."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("step", sa.String(length=12), nullable=False),
        sa.Column("to_name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("to_phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("by_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("by_role", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.CheckConstraint("(step = 'installer') = (job_id IS NOT NULL)", name=op.f("ck_hand_overs_installer_has_job")),
        sa.ForeignKeyConstraint(["by_user_id"], ["users.id"], name=op.f("fk_hand_overs_by_user_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["installation_jobs.tenant_id", "installation_jobs.id"],
            name=op.f("fk_hand_overs_tenant_id_job_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_hand_overs_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_hand_overs")),
    )


def downgrade() -> None:
    op.drop_table("hand_overs")
