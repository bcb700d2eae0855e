"""Boxes that fall silent and come back: each change is told once."""

from datetime import timedelta
from typing import Any

import time_machine
from flask import Flask
from sqlalchemy import select

from portal.boxes.watching import watch_boxes
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import tenant_session
from portal.notify.models import Notice
from tests.world.fleet import bound_box
from tests.world.threads import at_once


def notices(tenant: TenantRef) -> list[tuple[str, Any, str]]:
    with tenant_session(tenant.id) as session:
        rows = session.scalars(select(Notice).where(Notice.key.startswith("box.")).order_by(Notice.created_at)).all()
    return [(row.key.partition(":")[0], row.params["count"], row.role or "") for row in rows]


def test_each_change_is_told_once_and_together(either: Flask, shops_on_either: TenantRef) -> None:
    """Two boxes are heard, one never was; both fall silent, one comes back, falls silent again."""
    heard = [bound_box(either, shops_on_either, address=f"10.0.0.{number}") for number in range(2)]
    bound_box(either, shops_on_either, address="10.0.0.9")
    start = clock.now()
    for box in heard:
        box.heartbeat()
    looks = [watch_boxes()]
    with time_machine.travel(start + timedelta(minutes=4), tick=True):
        looks += [watch_boxes(), watch_boxes()]
        heard[0].nonce = None
        heard[0].heartbeat()
        looks += [watch_boxes(), watch_boxes()]
    with time_machine.travel(start + timedelta(minutes=9), tick=True):
        looks += [watch_boxes(), watch_boxes()]

    assert looks == [0, 2, 0, 1, 0, 1, 0]
    assert notices(shops_on_either) == [
        ("box.fell_silent", 2, "tenant_admin"),
        ("box.came_back", 1, "tenant_admin"),
        ("box.fell_silent", 1, "tenant_admin"),
    ]


def test_two_workers_tell_once(either: Flask, shops_on_either: TenantRef) -> None:
    bound_box(either, shops_on_either).heartbeat()
    looks: list[int] = []
    with time_machine.travel(clock.now() + timedelta(minutes=4), tick=True):
        at_once(*[lambda: looks.append(watch_boxes())] * 3)

    assert sum(looks) == 1
    assert len(notices(shops_on_either)) == 1
