"""The migration that seals what was plain: nothing is lost on the way up, nor on the way down."""

from datetime import datetime

import sqlalchemy as sa

from portal.cli import migrations
from portal.core.crypto import place_of, vault

BEFORE_SEALING, SEALING = "0009", "0010"
CUSTOMER = "01990000-0000-7000-8000-000000000001"


def test_contacts_of_before_are_sealed_and_come_back_plain(empty_url):
    migrations.upgrade(empty_url, BEFORE_SEALING)
    columns = ("name", "industry_code", "contact_name", "contact_phone_sealed", "created_at", "version")
    plain = sa.table("customers", sa.column("id", sa.Uuid(as_uuid=False)), *map(sa.column, columns))
    phone = vault().seal("13800138000", place_of("customers", "contact_phone_sealed", None, CUSTOMER))
    told = {"id": CUSTOMER, "name": "客户", "industry_code": "1401001", "contact_name": "何佳", "version": 1}
    at = datetime(2026, 1, 1)  # noqa: DTZ001 - as SQLite keeps it
    with migrations.migration_engine(empty_url).begin() as connection:
        connection.execute(plain.insert().values(**told, contact_phone_sealed=phone, created_at=at))

    migrations.upgrade(empty_url, SEALING)
    with migrations.migration_engine(empty_url).connect() as connection:
        query = sa.text("SELECT contact_name_sealed, contact_phone_lookup FROM customers")
        sealed, lookup = connection.execute(query).one()
    migrations.downgrade(empty_url, BEFORE_SEALING)
    with migrations.migration_engine(empty_url).connect() as connection:
        name = connection.scalar(sa.text("SELECT contact_name FROM customers"))

    assert vault().open(bytes(sealed), place_of("customers", "contact_name_sealed", None, CUSTOMER)) == "何佳"
    assert lookup == vault().fingerprint("13800138000", "phone")
    assert name == "何佳"
