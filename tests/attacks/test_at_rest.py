"""Whoever carries the database's file away: everything secret and personal that people and boxes sent, looked for in its bytes."""

from pathlib import Path

import pytest
from flask import Flask

from portal.core import crypto
from portal.core.database import Database
from tests.accounts.test_links_and_own import first_link
from tests.accounts.test_recovery import make_for
from tests.accounts.test_sign_in_views import cookie, sign_in
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, TOTP_SECRET, Cast
from tests.world.fleet import OTHER_PHONE, job_for, new_box

CUSTOMER = {"phone of a contact": "13712345678", "name of a contact": "赵敏敏"}


def add_customer(app: Flask, cast: Cast) -> None:
    phone, name = CUSTOMER.values()
    typed = {"name": "云栖新客户", "industry_code": "1401001", "contact_name": name, "contact_phone": phone}
    assert Browser(app, cast.operator).post("/center/customers/new", {**typed, "version": "0"}).status_code == 303


def sent(app: Flask, cast: Cast) -> dict[str, str]:
    """What a day brings: a sign-in, a link, recovery codes, a customer, an installer with a box; each by what it is."""
    client = app.test_client()
    assert sign_in(client, cast.yunqi.admin).status_code == 302
    add_customer(app, cast)
    job_for(cast.yunqi.tenant, phone=OTHER_PHONE)
    box = new_box(app)
    assert box.bind(cast.yunqi.tenant.enterprise_id, OTHER_PHONE).status == 201
    codes = make_for(cast.yunqi.admin)
    return {
        **CUSTOMER,
        "password": PASSWORD,
        "seed of a token": TOTP_SECRET,
        "token of a session": cookie(client)[2:],
        "token of a link": first_link(),
        "token of a box": str(box.token),
        "recovery code": codes[0],
        "recovery code without signs between": codes[0].replace("-", ""),
        "phone of an installer": OTHER_PHONE,
    }


def found(sqlite: Database, secrets: dict[str, str]) -> set[str]:
    """What of all that stands in the file, in its journal, or in what is left of rows that are gone."""
    path = str(sqlite.url.database)
    files = [Path(path + ending) for ending in ("", "-wal", "-shm")]
    data = b"".join(file.read_bytes() for file in files if file.exists())
    return {what for what, secret in secrets.items() if secret.encode() in data or secret.encode("utf-16-le") in data}


def test_file_that_is_carried_away_tells_nothing(app: Flask, cast: Cast, sqlite: Database) -> None:
    assert found(sqlite, sent(app, cast)) == set()


def test_value_that_is_not_sealed_would_be_seen(
    app: Flask, cast: Cast, sqlite: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: what is to be sealed is written as it is."""
    monkeypatch.setattr(crypto.Vault, "seal", lambda _vault, value, _place: value.encode())

    add_customer(app, cast)

    assert found(sqlite, CUSTOMER) == set(CUSTOMER)
