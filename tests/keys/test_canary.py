"""The keys at a start: right ones open the database, wrong or missing ones keep the portal from starting."""

import os
from pathlib import Path

import pytest
from sqlalchemy import text

from portal.cli import migrations
from portal.cli.startup import check_installation
from portal.core import clock, crypto
from portal.core.crypto import Vault
from portal.core.database import Database
from portal.core.settings import Settings, SettingsError, load_settings
from portal.keys import canary
from portal.tenants.models import Customer


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = load_settings({**_without_portal(), "PORTAL_INSTANCE_DIR": str(tmp_path)})
    migrations.upgrade(made.database_url)
    return made


def _without_portal() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}


def test_canary_is_planted_once_and_the_same_keys_start_again(settings: Settings) -> None:
    check_installation(settings)
    check_installation(settings)

    assert canary.stands(migrations.migration_engine(settings.database_url))


def test_wrong_keys_do_not_start(settings: Settings) -> None:
    check_installation(settings)
    settings.secret_file.write_bytes(b"w" * 32)

    with pytest.raises(SettingsError, match="do not open this database"):
        check_installation(settings)


def test_start_that_does_not_try_its_keys_would_be_seen(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: nobody opens the canary."""
    check_installation(settings)
    settings.secret_file.write_bytes(b"w" * 32)
    monkeypatch.setattr(canary, "check", lambda *_: None)

    check_installation(settings)


def test_missing_keys_do_not_start_and_none_are_made_in_their_place(settings: Settings) -> None:
    check_installation(settings)
    settings.secret_file.unlink()

    with pytest.raises(SettingsError, match="does not exist, but this database was sealed with keys"):
        check_installation(settings)

    assert not settings.secret_file.exists()


def test_ring_with_another_secret_does_not_start_although_its_sealing_keys_are_right(settings: Settings) -> None:
    check_installation(settings)
    ring = crypto.vault().ring
    engine = migrations.migration_engine(settings.database_url)

    with pytest.raises(canary.ForeignKeys):
        canary.check(engine, Vault(type(ring)(b"w" * 32, ring.keys)))


def test_database_sealed_before_there_was_a_canary_is_tried_with_a_value(database: Database) -> None:
    row = Customer(name="客户", industry_code="1401001", created_at=clock.now())
    row.contact_phone = "13800138000"
    given = {name: value for name, value in vars(row).items() if not name.startswith("_")}
    with database.engine.begin() as connection:
        connection.execute(Customer.__table__.insert().values(version=1, **given))

    with pytest.raises(canary.ForeignKeys):
        canary.check(database.engine, Vault(b"w" * 32))
    canary.check(database.engine, crypto.vault())

    assert canary.stands(database.engine)


@pytest.mark.parametrize("spoil", ["UPDATE installation_facts SET value = 'AAAA' WHERE name = 'canary'"])
def test_spoilt_canary_does_not_start(settings: Settings, spoil: str) -> None:
    check_installation(settings)
    with migrations.migration_engine(settings.database_url).begin() as connection:
        connection.execute(text(spoil))

    with pytest.raises(SettingsError, match="do not open this database"):
        check_installation(settings)


def test_canary_follows_a_rotation(database: Database) -> None:
    old = Vault(b"s" * 32)
    canary.check(database.engine, old)
    ring = old.ring.with_new_key(clock.now())

    changed = canary.seal_anew(database.engine, Vault(ring)), canary.seal_anew(database.engine, Vault(ring))

    assert changed == (True, False)
    canary.check(database.engine, Vault(ring.without(old.ring.active.id)))
