"""What people do with boxes, command by command, on either database: what changes, what is recorded, what is refused."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from sqlalchemy import event, func, insert, select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.audit.models import AuditRecord
from portal.boxes import letting_in
from portal.boxes.commands.deciding import confirm_request, reject_request, replace_box
from portal.boxes.commands.licensing import bound_boxes
from portal.boxes.commands.managing import move_boxes, name_box, report_stolen, tell_boxes, unbind_box
from portal.boxes.commands.reporting import keep_heartbeat
from portal.boxes.commands.tokens import issue_token
from portal.boxes.entering import enter
from portal.boxes.errors import Unproven
from portal.boxes.jobs import PROOFS_AT_ONCE, forget_leftovers, forget_proofs, forget_reports, forget_tokens
from portal.boxes.models.bound import Box, BoxKey, BoxRequest, BoxSerial, BoxToken
from portal.boxes.models.limiting import Refusals, SpentProof
from portal.boxes.models.reported import BoxStatus, CommandResult, PlayBatch, PlayRow, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.boxes.queries.feeds import Feed
from portal.boxes.queries.proven import Token
from portal.boxes.schemas import Heartbeat
from portal.boxes.states import CommandKind
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import SYSTEM, Actor, Context, TenantRef
from portal.core.database import Database, database, platform_session, system_session, tenant_session
from portal.core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from portal.core.ids import BoxId, GroupId, new_id
from portal.releases import publisher
from portal.tenants.commands.groups import create_group, delete_group
from portal.tenants.models import BoxGroup
from tests.world.building import actor, add_provinces, build_tenant, build_user, in_tenant, root_of
from tests.world.fleet import let_wait, put_box, take_picture
from tests.world.threads import at_once


class World:
    """A tenant with one box, its administrator, and a group to move to."""

    def __init__(self) -> None:
        add_provinces()
        self.tenant: TenantRef = build_tenant("步步鞋业(全国零售)", boxes=2)
        self.admin: Actor = actor(Role.TENANT_ADMIN, build_user("admin"), self.tenant)
        self.root = root_of(self.tenant)
        self.shop = GroupId(in_tenant(self.tenant, lambda ctx: create_group(ctx, self.root, "湖滨店")))
        self.box: BoxId = put_box(self.tenant, self.root, "BOX-1")

    def do(self, command: Any, *arguments: Any, who: Actor | None = None) -> Any:
        """This function will run a command as one request."""
        return in_tenant(self.tenant, lambda ctx: command(ctx, *arguments), who or self.admin)

    def rows(self, model: Any) -> list[Any]:
        """This function will return the rows of a model."""
        with tenant_session(self.tenant.id) as session:
            return list(session.scalars(select(model)))

    @property
    def row(self) -> Any:
        """The box as it is."""
        return next(row for row in self.rows(Box) if row.id == self.box)

    @property
    def licences(self) -> int:
        """How many boxes are counted."""
        with platform_session() as session:
            return bound_boxes(session, self.tenant.id)

    @property
    def last_event(self) -> str:
        """What was recorded last."""
        with system_session(reason="a test looks at the log") as session:
            return str(session.scalars(select(AuditRecord.event).order_by(AuditRecord.seq.desc()).limit(1)).one())


@pytest.fixture
def world(database: Database) -> World:
    return World()


def test_a_name_is_given_and_recorded(world: World) -> None:
    world.do(name_box, world.box, 1, " 1208 ")

    assert (world.row.name, world.last_event) == ("1208", "box.named")
    with pytest.raises(Conflict):
        world.do(name_box, world.box, 1, "1209")
    with pytest.raises(Invalid):
        world.do(name_box, world.box, 2, "x" * 41)
    with pytest.raises(NotFound):
        world.do(name_box, new_id(), 1, "x")


def test_moving_is_one_record_and_moves_nothing_twice(world: World) -> None:
    assert world.do(move_boxes, [world.box], world.shop) == 1
    assert world.do(move_boxes, [world.box], world.shop) == 0

    assert (world.row.group_id, world.last_event) == (world.shop, "box.moved")
    with pytest.raises(NotFound):
        world.do(move_boxes, [world.box], GroupId(new_id()))


def test_unbinding_frees_licence_key_and_serial(world: World) -> None:
    world.do(unbind_box, world.box, 1, "退房")

    assert (world.row.state, world.row.end_reason, world.licences) == ("unbound", "退房", 0)
    assert world.last_event == "box.unbound"
    with platform_session() as session:
        assert session.scalar(select(func.count()).select_from(BoxKey)) == 0
        assert session.scalar(select(func.count()).select_from(BoxSerial)) == 0
    with pytest.raises(Refused):
        world.do(unbind_box, world.box, world.row.version, "again")


def test_theft_keeps_the_registries_and_replaces_the_channel(world: World) -> None:
    before = {row.id: row.channel for row in world.rows(BoxGroup)}

    world.do(report_stolen, world.box, 1, "被偷")

    after = {row.id: row.channel for row in world.rows(BoxGroup)}
    assert (world.row.state, world.licences, world.last_event) == ("stolen", 0, "box.stolen")
    assert after[world.root] != before[world.root]
    assert after[world.shop] == before[world.shop]
    with platform_session() as session:
        assert session.scalar(select(func.count()).select_from(BoxKey)) == 1


def test_theft_replaces_the_channels_of_all_groups_that_the_box_was_in(world: World) -> None:
    """It was told the channel of the first group and may have been told that of the second."""
    world.do(move_boxes, [world.box], world.shop)
    neighbour = GroupId(in_tenant(world.tenant, lambda ctx: create_group(ctx, world.root, "城西店")))
    before = {row.id: row.channel for row in world.rows(BoxGroup)}

    world.do(report_stolen, world.box, world.row.version, "被偷")

    after = {row.id: row.channel for row in world.rows(BoxGroup)}
    assert {group for group, channel in after.items() if channel != before[group]} == {world.root, world.shop}
    assert after[neighbour] == before[neighbour]


def test_a_box_that_is_stolen_while_it_reports_is_not_told_a_channel_that_it_does_not_know(world: World) -> None:
    world.do(move_boxes, [world.box], world.shop)
    publisher.rest()
    token = Token(world.tenant, world.box, "", ended=False)
    beat = Heartbeat(
        boot=new_id(), count=1, sequence=0, release=None, screen="zone", uptime_seconds=1, free_bytes=1, firmware="1",
        faults=[],
    )  # fmt: skip
    with tenant_session(world.tenant.id) as session:
        known = enter(session, token)
        new = Feed(world.rows(BoxGroup)[0].channel[::-1], 1)
    world.do(report_stolen, world.box, world.row.version, "被偷")

    with tenant_session(world.tenant.id, writes=True) as session, pytest.raises(Unproven):
        keep_heartbeat(session, known, beat, new)


def test_two_who_unbind_at_once_count_one_licence(world: World) -> None:
    ended = at_once(*[lambda: world.do(unbind_box, world.box, 1, "退房")] * 2)

    assert sum(error is None for error in ended) == 1
    assert world.licences == 0


def test_boxes_are_told_at_most_so_many_at_once(world: World) -> None:
    assert world.do(tell_boxes, [world.box], CommandKind.RESTART) == 1
    (command,) = world.rows(BoxCommand)

    assert (command.kind, command.told_by, world.last_event) == ("restart", world.admin.user_id, "box.commanded")
    with pytest.raises(Refused):
        world.do(tell_boxes, [new_id() for _ in range(501)], CommandKind.RESTART)
    with pytest.raises(NotFound):
        world.do(tell_boxes, [world.box, new_id()], CommandKind.RESTART)


def test_two_who_confirm_the_last_licence_bind_one(world: World) -> None:
    first, second = let_wait(world.tenant, "LATE-1"), let_wait(world.tenant, "LATE-2")

    ended = at_once(
        lambda: world.do(confirm_request, first, world.shop), lambda: world.do(confirm_request, second, world.shop)
    )

    assert sum(error is None for error in ended) == 1
    assert [type(error) for error in ended if error is not None] == [Refused]
    assert (world.licences, len(world.rows(Box))) == (2, 2)


def test_two_who_confirm_one_box_bind_it_once(world: World) -> None:
    request = let_wait(world.tenant, "LATE-1")

    ended = at_once(*[lambda: world.do(confirm_request, request, world.shop)] * 2)

    assert sum(error is None for error in ended) == 1
    assert world.licences == 2


def test_a_request_is_over_after_a_day(world: World) -> None:
    request = let_wait(world.tenant, "LATE-1")

    with time_machine.travel(clock.now() + timedelta(hours=24, minutes=1), tick=True):
        for command, arguments in ((confirm_request, (request, world.shop)), (reject_request, (request,))):
            with pytest.raises(Conflict):
                world.do(command, *arguments)


def test_replacing_needs_no_licence_more(world: World) -> None:
    put_box(world.tenant, world.root, "BOX-2")
    world.do(name_box, world.box, 1, "1208")

    fresh = world.do(replace_box, world.box, let_wait(world.tenant, "NEW-1"))

    new = next(row for row in world.rows(Box) if row.id == fresh)
    assert (new.name, new.group_id, new.bound_by) == ("1208", world.root, world.admin.user_id)
    assert (world.row.state, world.licences, world.last_event) == ("unbound", 2, "box.replaced")
    assert [row.state for row in world.rows(BoxRequest)] == ["confirmed"]


ROLES = sorted(set(Role) - {Role.SYSTEM, Role.CLI})


def test_who_may_do_what_is_the_policys(world: World) -> None:
    """Each act as each role; nothing but a refusal or the very effect."""
    province = {"province_code": "33"}
    people = {
        role: actor(
            role,
            build_user(role.value),
            world.tenant if role in {Role.TENANT_ADMIN, Role.TENANT_EDITOR, Role.GROUP_EDITOR} else None,
            **(province if role is Role.PROVINCE else {}),
        )
        for role in ROLES
    }
    request = let_wait(world.tenant, "LATE-1")
    acts: dict[str, tuple[Any, ...]] = {
        "name": (name_box, world.box, 99, "x"),
        "move": (move_boxes, [world.box], world.root),
        "unbind": (unbind_box, world.box, 99, "x"),
        "theft": (report_stolen, world.box, 99, "x"),
        "tell": (tell_boxes, [new_id()], CommandKind.RESTART),
        "confirm": (confirm_request, request, GroupId(new_id())),
        "replace": (replace_box, BoxId(new_id()), request),
    }

    def lets(act: tuple[Any, ...], who: Actor) -> bool:
        try:
            world.do(*act, who=who)
        except Forbidden:
            return False
        except (Conflict, NotFound):
            return True
        return True

    allowed = {name: {role for role in ROLES if lets(act, people[role])} for name, act in acts.items()}

    both = {Role.TENANT_ADMIN, Role.CENTER_OPERATOR}
    assert allowed == dict.fromkeys(acts, both)


def test_a_group_that_has_boxes_stays(world: World) -> None:
    world.do(move_boxes, [world.box], world.shop)

    with pytest.raises(Refused):
        in_tenant(world.tenant, lambda ctx: delete_group(ctx, world.shop, 1))


def test_telemetry_is_forgotten_by_the_clock(world: World) -> None:
    take_picture(world.tenant, world.box)
    with tenant_session(world.tenant.id, writes=True) as session:
        common = {"box_id": world.box, "tenant_id": world.tenant.id}
        session.add(PlayBatch(**common, batch=new_id(), sha256="0" * 64, plays=1, accepted=1, came_at=clock.now()))
        session.add(
            PlayRow(**common, list="ads", item="x", started_at=clock.now(), seconds=1, completed=True),
        )
        session.commit()

    def left() -> list[int]:
        return [len(world.rows(model)) for model in (Screenshot, PlayRow, PlayBatch)]

    forget_reports()
    kept = left()
    with time_machine.travel(clock.now() + timedelta(days=61), tick=True):
        forget_reports()
        forget_proofs()

    assert (kept, left()) == ([1, 1, 1], [0, 0, 0])
    with platform_session() as session:
        assert session.scalars(select(Refusals)).all() == []


def test_proofs_are_forgotten_in_small_steps(world: World) -> None:
    """Ten thousand at once would keep boxes and people waiting; of those that are young none goes."""
    old, seen = clock.now() - timedelta(hours=1), []
    with platform_session(writes=True) as session:
        marks = [{"mark": f"{n:043d}", "spent_at": old} for n in range(2 * PROOFS_AT_ONCE + 7)]
        session.execute(insert(SpentProof), [*marks, {"mark": "young", "spent_at": clock.now()}])
        session.commit()

    def note(connection: Any) -> None:
        seen.append(connection)

    event.listen(database().engine, "commit", note)
    try:
        forget_proofs()
    finally:
        event.remove(database().engine, "commit", note)

    with platform_session() as session:
        assert session.scalars(select(SpentProof.mark)).all() == ["young"]
    assert len(seen) >= 3


def test_a_tenant_that_was_suspended_once_is_not_written_for_nothing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    written = []
    monkeypatch.setattr(letting_in, "in_tenant", lambda *_: written.append(1) or 0)
    with tenant_session(world.tenant.id, writes=True) as session:
        letting_in.change(session, BoxStatus.id == world.box, {"push_known": BoxStatus.push_number, "push_open": True})
        session.commit()

    calm = letting_in._follow_suspension(world.tenant.id)  # noqa: SLF001 - without a broker nothing else calls it
    monkeypatch.setattr(letting_in, "_rests", lambda _: True)
    letting_in._follow_suspension(world.tenant.id)  # noqa: SLF001

    assert (calm, written) == (0, [1])


def test_of_each_box_the_newest_pictures_are_kept(world: World) -> None:
    other = put_box(world.tenant, world.shop, "BOX-2")
    most, start = catalogue().boxes.kept_screenshots, clock.now()
    taken = []
    for number in range(most + 2):
        with time_machine.travel(start + timedelta(seconds=number), tick=False):
            taken.append(take_picture(world.tenant, world.box))
    alone = take_picture(world.tenant, other)

    forget_reports()

    assert {row.id for row in world.rows(Screenshot)} == {*taken[2:], alone}


def test_requests_are_forgotten_when_nobody_waits_for_them(world: World) -> None:
    """One waits in vain, one is rejected, one is confirmed: each is kept for a day, the rejected one from the decision on."""
    start = clock.now()
    for serial in ("WAITS", "REJECTED", "CONFIRMED"):
        let_wait(world.tenant, serial)
    ids = {row.serial: row.id for row in world.rows(BoxRequest)}
    world.do(confirm_request, ids["CONFIRMED"], world.shop)
    with time_machine.travel(start + timedelta(hours=20), tick=True):
        world.do(reject_request, ids["REJECTED"])
    left = []
    for hours in (23, 25, 45):
        with time_machine.travel(start + timedelta(hours=hours), tick=True):
            gone = forget_leftovers()
            left.append((gone, sorted(row.serial for row in world.rows(BoxRequest))))

    assert left == [(0, ["CONFIRMED", "REJECTED", "WAITS"]), (2, ["REJECTED"]), (1, [])]
    assert world.last_event == "box.requests_forgotten"
    assert {row.serial for row in world.rows(Box)} == {"BOX-1", "CONFIRMED"}


def test_commands_are_forgotten_with_what_became_of_them(world: World) -> None:
    """A command that outlived its answer would look as if the box had never answered."""
    start = clock.now()
    world.do(tell_boxes, [world.box], CommandKind.RESYNC)
    command = world.rows(BoxCommand)[0]
    with tenant_session(world.tenant.id, writes=True) as session:
        session.add(CommandResult(id=command.id, box_id=world.box, done_at=start, ok=True))
        session.commit()
    left = []
    for days in (59, 61):
        with time_machine.travel(start + timedelta(days=days), tick=True):
            forget_reports()
            gone = forget_leftovers()
            left.append((gone, len(world.rows(CommandResult)), len(world.rows(BoxCommand))))

    assert left == [(0, 1, 1), (1, 0, 0)]
    assert world.last_event == "box.commands_forgotten"


def test_the_last_token_of_a_box_is_never_forgotten(world: World) -> None:
    """An unbound box that was off for a year is told that its token ended, not that there never was one."""
    start = clock.now()
    for seconds in range(3):
        with time_machine.travel(start + timedelta(seconds=seconds), tick=True):
            world.do(_issue, who=SYSTEM)
    with platform_session() as session:
        last = session.scalars(select(BoxToken.token_hash).where(BoxToken.ended_at.is_(None))).one()
    world.do(unbind_box, world.box, world.row.version, "停用")
    forgotten = []
    for days in (29, 31, 400):
        with time_machine.travel(start + timedelta(days=days), tick=True):
            forgotten.append(forget_tokens())

    assert forgotten == [0, 2, 0]
    assert world.last_event == "box.tokens_forgotten"
    with platform_session() as session:
        assert session.scalars(select(BoxToken.token_hash)).all() == [last]


def _issue(ctx: Context) -> None:
    ask(ctx, Permission.BOXES_REPORT)
    box = ctx.session.scalars(select(Box)).one()
    issue_token(ctx.session, box)
    record(ctx, Event.BOX_TOKEN_ISSUED, Target("box", box.id, box.serial), serial=box.serial)
