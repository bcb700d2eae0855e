"""`portal user add`, as the command line runs it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from portal.accounts.cli import user
from portal.accounts.models import Membership, User
from portal.audit.models import AuditRecord
from portal.core import database as databases
from portal.core.database import platform_session, system_session
from tests.conftest import SECRET
from tests.world.cast import Cast


@pytest.fixture
def environ(cast: Cast, sqlite: databases.Database, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    return {
        "PORTAL_INSTANCE_DIR": str(tmp_path),
        "PORTAL_DATABASE_URL": str(sqlite.url),
        "PORTAL_BASE_URL": "http://portal.localhost:8000",
    }


def add(environ: dict[str, str], *arguments: str) -> Result:
    result = CliRunner().invoke(user, ["add", *arguments], env=environ)
    databases.database().dispose()
    return result


def stored(username: str) -> User | None:
    with platform_session() as session:
        return session.scalars(select(User).where(User.username == username)).one_or_none()


def test_staff_account_is_opened_and_its_link_printed(environ: dict[str, str]) -> None:
    result = add(environ, "zhejiang", "--name", "浙江", "--role", "province", "--province", "33")

    created = stored("zhejiang")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("http://portal.localhost:8000/welcome/")
    assert created is not None
    assert (created.staff_role, created.province_code, created.password_hash) == ("province", "33", None)


def test_account_is_recorded_as_done_by_the_command_line(environ: dict[str, str]) -> None:
    add(environ, "helper", "--name", "客服", "--role", "center_support")

    with system_session(reason="test") as session:
        rows = session.scalars(select(AuditRecord).order_by(AuditRecord.seq.desc()).limit(2)).all()
    assert [(row.event, row.actor_username) for row in rows] == [
        ("account.link_issued", "cli"),
        ("account.user_created", "cli"),
    ]


def test_member_is_added_to_the_enterprise(environ: dict[str, str], cast: Cast) -> None:
    enterprise = cast.yunqi.tenant.enterprise_id

    result = add(
        environ, "lin", "--name", "林晓", "--role", "group_editor", "--enterprise", enterprise, "--group", "湖滨店"
    )

    created = stored("lin")
    assert result.exit_code == 0, result.output
    assert created is not None
    with system_session(reason="test") as session:
        row = session.scalars(select(Membership).where(Membership.user_id == created.id)).one()
    assert (row.tenant_id, row.role, row.group_id) == (cast.yunqi.tenant.id, "group_editor", cast.yunqi.shop)


def test_existing_member_of_another_enterprise_joins_without_a_link(environ: dict[str, str], cast: Cast) -> None:
    result = add(
        environ, "bob", "--name", "", "--role", "tenant_editor", "--enterprise", cast.yunqi.tenant.enterprise_id
    )

    assert result.stdout == "bob had an account already and is now a member.\n"


@pytest.mark.parametrize("role", ["system_admin", "security_admin", "auditor"])
def test_officer_is_refused_once_all_three_exist(environ: dict[str, str], role: str) -> None:
    result = add(environ, "one-more", "--name", "又一名", "--role", role)

    assert (result.exit_code, stored("one-more")) == (1, None)
    assert "三名管理员都已设立" in result.output


@pytest.mark.parametrize(
    "arguments",
    [
        ("x y", "--name", "n", "--role", "center_support"),
        ("alice", "--name", "n", "--role", "center_support"),
        ("helper", "--name", "n", "--role", "province"),
        ("helper", "--name", "n", "--role", "tenant_admin"),
        ("helper", "--name", "n", "--role", "tenant_admin", "--enterprise", "123456789012"),
        ("helper", "--name", "n", "--role", "cli"),
    ],
)
def test_wrong_call_says_why_and_opens_nothing(environ: dict[str, str], arguments: tuple[str, ...]) -> None:
    result = add(environ, *arguments)

    assert result.exit_code in {1, 2}
    assert "Error: " in result.output
    assert stored("helper") is None


@pytest.mark.parametrize(
    ("username", "code", "said"),
    [
        ("security_admin", 0, "http://portal.localhost:8000/welcome/"),
        ("auditor", 1, "管理员任免"),
        ("alice", 1, "no officer"),
    ],
)
def test_only_holder_of_an_office_is_recovered(
    environ: dict[str, str], cast: Cast, username: str, code: int, said: str
) -> None:
    name = getattr(cast, username).username if hasattr(cast, username) else username

    result = CliRunner().invoke(user, ["recover", name, "--reason", "钥匙丢了"], env=environ)
    databases.database().dispose()

    assert (result.exit_code, said in result.output) == (code, True), result.output
