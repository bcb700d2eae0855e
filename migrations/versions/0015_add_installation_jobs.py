"""Add installation jobs."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "installation_jobs",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("group_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("places", sa.Integer(), nullable=False),
        sa.Column("places_taken", sa.Integer(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("places > 0", name=op.f("ck_installation_jobs_has_places")),
        sa.CheckConstraint("places_taken BETWEEN 0 AND places", name=op.f("ck_installation_jobs_places_suffice")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "group_id"],
            ["box_groups.tenant_id", "box_groups.id"],
            name=op.f("fk_installation_jobs_tenant_id_group_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_installation_jobs_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_installation_jobs")),
    )
    with op.batch_alter_table("installation_jobs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_installation_jobs_tenant_id_group_id"), ["tenant_id", "group_id"], unique=False
        )

    op.create_table(
        "installer_phones",
        sa.Column("tenant_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("job_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("phone_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("phone_lookup", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "job_id"],
            ["installation_jobs.tenant_id", "installation_jobs.id"],
            name=op.f("fk_installer_phones_tenant_id_job_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenants.id"], name=op.f("fk_installer_phones_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_installer_phones")),
        sa.UniqueConstraint(
            "tenant_id", "job_id", "phone_lookup", name=op.f("uq_installer_phones_tenant_id_job_id_phone_lookup")
        ),
    )
    with op.batch_alter_table("installer_phones", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_installer_phones_tenant_id_phone_lookup"), ["tenant_id", "phone_lookup"], unique=False
        )


def downgrade() -> None:
    with op.batch_alter_table("installer_phones", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_installer_phones_tenant_id_phone_lookup"))

    op.drop_table("installer_phones")
    with op.batch_alter_table("installation_jobs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_installation_jobs_tenant_id_group_id"))

    op.drop_table("installation_jobs")
