"""When boxes are silent, who is told: every transition once, after the time that the tenant chose, and nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.access.roles import Role
from portal.boxes.commands.alerting import set_alerts
from portal.boxes.commands.managing import report_stolen, unbind_box
from portal.boxes.models.bound import Box
from portal.boxes.watching import watch_boxes
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.database import tenant_session
from portal.core.ids import BoxId
from portal.notify.models import Notice
from tests.world.browser import Browser
from tests.world.building import actor, build_user, in_tenant
from tests.world.cast import Cast, House
from tests.world.fleet import bound_box


@contextmanager
def later(start: datetime, minutes: float) -> Iterator[None]:
    """Some minutes after `start`, with the clock running."""
    with time_machine.travel(start + timedelta(minutes=minutes), tick=True):
        yield


def told(tenant: TenantRef) -> list[tuple[str, int, str]]:
    """What was told: the event, how many boxes, to whom."""
    with tenant_session(tenant.id) as session:
        rows = session.scalars(select(Notice).where(Notice.key.startswith("box.")).order_by(Notice.created_at))
        return [(row.key.split(":")[0].removeprefix("box."), row.params["count"], row.role or "") for row in rows]


def beat(box: Any) -> None:
    box.nonce = None
    assert box.heartbeat().status == 200


SILENT, BACK = ("fell_silent", 1, "tenant_admin"), ("came_back", 1, "tenant_admin")

# At which minute a box is heard (b) or somebody looks (w), and what is told in the end. It is silent after three minutes.
STORIES: dict[str, tuple[list[tuple[float, str]], list[Any]]] = {
    "heard all the time": ([(0, "b"), (2, "b"), (2.5, "w"), (4, "b"), (5, "w")], []),
    "silent": ([(0, "b"), (4, "w")], [SILENT]),
    "silent and looked at often": ([(0, "b"), (4, "w"), (5, "w"), (60, "w")], [SILENT]),
    "silent and back": ([(0, "b"), (4, "w"), (5, "b"), (5.5, "w"), (6, "w")], [SILENT, BACK]),
    "silent and back between two looks": ([(0, "b"), (2.9, "w"), (6, "b"), (6.5, "w")], []),
    "back and silent again between two looks": ([(0, "b"), (4, "w"), (5, "b"), (9, "w")], [SILENT]),
    "flapping, looked at each time": (
        [(0, "b"), (4, "w"), (5, "b"), (5.5, "w"), (9, "w"), (10, "b"), (10.5, "w")],
        [SILENT, BACK, SILENT, BACK],
    ),
    "never heard": ([(4, "w"), (60, "w")], []),
    "exactly at the limit": ([(0, "b"), (2.95, "w")], []),
}


@pytest.mark.parametrize(("story", "expected"), STORIES.values(), ids=STORIES.keys())
def test_every_transition_is_told_once(
    either: Flask, shops_on_either: TenantRef, story: list[tuple[float, str]], expected: list[Any]
) -> None:
    start, box = clock.now(), bound_box(either, shops_on_either)

    for minute, what in story:
        with later(start, minute):
            beat(box) if what == "b" else watch_boxes()

    assert told(shops_on_either) == expected


def test_restart_tells_nothing_again(either: Flask, shops_on_either: TenantRef) -> None:
    """What was told stands in the database: a worker that knows nothing of it looks there."""
    start, box = clock.now(), bound_box(either, shops_on_either)
    beat(box)
    with later(start, 4):
        watch_boxes()
    now = databases.database()
    databases.use(databases.Database(now.url.render_as_string(hide_password=False)))
    with later(start, 5):
        looked = watch_boxes()
    databases.database().dispose()
    databases.use(now)

    assert looked == 0
    assert told(shops_on_either) == [SILENT]


@pytest.mark.parametrize("act", [unbind_box, report_stolen])
def test_box_that_left_is_not_told_of(either: Flask, shops_on_either: TenantRef, act: Any) -> None:
    start, box = clock.now(), bound_box(either, shops_on_either)
    beat(box)
    with tenant_session(shops_on_either.id) as session:
        row = session.scalars(select(Box)).one()
    in_tenant(shops_on_either, lambda ctx: act(ctx, BoxId(row.id), row.version, "退房"), _operator())
    with later(start, 10):
        looked = watch_boxes()

    assert (looked, told(shops_on_either)) == (0, [])


def _operator() -> Any:
    return actor(Role.CENTER_OPERATOR, build_user("operator"))


def test_own_time_and_own_people(either: Flask, shops_on_either: TenantRef) -> None:
    """Ten minutes, the province and the editors: at four nobody, at eleven both; back it is with the first heartbeat."""
    start, box = clock.now(), bound_box(either, shops_on_either)
    in_tenant(shops_on_either, lambda ctx: set_alerts(ctx, 0, 10, ["province", "tenant_editor"]), _operator())
    beat(box)
    with later(start, 4):
        early = watch_boxes()
    with later(start, 11):
        watch_boxes()
        beat(box)
        watch_boxes()

    assert early == 0
    assert told(shops_on_either) == [
        ("fell_silent", 1, "tenant_editor"),
        ("fell_silent", 1, "province"),
        ("came_back", 1, "tenant_editor"),
        ("came_back", 1, "province"),
    ]


def test_nobody_is_told_where_nobody_wants_it_and_nothing_is_made_up_for_later(
    either: Flask, shops_on_either: TenantRef
) -> None:
    start, box, who = clock.now(), bound_box(either, shops_on_either), _operator()
    in_tenant(shops_on_either, lambda ctx: set_alerts(ctx, 0, 3, []), who)
    beat(box)
    with later(start, 4):
        watch_boxes()
        in_tenant(shops_on_either, lambda ctx: set_alerts(ctx, 1, 3, ["tenant_admin"]), who)
        watch_boxes()

    assert told(shops_on_either) == []


def test_page_sets_it_for_those_who_may(app: Flask, cast: Cast) -> None:
    house: House = cast.yunqi
    path = f"{house.path}/boxes/alerts"
    good = {"after_minutes": "15", "roles": ["tenant_admin", "province"], "version": "0"}

    answers = [
        Browser(app, house.admin).post(path, {**good, **more}).status_code
        for more in (
            {},
            {},
            {"version": "1", "after_minutes": "2"},
            {"version": "1", "roles": ["system_admin"]},
            {"version": "1", "after_minutes": "x"},
        )
    ]
    shown = Browser(app, house.admin).get(path).get_data(as_text=True)

    assert answers == [303, 409, 422, 422, 422]
    assert 'value="15"' in shown
    assert Browser(app, house.editor).post(path, good).status_code == 403
    assert Browser(app, cast.jiangzhou.admin).post(path, good).status_code == 404
