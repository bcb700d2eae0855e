"""`portal keys` on the command line."""

import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal.cli import migrations
from portal.cli.main import cli
from portal.core.secret_file import KeyFile


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["keys", *arguments], catch_exceptions=False)


@pytest.fixture
def file(environment, empty_url, monkeypatch) -> KeyFile:
    monkeypatch.setenv("PORTAL_DATABASE_URL", empty_url)
    migrations.upgrade(empty_url)
    return KeyFile(environment / "secret")


def test_rotation_adds_an_active_key_and_the_list_says_so(file):
    before = run("list")

    rotated = run("rotate")
    after = run("list")

    assert re.fullmatch(r"[0-9a-f]{8}  active  since the beginning +seals \d+ values\n", before.output)
    assert rotated.stdout.startswith(f"{file.ring().active.id} is active, also for what runs. Back up {file.path} now")
    assert [line.split()[1] for line in after.output.splitlines()] == ["active", "old"]


def test_key_goes_only_when_it_may(file):
    run("rotate")
    old = file.ring().keys[0].id

    at_once = run("retire", old)
    active = run("retire", file.ring().active.id)

    assert (at_once.exit_code, active.exit_code) == (1, 1)
    assert "Error: The last rotation was just now" in at_once.output
    assert "is the active key: rotate first." in active.output


def test_list_names_a_key_that_is_lost(file, empty_url):
    run("list")
    with migrations.migration_engine(empty_url).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO customers (id, name, industry_code, contact_phone_sealed, created_at, version) VALUES "
                "('01990000-0000-7000-8000-000000000001', '客户', '1401001', :sealed, '2026-01-01 00:00:00', 1)"
            ),
            {"sealed": b"\x01\x02\x03\x04" + b"x" * 40},
        )

    result = run("list")

    assert result.exit_code == 1
    assert "01020304  LOST    1 values cannot be opened: bring this key back" in result.output


def test_foreign_keys_are_told_in_a_sentence(file):
    run("list")
    file.path.write_bytes(b"w" * 32)

    result = run("rotate")

    assert result.exit_code == 1
    assert result.output.startswith(f"Error: The keys in PORTAL_SECRET_FILE={file.path} do not open this database")
    assert file.path.read_bytes() == b"w" * 32
