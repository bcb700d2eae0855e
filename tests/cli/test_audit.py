"""`portal audit`: what it prints, and its three exit codes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import text

from portal.cli.main import cli
from portal.core import database
from tests.conftest import SECRET
from tests.world.log import pending, write


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, ["audit", *arguments], catch_exceptions=False)


@pytest.fixture
def installation(environment: object, migrated_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A migrated installation with three records; returns its folder of checkpoints."""
    monkeypatch.setenv("PORTAL_DATABASE_URL", migrated_url)
    monkeypatch.setenv("PORTAL_AUDIT_DIR", str(tmp_path / "kept"))
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(tmp_path))
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    with opened(migrated_url):
        write(pending(), pending(), pending())
    return tmp_path / "kept"


@contextmanager
def opened(url: str) -> Iterator[database.Database]:
    made = database.Database(url)
    database.use(made)
    yield made
    made.dispose()


def tamper(*statements: str) -> None:
    with opened(os.environ["PORTAL_DATABASE_URL"]) as made, made.engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))


def test_clean_log_exits_with_0(installation: Path) -> None:
    result = run("verify", "--stamps")

    assert (result.exit_code, result.output) == (0, "3 records, 0 checkpoints, every stamp\nclean\n")


def test_checkpoint_is_printed_and_handed_out(installation: Path) -> None:
    result = run("checkpoint")

    kept = installation / "checkpoint-000000000003.txt"
    assert result.exit_code == 0
    assert result.stdout == kept.read_text()
    assert run("verify", "--checkpoint", str(kept)).exit_code == 0


def test_tampered_log_exits_with_1_and_names_the_record(installation: Path) -> None:
    run("checkpoint")
    tamper("UPDATE audit_records SET outcome = 'failed' WHERE seq = 2")

    result = run("verify")

    assert result.exit_code == 1
    assert "TAMPERED record 2 changed:" in result.output


def test_log_cut_with_its_head_is_told_by_the_checkpoint_given(installation: Path, tmp_path: Path) -> None:
    run("checkpoint")
    kept = (installation / "checkpoint-000000000003.txt").rename(tmp_path / "mailed.txt")
    tamper(
        "DELETE FROM audit_records WHERE seq > 2",
        "UPDATE audit_head SET size = 2, peaks = (SELECT substr(nodes, 33, 32) FROM audit_records WHERE seq = 2)",
        "DELETE FROM audit_checkpoints",
    )

    without, given = run("verify", "--stamps"), run("verify", "--checkpoint", str(kept))

    assert without.exit_code == 0
    assert given.exit_code == 1
    assert "TAMPERED record 3 cut off:" in given.output


@pytest.mark.parametrize("content", [None, b"dear auditor", b"\xff\xfe"], ids=["missing", "letter", "bytes"])
def test_what_is_no_checkpoint_exits_with_2(installation: Path, tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "letter"
    if content is not None:
        path.write_bytes(content)

    result = run("verify", "--checkpoint", str(path))

    assert result.exit_code == 2
    assert "could not check" in result.output


def test_lost_secret_exits_with_2_and_makes_no_new_one(installation: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").unlink()

    result = run("verify")

    assert result.exit_code == 2
    assert not (tmp_path / "secret").exists()


def test_unmigrated_database_exits_with_2(environment: object, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PORTAL_DATABASE_URL", f"sqlite:///{tmp_path / 'none.db'}")

    assert run("verify").exit_code == 2
