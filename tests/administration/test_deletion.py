"""Deleting an enterprise: two people, a week, and then nothing of it is left but its records, whole and unreadable."""

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import MetaData, Table, func, select

from portal.access.acl import ROOT, Acl, Effect, Subject
from portal.access.models import AccessList
from portal.access.roles import Role
from portal.accounts.commands.members import add_member
from portal.accounts.models import User
from portal.administration.commands.entries import NewEntry, add_entry
from portal.administration.deletion import belonging, commands, ledger, replaying, wiping
from portal.administration.deletion.states import DeletionState
from portal.audit import checkpoints
from portal.audit.models import AuditKey, AuditRecord
from portal.audit.verify.run import verify_log
from portal.cli.backup.databases import dump
from portal.cli.metadata import load_metadata
from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.core import clock, unit_of_work
from portal.core import database as databases
from portal.core.context import COMMAND_LINE, Context, TenantRef
from portal.core.database import Database, commit, platform_session, system_session, tenant_session
from portal.core.errors import Conflict, Invalid, PortalError, Refused
from portal.core.models import Base
from portal.core.tenancy import INFRASTRUCTURE, fenced_tables
from portal.media import storage
from portal.media.states import Purpose
from portal.orders.commands import changing
from portal.orders.commands.ordering import order
from portal.orders.queries import current_subscription
from portal.orders.requests import OrderRequest
from portal.releases import site
from portal.releases.publisher import repair
from portal.tenants.models import Channel, Tenant, TenantDeletion
from portal.tenants.queries import find_tenant
from tests.world import building, packages
from tests.world.airing import desk_of
from tests.world.building import HOTEL, add_picture, build_tenant, build_user, in_tenant

NOW = datetime(2026, 3, 10, 4, tzinfo=UTC)
ENDED = datetime(2026, 4, 2, 4, tzinfo=UTC)
DUE = ENDED + commands.WAITING_TIME + timedelta(minutes=1)


@dataclass
class World:
    """An enterprise that has ended with everything it had, and one of the same shape that goes on."""

    database: Database
    gone: TenantRef
    stays: TenantRef
    operator: str
    admin: str
    folder: Path

    def deletion(self) -> TenantDeletion:
        with platform_session() as session:
            return (
                session.scalars(select(TenantDeletion).order_by(TenantDeletion.id.desc())).first() or TenantDeletion()
            )

    def ask(self, typed: str | None = None) -> None:
        who = building.actor(Role.CENTER_OPERATOR, self.operator)  # type: ignore[arg-type]
        in_tenant(self.gone, lambda ctx: commands.ask_for_deletion(ctx, "合同到期", typed or self.gone.name), who)

    def withdraw(self) -> None:
        in_tenant(self.gone, commands.withdraw_deletion, building.actor(Role.CENTER_OPERATOR, self.operator))  # type: ignore[arg-type]

    def confirm(self, user_id: str | None = None, typed: str | None = None) -> None:
        with platform_session(writes=True) as session:
            ctx = Context(session, building.actor(Role.SYSTEM_ADMIN, user_id or self.admin))  # type: ignore[arg-type]
            commands.confirm_deletion(ctx, self.deletion().id, typed or self.gone.enterprise_id)
            commit(session)

    def age_files(self) -> None:
        """Files of a week ago, as those of an enterprise that ended are."""
        for path in self.folder.rglob("*"):
            os.utime(path, (1_700_000_000, 1_700_000_000))


def _enterprise(name: str, person: str, shared: str) -> TenantRef:
    tenant = build_tenant(name, package=HOTEL)
    desk = desk_of(tenant)
    picture = add_picture(tenant, Purpose.LOGO, (len(person), 90, 100))
    add_picture(tenant, Purpose.LOGO, (7, 7, 7))
    logo = in_tenant(tenant, lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": picture})), desk.editor)
    desk.put_on_air(desk.save("欢迎"), logo)
    in_tenant(tenant, lambda ctx: add_member(ctx, person, "某人", Role.TENANT_ADMIN))
    in_tenant(tenant, lambda ctx: add_member(ctx, shared, "两家的人", Role.TENANT_EDITOR))
    deny = NewEntry(ROOT, "content:edit", Effect.DENY, Subject("role", Role.GROUP_EDITOR))
    in_tenant(
        tenant,
        lambda ctx: add_entry(ctx, Acl.INFORMATION, deny),
        building.actor(Role.TENANT_ADMIN, build_user(f"a-{person}"), tenant),
    )
    return tenant


def _enable(username: str) -> None:
    with platform_session(writes=True) as session:
        session.scalars(select(User).where(User.username == username)).one().password_hash = "set"
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


@pytest.fixture
def world(database: Database, tmp_path: Path) -> Iterator[World]:
    site.configure(tmp_path / "pub")
    storage.use(storage.FolderStorage(tmp_path / "media"))
    checkpoints.configure(tmp_path / "checkpoints")
    ledger.configure(tmp_path / "deletions.jsonl")
    with time_machine.travel(NOW, tick=False):
        building.add_provinces()
        gone = _enterprise("云栖酒店集团(全国酒店)", "alice", "both")
        _enable("both")
        stays = _enterprise("江州医院(全国医院)", "bob", "both")
        subscription = packages.subscription_of(gone)
        in_tenant(gone, lambda ctx: changing.cancel(ctx, subscription))
        made = World(database, gone, stays, build_user("operator"), build_user("sysadmin"), tmp_path / "media")
    made.age_files()
    with time_machine.travel(ENDED, tick=False) as travelling:
        made.travel = travelling.move_to  # type: ignore[attr-defined]
        yield made


def wait_a_week(world: World) -> None:
    world.travel(DUE, tick=False)  # type: ignore[attr-defined]


def confirmed(world: World) -> None:
    world.ask()
    world.confirm()
    wait_a_week(world)


def counts(tenant: TenantRef) -> dict[str, int]:
    """How many rows of a tenant every table holds, the log left out."""
    with system_session(reason="test") as session:
        found = {}
        for table in Base.metadata.sorted_tables:
            if "tenant_id" in table.c and table.name not in belonging.log_tables() | belonging.KEPT:
                rows = select(func.count()).select_from(table).where(table.c.tenant_id == tenant.id)
                found[table.name] = session.scalar(rows, execution_options={INFRASTRUCTURE: True})
        return {name: count for name, count in found.items() if count}


def files(folder: Path) -> set[str]:
    return {
        str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file() and ".locks" not in path.parts
    }


def users() -> dict[str, str]:
    with platform_session() as session:
        return dict(session.execute(select(User.username, User.display_name)).all())


def assert_gone(world: World) -> None:
    with platform_session() as session:
        row = session.scalars(select(TenantDeletion)).one()
        assert (row.state, row.name, row.reason, row.user_ids) == ("done", "", "", [])
        assert session.get(Tenant, world.gone.id) is None
        key = session.scalars(select(AuditKey).where(AuditKey.holder == world.gone.id)).one()
        assert key.secret_sealed is None
        assert session.get(AccessList, f"information:{world.gone.id}") is None
        assert find_tenant(session, world.gone.enterprise_id) is None
    assert counts(world.gone) == {}
    assert [entry.tenant_id for entry in ledger.entries()] == [world.gone.id]
    assert "alice" not in users()
    assert users()["bob"] == "某人"
    assert users()["both"] == "两家的人"


def test_nothing_is_left_but_records_that_nobody_can_read(world: World) -> None:
    kept, media, published = counts(world.stays), files(world.folder), files(site.site().root)
    checkpoint = checkpoints.take_checkpoint()
    confirmed(world)

    assert wiping.wipe_due() == 1

    assert_gone(world)
    assert counts(world.stays) == kept
    report = verify_log(stamps=True)
    assert report.findings == ()
    assert report.checkpoints == 1
    assert checkpoint is not None
    with system_session(reason="test") as session:
        own = session.scalars(select(AuditRecord).where(AuditRecord.tenant_id == world.gone.id)).all()
    assert len(own) > 10
    assert {record.opened.is_readable for record in own} == {False}
    assert {record.actor_name for record in own} == {""}
    gone_media = media - files(world.folder)
    assert len(gone_media) >= 2
    with tenant_session(world.stays.id) as session:
        channels = set(session.scalars(select(Channel.channel)))
    assert {path for path in files(site.site().root) if path.startswith("channels/")} == {
        path for path in published if path.split("/")[:1] == ["channels"] and path.split("/")[1] in channels
    }
    assert repair(world.stays.id) == 0


def test_file_that_another_tenant_has_too_stays(world: World) -> None:
    with system_session(reason="test") as session:
        table = Base.metadata.tables["media_assets"]
        wanted = select(table.c.sha256).where(table.c.tenant_id == world.stays.id)
        held = list(session.scalars(wanted, execution_options={INFRASTRUCTURE: True}))
    confirmed(world)

    wiping.wipe_due()

    assert {storage.storage().exists(sha256) for sha256 in held} == {True}


def test_two_people_are_needed(world: World) -> None:
    world.ask()

    with pytest.raises(Refused, match="提请的人不能自己确认"):
        world.confirm(user_id=world.operator)
    with pytest.raises(Invalid):
        world.confirm(typed="123")
    world.travel(DUE, tick=False)  # type: ignore[attr-defined]
    assert wiping.wipe_due() == 0
    assert counts(world.gone) != {}


def test_only_an_ended_enterprise_is_deleted(world: World) -> None:
    world.travel(NOW, tick=False)  # type: ignore[attr-defined]

    with pytest.raises(Refused, match="全部终止"):
        world.ask()


def test_name_has_to_be_typed(world: World) -> None:
    with pytest.raises(Invalid):
        world.ask(typed="别的企业")


def test_it_can_be_taken_back_for_a_week(world: World) -> None:
    before = counts(world.gone)
    world.ask()
    world.confirm()

    world.withdraw()
    wait_a_week(world)

    assert wiping.wipe_due() == 0
    assert world.deletion().state == DeletionState.WITHDRAWN
    assert counts(world.gone).items() >= {key: before[key] for key in ("memberships", "releases")}.items()
    with pytest.raises(Conflict):
        world.withdraw()
    world.ask()  # and asked for again


def test_enterprise_that_ordered_again_is_not_deleted(world: World) -> None:
    world.ask()
    world.confirm()
    wanted = OrderRequest(building.offering_code(HOTEL), 5, customer_class="enterprise", industry_code="1401001")
    in_tenant(world.gone, lambda ctx: order(ctx, wanted))
    wait_a_week(world)

    assert wiping.wipe_due() == 0

    assert world.deletion().state == DeletionState.WITHDRAWN
    with tenant_session(world.gone.id) as session:
        assert current_subscription(session, world.gone.id, clock.now()) is not None


class Killed(BaseException):
    """The process ends here."""


def test_killed_process_makes_it_only_late(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed at one point after the other, it goes on from there each time, and the tenant is never seen again."""
    confirmed(world)

    for point in wiping.POINTS:
        wipe_killed_at(point, monkeypatch)
        with platform_session() as session:
            assert find_tenant(session, world.gone.enterprise_id) is None

    assert wiping.wipe_due() == 0  # the last point lies after everything
    assert_gone(world)
    assert verify_log(stamps=True).findings == ()


def wipe_killed_at(point: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(wiping, "fault_point", partial(_kill_at, point))
        with pytest.raises(Killed):
            wiping.wipe_due()


def _kill_at(point: str, name: str) -> None:
    if name == point:
        raise Killed


def test_killed_between_tables_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    confirmed(world)
    calls = []
    real = wiping._delete  # noqa: SLF001 - between any two of them the process may end

    def delete(*given: object) -> int:
        calls.append(given)
        if len(calls) == 9:
            raise Killed
        return real(*given)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(wiping, "_delete", delete)
        with pytest.raises(Killed):
            wiping.wipe_due()

    assert wiping.wipe_due() == 1
    assert_gone(world)


# put back as a file, as only SQLite can be; tests/cli/test_backup.py restores either
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_restored_database_loses_the_enterprise_again(world: World, tmp_path: Path) -> None:
    backup = tmp_path / "backup.db"
    dump(str(world.database.url), backup)
    confirmed(world)
    wiping.wipe_due()

    world.database.dispose()
    shutil.copyfile(backup, str(world.database.url.database))
    assert counts(world.gone) != {}

    assert replaying.replay_ledger(COMMAND_LINE) == 1
    assert_gone(world)
    assert replaying.replay_ledger(COMMAND_LINE) == 0


def test_forged_line_of_the_ledger_deletes_nobody(world: World) -> None:
    ledger.path().write_text(
        f'{{"at":"2026-01-01","enterprise_id":"{world.stays.enterprise_id}","mac":"{"0" * 64}","tenant_id":"{world.stays.id}"}}\nno\n'
    )

    assert replaying.replay_ledger() == 0
    assert counts(world.stays) != {}


def test_publication_is_not_written_for_a_closed_tenant(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Planted: a repair that runs while the enterprise is being wiped would bring its pointers back."""
    confirmed(world)

    wipe_killed_at("deletion.4-files-gone", monkeypatch)

    assert repair(world.gone.id) == 0


def test_person_whom_other_tenants_texts_name_loses_the_name(world: World) -> None:
    with platform_session() as session:
        alice = session.scalars(select(User.id).where(User.username == "alice")).one()
    author = building.actor(Role.TENANT_EDITOR, alice, world.stays)  # type: ignore[arg-type]
    building.add_marquee(world.stays, "她写的", author)
    confirmed(world)

    wiping.wipe_due()

    with platform_session() as session:
        row = session.get_one(User, alice)
    assert (row.username, row.display_name, row.password_hash) == (f"deleted-{alice}", "已删除", None)
    assert row.disabled_at is not None


# What names no tenant and hangs on none, by decision: the platform's own. A new table has to be looked at.
PLATFORM = {
    "access_entries", "access_lists", "audit_checkpoints", "audit_head", "audit_keys", "box_refusals", "box_spent_proofs",
    "captcha_challenges", "certificate_authorities", "customers",
    "installation_facts", "key_sets", "module_policies", "provinces", "release_keys", "role_levels", "role_policies",
    "root_keys", "sign_in_attempts", "spent_challenges", "staff_groups",
}  # fmt: skip


def test_every_table_is_looked_at() -> None:
    """A new table is wiped by what its foreign keys say, or somebody has said here that it holds nothing of a tenant."""
    load_metadata()
    wiped = {table.name for table in belonging.tenant_tables()}
    registries = {table.name for table, _condition in belonging.platform_rows("0" * 8, ["x"])}
    every = set(Base.metadata.tables)

    assert belonging.log_tables() == {"audit_records", "audit_personal_signatures"}
    assert every - wiped - registries - belonging.log_tables() - belonging.KEPT == PLATFORM
    assert wiped | belonging.log_tables() == {table.name for table in fenced_tables()}


def test_planted_table_that_names_a_tenant_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import Column, ForeignKey

    from portal.core.models import Id

    load_metadata()
    planted = MetaData()
    for table in Base.metadata.sorted_tables:
        table.to_metadata(planted)
    Table("planted", planted, Column("id", Id, primary_key=True), Column("tenant_id", Id, ForeignKey("tenants.id")))
    Table(
        "hanging",
        planted,
        Column("id", Id, primary_key=True),
        Column("of", Id, ForeignKey("planted.id"), nullable=False),
    )
    monkeypatch.setattr(Base, "metadata", planted)
    monkeypatch.setattr(belonging, "fenced_tables", lambda: {planted.tables[one.name] for one in fenced_tables()})

    found = [table.name for table, _condition in belonging.platform_rows("0" * 8, [])]

    assert found.index("hanging") < found.index("planted") < found.index("tenants")


def test_everything_stays_refused_to_others(world: World) -> None:
    attempts = (
        (
            building.actor(Role.CENTER_REVIEWER, world.operator),
            partial(commands.ask_for_deletion, reason="x", typed=world.gone.name),
        ),  # type: ignore[arg-type]
        (
            building.actor(Role.TENANT_ADMIN, world.operator, world.gone),
            partial(commands.ask_for_deletion, reason="x", typed=world.gone.name),
        ),  # type: ignore[arg-type]
    )
    for who, act in attempts:
        with pytest.raises(PortalError):
            in_tenant(world.gone, act, who)
    assert databases.database() is world.database
