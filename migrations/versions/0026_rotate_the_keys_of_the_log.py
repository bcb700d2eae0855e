"""Rotate the keys of the log."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.add_column(sa.Column("sign_key", sa.String(length=36), nullable=True))

    with op.batch_alter_table("audit_keys", schema=None) as batch_op:
        batch_op.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("last_seq", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True))
        batch_op.drop_constraint(batch_op.f("uq_audit_keys_purpose_holder"), type_="unique")
        batch_op.create_index(
            "uq_audit_keys_in_use",
            ["purpose", "holder"],
            unique=True,
            sqlite_where=sa.text("retired_at is null"),
            postgresql_where=sa.text("retired_at is null"),
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_audit_keys_retired_after_a_record"), "(retired_at is null) = (last_seq is null)"
        )


def downgrade() -> None:
    # The version before knows one key that signs: the former ones stay for the next upgrade, and it does not read them.
    op.execute(
        "UPDATE audit_keys SET purpose = 'former', holder = CAST(id AS VARCHAR(36)) WHERE retired_at IS NOT NULL"
    )
    with op.batch_alter_table("audit_keys", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_audit_keys_in_use",
            sqlite_where=sa.text("retired_at is null"),
            postgresql_where=sa.text("retired_at is null"),
        )
        batch_op.drop_constraint(batch_op.f("ck_audit_keys_retired_after_a_record"), type_="check")
        batch_op.create_unique_constraint(batch_op.f("uq_audit_keys_purpose_holder"), ["purpose", "holder"])
        batch_op.drop_column("last_seq")
        batch_op.drop_column("retired_at")

    with op.batch_alter_table("audit_head", schema=None) as batch_op:
        batch_op.drop_column("sign_key")
