"""What bound boxes report: heartbeats, plays, screenshots, what became of commands; each about themselves alone."""

import io
import json
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from PIL import Image
from sqlalchemy import event, select

from portal.access.roles import Role
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus, CommandResult, PlayDay, PlayRow, Screenshot
from portal.boxes.on_releases import count_by_release
from portal.boxes.queries.shown import ids_of
from portal.boxes.rules import heartbeat_seconds, own_seconds
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.context import COMMAND_LINE, TenantRef
from portal.core.database import database, tenant_session
from portal.core.ids import BoxId, GroupId, new_id
from portal.releases import publisher
from portal.releases.jobs import BY_GROUPS, refresh
from portal.releases.signing.commands import make_root
from portal.tenants.commands.groups import create_group, replace_channel
from portal.tenants.models import BoxGroup
from tests.world.airing import Desk, desk_of
from tests.world.building import actor, add_provinces, build_tenant, build_user, in_tenant, picture, root_of
from tests.world.fleet import BoxClient, bound_box, job_for, new_box, tell_box
from tests.world.threads import at_once


def all_of(tenant: TenantRef, model: Any) -> list[Any]:
    with tenant_session(tenant.id) as session:
        return list(session.scalars(select(model)))


def status_of(tenant: TenantRef) -> Any:
    (row,) = all_of(tenant, BoxStatus)
    return row


def test_a_heartbeat_is_kept_and_answered(shops: TenantRef, box: BoxClient) -> None:
    fault = {"code": "bad_signature", "detail": "<b>", "at": "1970-01-01T00:00:05Z"}

    answer = box.heartbeat(screen="ads", sequence=3, release="a" * 64, faults=[fault], free_bytes=2**52)

    row = status_of(shops)
    assert answer.status == 200
    assert answer.body.keys() == {
        "now", "sequence", "channel", "root", "poll_seconds", "heartbeat_seconds", "push", "commands",
    }  # fmt: skip
    assert (answer.body["sequence"], answer.body["channel"], answer.body["commands"]) == (0, row.channel, [])
    assert abs(datetime.fromisoformat(answer.body["now"]) - clock.now()) < timedelta(seconds=5)
    assert (row.screen, row.sequence, row.release, row.free_bytes, row.count) == ("ads", 3, "a" * 64, 2**52, 1)
    assert row.faults == [{"code": "bad_signature", "detail": "<b>", "at": "1970-01-01T00:00:05+00:00"}]
    assert row.boot == box.boot


@pytest.mark.parametrize("count", [1, 2])
def test_a_heartbeat_that_is_not_newer_is_answered_and_ignored(shops: TenantRef, box: BoxClient, count: int) -> None:
    box.heartbeat(count=2, screen="zone")

    answer = box.heartbeat(count=count, screen="off")

    assert (answer.status, status_of(shops).screen) == (200, "zone")


def test_a_new_start_counts_from_one_again(shops: TenantRef, box: BoxClient) -> None:
    box.heartbeat(count=500, screen="zone")

    box.heartbeat(count=1, boot=new_id(), screen="splash")

    assert status_of(shops).screen == "splash"


def test_a_heartbeat_out_of_order_changes_nothing_however_they_race(either: Flask, shops_on_either: TenantRef) -> None:
    box = bound_box(either, shops_on_either)

    at_once(*[lambda n=n: box.heartbeat(count=n, uptime_seconds=n) for n in range(1, 9)])  # type: ignore[misc]

    assert status_of(shops_on_either).uptime_seconds == 8


def test_a_box_reports_about_itself_only(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    """No field of a heartbeat names a box: the token does, and it is good with the box's own key alone."""
    other = bound_box(app, shops, serial="BOX-2")
    other.token = box.token

    assert other.heartbeat().code == "invalid_token"
    assert [row.seen_at for row in all_of(shops, BoxStatus)] == [None, None]


def test_commands_are_repeated_until_they_are_done_or_ten_minutes_old(shops: TenantRef, box: BoxClient) -> None:
    tell_box(shops, "restart", ago=timedelta(minutes=10, seconds=1))
    old = tell_box(shops, "resync", ago=timedelta(minutes=9))
    new = tell_box(shops, "screenshot")

    first = box.heartbeat().body["commands"]
    second = box.heartbeat().body["commands"]
    done = box.done(old, detail="同步完成")
    third = box.heartbeat().body["commands"]

    both = [{"id": old, "kind": "resync"}, {"id": new, "kind": "screenshot"}]
    assert (first, second, done.status, third) == (both, both, 204, both[1:])
    (result,) = all_of(shops, CommandResult)
    assert (result.id, result.ok, result.detail) == (old, True, "同步完成")


def test_the_first_answer_to_a_command_counts_and_it_may_be_said_again(shops: TenantRef, box: BoxClient) -> None:
    command = tell_box(shops, "restart")

    statuses = [box.done(command, ok=True).status, box.done(command, ok=False, detail="later").status]

    (result,) = all_of(shops, CommandResult)
    assert (statuses, result.ok) == ([204, 204], True)


def test_commands_of_another_box_are_none(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    other = bound_box(app, shops, serial="BOX-2")
    command = tell_box(shops, "screenshot", box=next(row.id for row in all_of(shops, Box) if row.serial == "BOX-1"))

    answers = [other.done(command), other.screenshot(command, picture()), box.done(new_id()), box.done("nonsense")]

    assert [(answer.status, answer.code) for answer in answers] == [(404, "not_found")] * 4
    assert other.heartbeat().body["commands"] == []


def test_a_screenshot_is_drawn_anew_and_smaller(shops: TenantRef, box: BoxClient) -> None:
    command = tell_box(shops, "screenshot")
    target = io.BytesIO()
    note = Image.Exif()
    note[0x010E] = "a secret in the file"
    Image.new("RGB", (1920, 1080), (9, 9, 90)).save(target, "JPEG", exif=note)

    answer = box.screenshot(command, target.getvalue())

    (row,) = all_of(shops, Screenshot)
    drawn = Image.open(io.BytesIO(row.image))
    assert (answer.status, answer.data) == (201, b"")
    assert (drawn.format, drawn.size, (row.width, row.height)) == ("JPEG", (1280, 720), (1280, 720))
    assert b"secret" not in row.image


def bomb() -> bytes:
    """A PNG of a few bytes that says it is 30,000 pixels wide and high."""
    small = io.BytesIO()
    Image.new("1", (8, 8)).save(small, "PNG")
    data = bytearray(small.getvalue())
    data[16:24] = (30_000).to_bytes(4) * 2
    data[29:33] = zlib.crc32(data[12:29]).to_bytes(4)
    return bytes(data)


def gif() -> bytes:
    target = io.BytesIO()
    Image.new("P", (8, 8)).save(target, "GIF")
    return target.getvalue()


@pytest.mark.parametrize(
    "image",
    [b"", b"GIF89a", gif(), bomb(), picture()[:200], b"<svg xmlns='http://www.w3.org/2000/svg'/>"],
    ids=["nothing", "no picture", "a GIF", "a bomb", "cut off", "an SVG"],
)
def test_what_is_no_picture_is_refused(shops: TenantRef, box: BoxClient, image: bytes) -> None:
    answer = box.screenshot(tell_box(shops, "screenshot"), image)

    assert (answer.status, answer.code) == (422, "invalid_image")
    assert all_of(shops, Screenshot) == []


def test_a_screenshot_nobody_asked_for_is_not_kept(shops: TenantRef, box: BoxClient) -> None:
    restart = tell_box(shops, "restart")
    long_ago = tell_box(shops, "screenshot", ago=timedelta(minutes=21))

    answers = [box.screenshot(command, picture()) for command in (restart, long_ago, new_id())]

    assert [answer.status for answer in answers] == [404] * 3


def test_a_screenshot_that_is_too_large_is_refused(shops: TenantRef, box: BoxClient) -> None:
    command = tell_box(shops, "screenshot")

    answers = [box.screenshot(command, b"x" * (2 * 1024 * 1024 + 1)), box.screenshot(command, b"x" * (3 * 1024 * 1024))]

    assert [(answer.status, answer.code) for answer in answers] == [(413, "too_large")] * 2


def form(*parts: tuple[str, bytes]) -> tuple[bytes, dict[str, str]]:
    body = b"".join(
        b'--x\r\nContent-Disposition: form-data; name="%s"%s\r\n\r\n%s\r\n'
        % (name.encode(), b'; filename="a"' if name == "image" else b"", data)
        for name, data in parts
    )
    return body + b"--x--\r\n", {"Content-Type": "multipart/form-data; boundary=x"}


@pytest.mark.parametrize(
    "parts",
    [
        (),
        (("command", b"x"),),
        (("image", b"x"),),
        (("command", b"x"), ("image", b"x"), ("more", b"x")),
        (("command", b"x"), ("command", b"x"), ("image", b"x")),
        (("command", b"no id"), ("image", b"x")),
    ],
    ids=["empty", "no image", "no command", "one more", "one twice", "no id"],
)
def test_a_form_that_is_not_as_agreed_names_the_place(box: BoxClient, parts: tuple[tuple[str, bytes], ...]) -> None:
    data, headers = form(*parts)

    answer = box.request("/box/v1/screenshots", data, headers, token=box.token)

    assert (answer.status, answer.code) == (422, "invalid")
    assert answer.body["errors"]


def test_json_is_no_screenshot(box: BoxClient) -> None:
    answer = box.call("/box/v1/screenshots", {"command": new_id()}, token=box.token)

    assert (answer.status, answer.code) == (415, "unsupported_media_type")


@dataclass(frozen=True)
class Aired:
    """A tenant on air with a bound box, and the ids that its document shows."""

    tenant: TenantRef
    box: BoxClient
    marquee: str

    def play(self, **more: Any) -> dict[str, Any]:
        told = {"list": "marquee", "id": self.marquee, "seconds": 15, "completed": True}
        return {"started_at": moment(timedelta()), **told, **more}


def moment(ago: timedelta) -> str:
    return (clock.now() - ago).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def air(app: Flask) -> Aired:
    tenant = build_tenant("步步鞋业(全国餐饮)")
    job_for(tenant)
    desk = desk_of(tenant)
    saved = desk.save("欢迎光临")
    desk.put_on_air(saved)
    publisher.rest()
    return Aired(tenant, bound_box(app, tenant), saved.object_id)


@pytest.fixture
def aired(either: Flask) -> Aired:
    add_provinces()
    return air(either)


def counts(answer: Any) -> tuple[int, int, int, int]:
    return answer.status, answer.body["accepted"], answer.body["rejected"], answer.body["duplicate"]


def test_a_batch_counts_exactly_once(aired: Aired) -> None:
    plays = [aired.play(), aired.play(completed=False, seconds=3)]
    batch = new_id()
    data = json.dumps({"batch": batch, "plays": plays}).encode()
    head = {"Content-Type": "application/json"}

    answers = [aired.box.request("/box/v1/plays", data, head, token=aired.box.token) for _ in range(2)]
    other = aired.box.request("/box/v1/plays", data.replace(b'": ', b'" : '), head, token=aired.box.token)

    assert [counts(answer) for answer in answers] == [(202, 2, 0, 0), (202, 0, 0, 2)]
    assert (other.status, other.code) == (409, "batch_changed")
    assert len(all_of(aired.tenant, PlayRow)) == 2
    (day,) = all_of(aired.tenant, PlayDay)
    assert (day.item, day.list, day.plays, day.completed, day.seconds) == (aired.marquee, "marquee", 2, 1, 18)


def test_a_batch_that_comes_in_many_times_at_once_counts_once(aired: Aired) -> None:
    plays, batch = [aired.play()] * 3, new_id()
    answers: list[tuple[int, int, int, int]] = []

    at_once(*[lambda: answers.append(counts(aired.box.play(plays, batch)))] * 6)

    assert sorted(answers) == [(202, 0, 0, 3)] * 5 + [(202, 3, 0, 0)]
    assert len(all_of(aired.tenant, PlayRow)) == 3


def test_two_boxes_may_use_the_same_batch_id(either: Flask, aired: Aired) -> None:
    other, batch = bound_box(either, aired.tenant), new_id()

    answers = [counts(box.play([aired.play()], batch)) for box in (aired.box, other)]

    assert answers == [(202, 1, 0, 0)] * 2
    (day,) = all_of(aired.tenant, PlayDay)
    assert day.plays == 2


def test_what_cannot_have_been_is_rejected(aired: Aired) -> None:
    with tenant_session(aired.tenant.id, writes=True) as session:  # it was bound long ago
        session.connection().exec_driver_sql("UPDATE boxes SET bound_at = '2020-01-01 00:00:00'")
        session.connection().commit()
    plays = {
        "as it should be": aired.play(),
        "made up": aired.play(id="made-up"),
        "of another list": aired.play(list="zone"),
        "an id of somebody else": aired.play(id=new_id()),
        "4 minutes ahead": aired.play(started_at=moment(timedelta(minutes=-4))),
        "6 minutes ahead": aired.play(started_at=moment(timedelta(minutes=-6))),
        "29 days old": aired.play(started_at=moment(timedelta(days=29))),
        "31 days old": aired.play(started_at=moment(timedelta(days=31))),
    }

    answers = {name: counts(aired.box.play([play]))[1:3] for name, play in plays.items()}

    good = {"as it should be", "4 minutes ahead", "29 days old"}
    assert answers == {name: (1, 0) if name in good else (0, 1) for name in plays}


def test_plays_before_the_binding_are_rejected(aired: Aired) -> None:
    assert counts(aired.box.play([aired.play(started_at=moment(timedelta(minutes=5)))])) == (202, 0, 1, 0)


def test_what_left_the_air_still_counts_and_what_came_counts_at_once(aired: Aired) -> None:
    desk = desk_of_again(aired)
    fresh = desk.save("新的一条")
    before = counts(aired.box.play([aired.play(id=fresh.object_id)]))
    desk.put_on_air(fresh)
    publisher.rest()

    after = counts(aired.box.play([aired.play(id=fresh.object_id), aired.play()]))

    assert (before, after) == ((202, 0, 1, 0), (202, 2, 0, 0))


def desk_of_again(aired: Aired) -> Any:
    return Desk(
        aired.tenant,
        actor(Role.TENANT_EDITOR, build_user("editor-again"), aired.tenant),
        actor(Role.CENTER_REVIEWER, build_user("reviewer-again")),
        actor(Role.CENTER_REVIEWER, build_user("second-again")),
    )


def test_a_document_names_what_it_shows_by_list() -> None:
    document: Mapping[str, Any] = {
        "ads": {"playlists": [{"items": [{"id": "a"}]}]},
        "zone": {"columns": [{"columns": [{"items": [{"id": "z"}]}]}]},
        "splash": {"frames": [{"image": "f" * 64}]},
        "marquee": [{"id": "m"}],
    }

    assert set(ids_of(document)) == {("ads", "a"), ("zone", "z"), ("splash", "f" * 64), ("marquee", "m")}


def test_a_box_hears_of_a_release_by_its_sequence(aired: Aired) -> None:
    first = aired.box.heartbeat().body["sequence"]
    desk = desk_of_again(aired)
    desk.put_on_air(desk.save("又一条"))
    publisher.rest()

    assert aired.box.heartbeat().body["sequence"] == first + 1 == 2


def test_a_replaced_channel_is_named_when_its_files_are_there(aired: Aired) -> None:
    old = aired.box.channel
    root = root_of(aired.tenant)
    in_tenant(aired.tenant, lambda ctx: replace_channel(ctx, root, 1))
    meanwhile = aired.box.heartbeat().body
    refresh(aired.tenant.id, BY_GROUPS)
    publisher.rest()

    after = aired.box.heartbeat().body

    (group,) = all_of(aired.tenant, BoxGroup)
    assert (meanwhile["channel"], after["channel"]) == (old, group.channel)
    assert group.channel != old
    assert counts(aired.box.play([aired.play()])) == (202, 1, 0, 0)


def test_a_box_is_not_bound_into_a_channel_without_files(either: Flask, aired: Aired) -> None:
    root = root_of(aired.tenant)
    group = in_tenant(aired.tenant, lambda ctx: create_group(ctx, root, "新店"))
    job_for(aired.tenant, phone="13700137000", group=GroupId(group))
    box = new_box(either)
    early = box.bind(aired.tenant.enterprise_id, "13700137000")
    refresh(aired.tenant.id, BY_GROUPS)
    publisher.rest()
    late = box.bind(aired.tenant.enterprise_id, "13700137000")

    assert (early.status, early.code, late.status) == (503, "channel_pending", 201)
    assert int(early.headers["retry-after"]) > 0


def test_the_root_key_is_named(aired: Aired) -> None:
    kept: list[Any] = []
    make_root(COMMAND_LINE, kept.append)

    root = aired.box.heartbeat().body["root"]

    assert root == {name: value for name, value in kept[0].items() if name != "d"}


def test_each_box_has_a_jitter_of_its_own() -> None:
    ids = [BoxId(new_id()) for _ in range(300)]
    seconds = [heartbeat_seconds(each) for each in ids]

    assert [heartbeat_seconds(each) for each in ids] == seconds
    assert (min(seconds), max(seconds)) == (54, 66)
    assert len(set(seconds)) == 13
    assert {own_seconds(60, each, "poll") - own_seconds(60, each, "heartbeat") for each in ids} != {0}


def test_calls_with_a_token_are_limited_per_token_not_per_address(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    other = bound_box(app, shops, serial="BOX-2")
    now = clock.now()
    with time_machine.travel(now, tick=False):
        box.heartbeat()
        with tenant_session(shops.id, writes=True) as session:
            for row in session.scalars(select(BoxStatus).where(BoxStatus.seen_at.is_not(None))):
                row.calls = catalogue().boxes.calls_a_minute - 2
            session.commit()
        statuses = [box.heartbeat().status for _ in range(3)]
        neighbour = other.heartbeat().status
        refused = box.play([])
    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        later = box.heartbeat().status

    assert statuses == [200, 200, 429]
    assert (neighbour, refused.status, later) == (200, 429, 200)
    assert 0 < int(refused.headers["retry-after"]) <= 60


def statements_of_a_heartbeat(box: BoxClient) -> list[str]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        seen.append(statement)

    event.listen(database().engine, "before_cursor_execute", note)
    try:
        assert box.heartbeat().status == 200
    finally:
        event.remove(database().engine, "before_cursor_execute", note)
    return seen


def test_a_heartbeat_costs_the_same_in_a_larger_fleet(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    alone = statements_of_a_heartbeat(box)
    for number in range(5):
        bound_box(app, shops, serial=f"MORE-{number}", address=f"10.0.{number}.1")

    among_others = statements_of_a_heartbeat(box)

    assert among_others == alone
    assert sum(one.startswith(("INSERT", "UPDATE")) for one in alone) == 2
    assert len([one for one in alone if not one.startswith("BEGIN")]) <= 7


def test_the_timeline_counts_the_boxes_of_each_release(either: Flask, aired: Aired) -> None:
    """One box shows the newest of two releases, one the first, one has fetched nothing."""
    desk = desk_of_again(aired)
    desk.put_on_air(desk.save("又一条"))
    publisher.rest()
    others = [bound_box(either, aired.tenant, address=f"10.0.0.{number}") for number in range(2)]
    aired.box.heartbeat(sequence=2)
    others[0].heartbeat(sequence=1)

    with tenant_session(aired.tenant.id) as session:
        counted = count_by_release(session)

    assert (counted.by_release, counted.boxes) == ({1: 1, 2: 1}, 3)
    assert [counted.share(number) for number in (1, 2, 3)] == [33, 33, 0]
