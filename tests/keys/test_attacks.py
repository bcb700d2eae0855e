"""Ciphertext moved, cut or changed by raw SQL: it opens nowhere, people get a sentence, and the auditor is told."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Table, select

from portal.accounts.models import User
from portal.audit.models import AuditRecord
from portal.cli.metadata import load_metadata
from portal.core import clock, crypto
from portal.core.crypto import SealBroken
from portal.core.database import Database, platform_session, system_session
from portal.core.ids import new_id
from portal.keys.queries import SealedColumn, sealed_columns
from portal.tenants.models import Customer
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast, code_now

load_metadata()  # the sealed columns of every room, whichever tests run
PHONES = ("13800138000", "13900139000")
CUSTOMERS: Table = Customer.__table__  # type: ignore[assignment]
USERS: Table = User.__table__  # type: ignore[assignment]


def stored(database: Database, table: Table, row_id: str, column: str) -> bytes:
    with database.engine.connect() as connection:
        return bytes(connection.execute(select(table.c[column]).where(table.c.id == row_id)).scalar_one())


def overwrite(database: Database, table: Table, row_id: str, **values: bytes | None) -> None:
    with database.engine.begin() as connection:
        changed = connection.execute(table.update().where(table.c.id == row_id).values(**values))
    assert changed.rowcount == 1


def two_customers(database: Database) -> list[str]:
    made = []
    with database.engine.begin() as connection:
        for number, phone in enumerate(PHONES):
            row = Customer(
                id=new_id(), name=f"客户{number}", industry_code="1401001", created_at=clock.now(), version=1
            )
            row.contact_name, row.contact_phone = f"联系人{number}", phone
            given = {name: value for name, value in vars(row).items() if not name.startswith("_")}
            connection.execute(CUSTOMERS.insert().values(**given))
            made.append(row.id)
    return made


def phone_of(customer_id: str) -> str | None:
    with platform_session() as session:
        return session.get_one(Customer, customer_id).contact_phone


def exchange_rows(database: Database, one: str, other: str) -> None:
    mine, theirs = (stored(database, CUSTOMERS, row, "contact_phone_sealed") for row in (one, other))
    overwrite(database, CUSTOMERS, one, contact_phone_sealed=theirs)
    overwrite(database, CUSTOMERS, other, contact_phone_sealed=mine)


def exchange_columns(database: Database, one: str, _other: str) -> None:
    name, phone = (stored(database, CUSTOMERS, one, f"contact_{which}_sealed") for which in ("name", "phone"))
    overwrite(database, CUSTOMERS, one, contact_name_sealed=phone, contact_phone_sealed=name)


def changed(change: Callable[[bytes], bytes]) -> Callable[[Database, str, str], None]:
    def attack(database: Database, one: str, _other: str) -> None:
        sealed = stored(database, CUSTOMERS, one, "contact_phone_sealed")
        overwrite(database, CUSTOMERS, one, contact_phone_sealed=change(sealed))

    return attack


ATTACKS = {
    "rows exchanged": exchange_rows,
    "columns exchanged": exchange_columns,
    "cut at the end": changed(lambda sealed: sealed[:-1]),
    "cut to the nonce": changed(lambda sealed: sealed[:16]),
    "cut to the key's id": changed(lambda sealed: sealed[:4]),
    "nothing left": changed(lambda _sealed: b""),
    "bit of the key's id": changed(lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:]),
    "bit of the nonce": changed(lambda sealed: sealed[:5] + bytes([sealed[5] ^ 128]) + sealed[6:]),
    "bit of the text": changed(lambda sealed: sealed[:16] + bytes([sealed[16] ^ 1]) + sealed[17:]),
    "bit of the tag": changed(lambda sealed: sealed[:-1] + bytes([sealed[-1] ^ 1])),
    "in clear": changed(lambda _sealed: b"13700137000"),
}


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacked_ciphertext_does_not_open(database: Database, attack: str) -> None:
    one, other = two_customers(database)

    ATTACKS[attack](database, one, other)

    with pytest.raises(SealBroken):
        phone_of(one)


def test_without_the_place_an_exchange_would_not_be_noticed(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The planted fault: were table, column, tenant and row not bound to the text, the test above would fail."""
    monkeypatch.setattr(crypto, "place_of", lambda *_place: "everywhere")
    one, other = two_customers(database)

    exchange_rows(database, one, other)

    assert (phone_of(one), phone_of(other)) == PHONES[::-1]


@pytest.mark.parametrize("sealed", sealed_columns(), ids=lambda sealed: sealed.name)
def test_every_sealed_value_is_bound_to_its_row_and_tenant(sealed: SealedColumn) -> None:
    """Whatever later rooms seal: the same text in another row, or in the same row of another tenant, is another place."""
    tenants = ("t1", "t2") if "tenant_id" in sealed.table.c else (None,)
    rows = [{"tenant_id": tenant, "id": row} for tenant in tenants for row in ("r1", "r2")]

    places = {sealed.place(_Row(row)) for row in rows}  # type: ignore[arg-type]

    assert len(places) == len(rows)


class _Row:
    def __init__(self, values: dict[str, Any]) -> None:
        self._mapping = values


class TestOverHttp:
    def test_page_says_what_is_the_matter_shows_nothing_and_records_it(
        self, cast: Cast, app: Flask, sqlite: Database
    ) -> None:
        one, other = two_customers(sqlite)
        exchange_rows(sqlite, one, other)
        browser = Browser(app, cast.operator)

        page = browser.get("/center/customers")
        document = browser.get(f"/center/customers/{one}", headers={"Accept": "application/json"})

        assert (page.status_code, document.status_code) == (503, 503)
        assert "（customers.contact_phone_sealed）打不开" in page.text
        assert not any(phone in page.text or phone[-4:] in page.text for phone in PHONES)
        assert document.json is not None
        assert document.json["code"] == "seal_broken"
        assert broken_seals() == [("operator", "customers.contact_phone_sealed")] * 2

    def test_stolen_token_of_another_account_signs_nobody_in(self, cast: Cast, app: Flask, sqlite: Database) -> None:
        """Whoever can write to the database copies the own token's ciphertext into the security administrator's row."""
        own = stored(sqlite, USERS, cast.yunqi.editor.id, "totp_secret_sealed")
        overwrite(sqlite, USERS, cast.security_admin.id, totp_secret_sealed=own)
        client = app.test_client()
        token = client.get("/sign-in").text.split('name="csrf_token" value="')[1].split('"')[0]
        typed = {"username": "security", "password": PASSWORD, "code": code_now(), "csrf_token": token}

        answer = client.post("/sign-in", data=typed)

        assert answer.status_code == 503
        assert "打不开" in answer.text
        assert client.get("/account").status_code == 302
        assert [column for _, column in broken_seals()] == ["users.totp_secret_sealed"]


def broken_seals() -> list[tuple[str, str]]:
    with system_session(reason="a test reads what was recorded") as session:
        rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "system.seal_broken"))
        return [(row.actor_username, row.details["column"]) for row in rows]


class TestPhones:
    def test_whole_number_is_shown_on_request_and_that_is_recorded(
        self, cast: Cast, app: Flask, sqlite: Database
    ) -> None:
        one, _ = two_customers(sqlite)
        browser = Browser(app, cast.operator)

        masked = browser.get("/center/customers").text
        page = browser.post(f"/center/customers/{one}/phone")
        part = browser.post(f"/center/customers/{one}/phone", headers={"HX-Request": "true"})

        assert "138****8000" in masked
        assert PHONES[0] not in masked
        assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
        assert f'href="tel:{PHONES[0]}"' in page.text
        assert PHONES[0] in part.text
        assert "<html" not in part.text
        with system_session(reason="a test reads what was recorded") as session:
            rows = session.scalars(select(AuditRecord).where(AuditRecord.event == "tenant.contact_revealed")).all()
        assert [(row.actor_username, row.target_id, row.details) for row in rows] == [
            ("operator", one, {"fields": ["contact_phone"]})
        ] * 2

    @pytest.mark.parametrize("who", ["reviewer", "auditor", "app_admin", "system_admin"])
    def test_others_are_refused(self, cast: Cast, app: Flask, sqlite: Database, who: str) -> None:
        one, _ = two_customers(sqlite)

        assert Browser(app, getattr(cast, who)).post(f"/center/customers/{one}/phone").status_code == 403

    def test_province_sees_no_contact_of_customers_elsewhere(self, cast: Cast, app: Flask, sqlite: Database) -> None:
        one, _ = two_customers(sqlite)

        assert Browser(app, cast.yunqi.province).post(f"/center/customers/{one}/phone").status_code == 404

    @pytest.mark.parametrize("row", ["made up", "without phone"])
    def test_made_up_customer_and_one_without_phone_are_not_found(self, cast: Cast, app: Flask, row: str) -> None:
        with platform_session() as session:
            known = session.scalars(select(Customer.id)).first()
        path = f"/center/customers/{known if row == 'without phone' else new_id()}/phone"

        assert Browser(app, cast.operator).post(path).status_code == 404
        assert Browser(app, cast.operator).get(path).status_code == 405

    def test_customer_is_found_by_the_whole_number_alone(self, cast: Cast, app: Flask, sqlite: Database) -> None:
        two_customers(sqlite)
        browser = Browser(app, cast.operator)

        found = browser.get(f"/center/customers?q={PHONES[1]}").text
        part = browser.get(f"/center/customers?q={PHONES[1][:7]}").text

        assert ("客户1" in found, "客户0" in found) == (True, False)
        assert "客户1" not in part
