import os
import subprocess
import sys

import psycopg
import pytest
from sqlalchemy import create_engine, text

from portal.core.settings import PROJECT_ROOT
from tests.services import needs_service, new_postgresql_database
from tools import services
from tools.services import SERVICES, browser_path, install_command, postgresql_conninfo, program, start_command

CONFTEST = """
from tools.services import SERVICES, Service
SERVICES["teleprinter"] = Service("teleprinter", "telex", lambda: False)
SERVICES["paper"] = Service("paper", "paper", lambda: True)
SERVICES["pen"] = Service("pen", "fountain-pen", lambda: False, lambda: True)
pytest_plugins = ["tests.services"]
"""
TESTS = """
from tests.services import needs_service

@needs_service("teleprinter")
def test_without(): pass

@needs_service("paper")
def test_with(): pass

@needs_service("pen")
def test_with_what_stands_in(): pass
"""


@pytest.mark.parametrize(("ci", "outcome"), [("", "2 passed, 1 skipped"), ("true", "2 passed, 1 error")])
def test_missing_service_skips_its_test_and_fails_it_in_ci(tmp_path, ci, outcome):
    (tmp_path / "conftest.py").write_text(CONFTEST)
    (tmp_path / "test_it.py").write_text(TESTS)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n    needs_service(name): a service\n")

    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-rs", "-p", "no:cacheprovider"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(PROJECT_ROOT), "CI": ci},
        capture_output=True,
        text=True,
        check=False,
    )

    assert outcome in done.stdout.splitlines()[-1]
    assert "teleprinter is not installed: sudo apt-get install -y telex" in done.stdout


def test_install_command_names_every_package():
    assert install_command([SERVICES["redis"], SERVICES["nginx"]]) == "sudo apt-get install -y redis-server nginx-light"


def test_program_is_the_first_that_is_there():
    assert program("no-such-program", "sh") == program("sh")
    assert program("no-such-program") is None


def test_browser_without_windows_comes_before_one_with_them(tmp_path, monkeypatch):
    monkeypatch.setattr(services, "SERVER_FOLDERS", "")
    monkeypatch.setenv("PATH", str(tmp_path))
    paths = []
    for name in ("google-chrome", "chromium", "chromium-headless-shell"):
        (tmp_path / name).touch(0o755)
        paths.append(browser_path())

    assert paths == [str(tmp_path / name) for name in ("google-chrome", "chromium", "chromium-headless-shell")]


@pytest.mark.parametrize(("ci", "careless"), [("", []), ("true", ["-o", "-c fsync=off"])])
def test_cluster_that_holds_more_than_a_run_is_started_as_it_is_set_up(monkeypatch, ci, careless):
    monkeypatch.setenv("CI", ci)

    command = start_command("15", "main")

    assert command == ["pg_ctlcluster", "--skip-systemctl-redirect", *careless, "15", "main", "start"]


@needs_service("postgresql")
def test_new_database_is_empty_its_own_and_gone_afterwards():
    with new_postgresql_database() as first, new_postgresql_database() as second:
        engine = create_engine(first)
        with engine.begin() as connection:
            connection.execute(text("CREATE TABLE here (id int)"))
            tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"))
        engine.dispose()

    conninfo = postgresql_conninfo()
    assert conninfo is not None
    with psycopg.connect(conninfo) as server:
        left = server.execute(
            "SELECT datname FROM pg_database WHERE datname = ANY(%s)",
            [[first.rpartition("/")[2], second.rpartition("/")[2]]],
        ).fetchall()
    assert first != second
    assert tables == 1
    assert left == []
