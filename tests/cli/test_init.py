"""`portal init`: three links, no password anywhere, and no second chance once they were used."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal.access.roles import OFFICERS
from portal.accounts import queries
from portal.accounts.commands import links
from portal.accounts.commands.links import StrongFactors
from portal.accounts.models import User
from portal.accounts.passkeys import Credential, cose_key
from portal.audit.models import AuditRecord
from portal.cli.main import cli
from portal.core import database as databases
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.errors import NotFound
from portal.core.installation import mark_as_demo
from tests.conftest import SECRET
from tests.world.authenticator import Authenticator
from tests.world.cast import LASTS, PASSWORD_HASH


@pytest.fixture
def installation(environment: Path, empty_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("PORTAL_DATABASE_URL", empty_url)
    (environment / "secret").write_bytes(SECRET)  # the process goes on with it after this test
    (environment / "secret").chmod(0o600)
    return empty_url


def init() -> Result:
    return CliRunner().invoke(cli, ["init"])


def tokens(result: Result) -> dict[str, str]:
    lines = [line.split() for line in result.stdout.splitlines()]
    return {role: link.rpartition("/")[2] for role, _name, link in lines}


def set_up(url: str, token: str) -> None:
    databases.use(Database(url))
    device = Authenticator()
    factors = StrongFactors(PASSWORD_HASH, Credential(device.credential_id, cose_key(device.key.public_key()), 0))
    with platform_session(writes=True) as session:
        link = queries.open_link(session, token)
        links.use_link(Context(session, COMMAND_LINE), link, factors, lasts=LASTS)
        commit(session)
    databases.database().dispose()


def test_three_links_and_no_password(installation: str) -> None:
    result = init()

    assert result.exit_code == 0, result.output
    assert list(tokens(result)) == ["system_admin", "security_admin", "auditor"]
    databases.use(Database(installation))
    with platform_session() as session:
        accounts = session.execute(select(User.staff_role, User.password_hash, User.totp_secret_sealed)).all()
    with system_session(reason="test") as session:
        actors = {row.actor_username for row in session.scalars(select(AuditRecord))}
    databases.database().dispose()
    assert sorted(accounts) == sorted((role.value, None, None) for role in OFFICERS)
    assert actors == {"cli"}


def test_second_run_issues_unused_links_anew_and_leaves_used_accounts_alone(installation: str) -> None:
    first = tokens(init())
    set_up(installation, first["auditor"])

    second = tokens(init())

    assert list(second) == ["system_admin", "security_admin"]
    databases.use(Database(installation))
    with platform_session() as session, pytest.raises(NotFound):
        queries.open_link(session, first["system_admin"])
    databases.database().dispose()


def test_last_run_refuses(installation: str) -> None:
    for token in tokens(init()).values():
        set_up(installation, token)

    result = init()

    assert result.exit_code == 1
    assert "All three officers have set up their accounts" in result.output
    assert "welcome" not in result.output


def test_demo_database_is_refused(installation: str) -> None:
    init()
    made = Database(installation)
    mark_as_demo(made.engine)
    made.dispose()

    result = init()

    assert (result.exit_code, "demo" in result.output) == (1, True)
