"""Seal the names of contacts, and let their phones be found by a keyed hash."""

import sqlalchemy as sa
from alembic import op

from portal.core.crypto import place_of, vault

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_CUSTOMERS = sa.table(
    "customers",
    sa.column("id", sa.Uuid(as_uuid=False)),
    sa.column("contact_name", sa.String),
    sa.column("contact_name_sealed", sa.LargeBinary),
    sa.column("contact_phone_sealed", sa.LargeBinary),
    sa.column("contact_phone_lookup", sa.String),
)


def upgrade() -> None:
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_name_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("contact_phone_lookup", sa.String(length=64), nullable=True))
        batch_op.create_index(batch_op.f("ix_customers_contact_phone_lookup"), ["contact_phone_lookup"], unique=False)
    for row in op.get_bind().execute(sa.select(_CUSTOMERS)).all():
        phone = _open(row.id, "contact_phone_sealed", row.contact_phone_sealed)
        values = {
            "contact_name_sealed": vault().seal(row.contact_name, _place(row.id, "contact_name_sealed"))
            if row.contact_name
            else None,
            "contact_phone_lookup": vault().fingerprint(phone, "phone") if phone else None,
        }
        op.execute(_CUSTOMERS.update().where(_CUSTOMERS.c.id == row.id).values(**values))
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.drop_column("contact_name")


def downgrade() -> None:
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_name", sa.String(length=60), nullable=True))
    for row in op.get_bind().execute(sa.select(_CUSTOMERS)).all():
        name = _open(row.id, "contact_name_sealed", row.contact_name_sealed) or ""
        op.execute(_CUSTOMERS.update().where(_CUSTOMERS.c.id == row.id).values(contact_name=name))
    with op.batch_alter_table("customers", schema=None) as batch_op:
        batch_op.alter_column("contact_name", existing_type=sa.String(length=60), nullable=False)
        batch_op.drop_index(batch_op.f("ix_customers_contact_phone_lookup"))
        batch_op.drop_column("contact_phone_lookup")
        batch_op.drop_column("contact_name_sealed")


def _open(row_id: str, column: str, sealed: bytes | None) -> str | None:
    return None if sealed is None else vault().open(sealed, _place(row_id, column))


def _place(row_id: str, column: str) -> str:
    return place_of("customers", column, None, row_id)
