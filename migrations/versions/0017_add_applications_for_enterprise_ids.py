"""Add applications for enterprise IDs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "enterprise_applications",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("province_code", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("group_name", sa.String(length=200), nullable=False),
        sa.Column("pinyin", sa.String(length=800), nullable=False),
        sa.Column("sub_product_code", sa.String(length=32), nullable=False),
        sa.Column("scope", sa.String(length=8), nullable=False),
        sa.Column("contact_name_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("contact_phone_lookup", sa.String(length=64), nullable=True),
        sa.Column("applicant_phone_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("applicant_phone_lookup", sa.String(length=64), nullable=True),
        sa.Column("server_address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("submitted_by", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["opened_id"], ["tenants.id"], name=op.f("fk_enterprise_applications_opened_id")),
        sa.ForeignKeyConstraint(
            ["province_code"], ["provinces.code"], name=op.f("fk_enterprise_applications_province_code")
        ),
        sa.ForeignKeyConstraint(["submitted_by"], ["users.id"], name=op.f("fk_enterprise_applications_submitted_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_applications")),
        sa.UniqueConstraint("opened_id", name=op.f("uq_enterprise_applications_opened_id")),
    )
    with op.batch_alter_table("enterprise_applications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enterprise_applications_applicant_phone_lookup"), ["applicant_phone_lookup"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_enterprise_applications_contact_phone_lookup"), ["contact_phone_lookup"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_enterprise_applications_province_code"), ["province_code"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprise_applications_state"), ["state"], unique=False)
        batch_op.create_index(batch_op.f("ix_enterprise_applications_submitted_at"), ["submitted_at"], unique=False)
        batch_op.create_index(
            "uq_enterprise_applications_waiting",
            ["group_name"],
            unique=True,
            sqlite_where=sa.text("state = 'submitted'"),
            postgresql_where=sa.text("state = 'submitted'"),
        )

    op.create_table(
        "enterprise_application_steps",
        sa.Column("id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("application_id", sa.Uuid(as_uuid=False), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("by_user_id", sa.Uuid(as_uuid=False), nullable=True),
        sa.Column("by_name", sa.String(length=60), nullable=False),
        sa.Column("by_role", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"],
            ["enterprise_applications.id"],
            name=op.f("fk_enterprise_application_steps_application_id"),
        ),
        sa.ForeignKeyConstraint(["by_user_id"], ["users.id"], name=op.f("fk_enterprise_application_steps_by_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enterprise_application_steps")),
    )
    with op.batch_alter_table("enterprise_application_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_enterprise_application_steps_application_id"), ["application_id"], unique=False
        )

    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("applied_by", sa.String(length=8), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_tenants_applied_by"), "provinces", ["applied_by"], ["code"])


def downgrade() -> None:
    with op.batch_alter_table("tenants", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_tenants_applied_by"), type_="foreignkey")
        batch_op.drop_column("applied_by")

    with op.batch_alter_table("enterprise_application_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_enterprise_application_steps_application_id"))

    op.drop_table("enterprise_application_steps")
    with op.batch_alter_table("enterprise_applications", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_enterprise_applications_waiting",
            sqlite_where=sa.text("state = 'submitted'"),
            postgresql_where=sa.text("state = 'submitted'"),
        )
        batch_op.drop_index(batch_op.f("ix_enterprise_applications_submitted_at"))
        batch_op.drop_index(batch_op.f("ix_enterprise_applications_state"))
        batch_op.drop_index(batch_op.f("ix_enterprise_applications_province_code"))
        batch_op.drop_index(batch_op.f("ix_enterprise_applications_contact_phone_lookup"))
        batch_op.drop_index(batch_op.f("ix_enterprise_applications_applicant_phone_lookup"))

    op.drop_table("enterprise_applications")
