"""`portal keys` on the command line."""

import json
import re
import stat

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal.cli import migrations
from portal.cli.main import cli
from portal.core.secret_file import KeyFile
from portal.releases.signing.jws import new_private_jwk


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["keys", *arguments], catch_exceptions=False)


@pytest.fixture
def file(environment, migrated_url, monkeypatch) -> KeyFile:
    monkeypatch.setenv("PORTAL_DATABASE_URL", migrated_url)
    return KeyFile(environment / "secret")


def test_rotation_adds_an_active_key_and_the_list_says_so(file):
    before = run("list")

    rotated = run("rotate")
    after = run("list")

    assert re.fullmatch(r"[0-9a-f]{8}  active  since the beginning +seals \d+ values", before.output.splitlines()[0])
    assert before.output.splitlines()[1] == "no root key: run `portal keys root FILE`"
    assert rotated.stdout.startswith(f"{file.ring().active.id} is active, also for what runs. Back up {file.path} now")
    assert [line.split()[1] for line in after.output.splitlines()[:2]] == ["active", "old"]


def test_key_goes_only_when_it_may(file):
    run("rotate")
    old = file.ring().keys[0].id

    at_once = run("retire", old)
    active = run("retire", file.ring().active.id)

    assert (at_once.exit_code, active.exit_code) == (1, 1)
    assert "Error: The last rotation was just now" in at_once.output
    assert "is the active key: rotate first." in active.output


def test_list_names_a_key_that_is_lost(file, migrated_url):
    run("list")
    with migrations.migration_engine(migrated_url).begin() as connection:
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


def test_root_key_is_handed_out_once_and_signs_what_follows(file, environment):
    root = environment / "root.json"

    made, shown, again = run("root", str(root)), run("show-root"), run("root", str(environment / "another.json"))
    rotated = run("rotate", "--release", "--root", str(root))
    listed = run("list").output

    private = json.loads(root.read_text())
    assert (made.exit_code, rotated.exit_code, again.exit_code) == (0, 0, 1)
    assert json.loads(shown.output) == {name: value for name, value in private.items() if name != "d"}
    assert stat.S_IMODE(root.stat().st_mode) == 0o600
    assert not (environment / "another.json").exists()
    assert [line.split()[1] for line in listed.splitlines()[1:6]] == ["active", "active", "listed", "listed", "root"]
    assert "list of release keys: version 2, signed" in listed.splitlines()


def test_root_key_is_replaced_by_one_that_the_old_one_vouches_for(file, environment):
    old, new, third = (environment / f"{name}.json" for name in ("old", "new", "third"))
    run("root", str(old))

    replaced, by_the_old_again = run("root", str(new), "--old", str(old)), run("root", str(third), "--old", str(old))
    over_a_file = run("root", str(old), "--old", str(new))
    rotated = run("rotate", "--release", "--root", str(new))

    kid = json.loads(new.read_text())["kid"]
    assert (replaced.exit_code, by_the_old_again.exit_code, over_a_file.exit_code, rotated.exit_code) == (0, 1, 1, 0)
    assert not third.exists()
    assert json.loads(run("show-root").output)["kid"] == kid
    assert [line for line in run("list").output.splitlines() if "root" in line] == [
        f"{kid}  root     its private part is not here"
    ]


def test_key_of_the_log_is_rotated_and_listed(file):
    run("rotate")  # so that the log has a record, and with it a key

    rotated = run("rotate", "--audit")

    lines = [line.split() for line in run("list").output.splitlines() if "zone-portal/audit/" in line]
    assert rotated.exit_code == 0
    assert [line[1] for line in lines] == ["audit", "retired"]
    assert rotated.output.split()[0] == lines[0][0]
    assert run("list").output.splitlines()[-1] == "keys of records: 1 in use, 0 destroyed"
    assert run("rotate", "--audit", "--release").exit_code == 2


def test_revoking_needs_the_root_key_and_a_key_that_is_there(file, environment):
    root, stranger = environment / "root.json", environment / "stranger.json"
    run("root", str(root))
    stranger.write_text(json.dumps(new_private_jwk("Ed25519")))
    kid = run("list").output.splitlines()[1].split()[0]

    by_stranger = run("revoke", kid, "--root", str(stranger), "--reason", "x")
    unknown = run("revoke", "x" * 43, "--root", str(root), "--reason", "x")
    done = run("revoke", kid, "--root", str(root), "--reason", "stolen")
    without_root = run("rotate", "--release")

    assert (by_stranger.exit_code, unknown.exit_code, done.exit_code, without_root.exit_code) == (1, 1, 0, 2)
    assert "boxes rely on" in by_stranger.output
    assert "There is no release key" in unknown.output
    assert done.output.startswith(f"{kid} is revoked. New keys: ")
    assert kid in json.loads((environment / "pub" / "keys.json").read_text())["revoked"]


@pytest.mark.parametrize("kid", ["-" + "x" * 42, "--" + "x" * 41])
def test_key_whose_name_begins_with_a_dash_is_looked_up(file, environment, kid):
    root = environment / "root.json"
    run("root", str(root))

    result = run("revoke", kid, "--root", str(root), "--reason", "x")

    assert (result.exit_code, "There is no release key" in result.output) == (1, True)


def test_root_key_is_not_written_over_a_file(file, environment):
    (environment / "root.json").write_text("mine")

    result = run("root", str(environment / "root.json"))

    assert result.exit_code == 1
    assert "cannot be written" in result.output
    assert (environment / "root.json").read_text() == "mine"
    assert run("show-root").exit_code == 1
