"""The wall of what boxes show: who sees whose pictures, what is asked for, what does not count as activity."""

import re
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select

from portal.accounts.models import SessionActivity, UserSession
from portal.audit.models import AuditRecord
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus, CommandResult, Screenshot
from portal.boxes.models.told import BoxCommand
from portal.core import clock, unit_of_work
from portal.core.database import database, platform_session, system_session, tenant_session
from portal.core.ids import BoxId, new_id
from tests.world.browser import Browser
from tests.world.cast import Cast, House, Person
from tests.world.counting import counted_queries
from tests.world.fleet import let_wait, put_box, take_picture


@pytest.fixture
def house(app: Flask, cast: Cast) -> House:
    """A tenant with three boxes: one in its shop that is heard and pictured, one elsewhere with a fault, one never heard."""
    house = cast.yunqi
    shop = put_box(house.tenant, house.shop, "SHOP-1")
    put_box(house.tenant, house.elsewhere, "ELSE-1")
    put_box(house.tenant, house.root, "NEVER-1")
    report(house, "SHOP-1")
    report(house, "ELSE-1", faults=[{"code": "bad_signature", "detail": "x", "at": "2026-01-01T00:00:00+00:00"}])
    take_picture(house.tenant, shop)
    return house


def report(house: House, serial: str, **values: Any) -> None:
    """What a heartbeat would have left."""
    with tenant_session(house.tenant.id, writes=True) as session:
        row = session.get_one(BoxStatus, (house.tenant.id, id_of(house, serial)))
        for name, value in {"seen_at": clock.now(), "faults": [], **values}.items():
            setattr(row, name, value)
        session.commit()


def id_of(house: House, serial: str) -> BoxId:
    with tenant_session(house.tenant.id) as session:
        return BoxId(session.scalars(select(Box.id).where(Box.serial == serial)).one())


def seen(app: Flask, person: Person, path: str) -> list[str]:
    """The names of the tiles, in their order, as words without what stands around them."""
    answer = Browser(app, person).get(path)
    assert answer.status_code == 200, path
    found = re.findall(r'<b class="cut grow">(.*?)</b>', answer.get_data(as_text=True))
    return [name.split(" · ")[-1] for name in found]


def asked() -> list[tuple[str, str]]:
    with system_session(reason="a test looks at commands") as session:
        wanted = select(BoxCommand.kind, Box.serial).join(Box, Box.id == BoxCommand.box_id)
        rows = session.execute(wanted.where(BoxCommand.told_by.is_not(None)))
        return sorted((kind, serial) for kind, serial in rows)


def test_everybody_sees_the_own_boxes_and_no_others(app: Flask, cast: Cast, house: House) -> None:
    put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "HOSPITAL-1")
    own = ["ELSE-1", "NEVER-1", "SHOP-1"]

    assert sorted(seen(app, house.editor, f"{house.path}/boxes/wall")) == own
    assert seen(app, house.group_editor, f"{house.path}/boxes/wall") == ["SHOP-1"]
    assert sorted(seen(app, house.province, f"{house.path}/boxes/wall")) == own
    assert sorted(seen(app, house.province, "/center/boxes/wall")) == own
    assert sorted(seen(app, cast.operator, "/center/boxes/wall")) == sorted([*own, "HOSPITAL-1"])
    for path in ("/boxes/wall", "/boxes/wall/tiles", f"/boxes/{id_of(house, 'SHOP-1')}/look"):
        assert Browser(app, cast.jiangzhou.admin).get(house.path + path).status_code == 404, path
    assert Browser(app, house.admin).get("/center/boxes/wall").status_code == 403


def test_large_picture_of_another_subtree_is_no_page(app: Flask, house: House) -> None:
    browser = Browser(app, house.group_editor)

    inside = browser.get(f"{house.path}/boxes/{id_of(house, 'SHOP-1')}/look")
    outside = browser.get(f"{house.path}/boxes/{id_of(house, 'ELSE-1')}/look")

    assert (inside.status_code, outside.status_code) == (200, 404)
    assert f"/boxes/{id_of(house, 'SHOP-1')}/screenshots/" in inside.get_data(as_text=True)


FILTERS = {
    "trouble=1": ["ELSE-1", "NEVER-1"],
    "health=online": ["SHOP-1"],
    "health=faulty": ["ELSE-1"],
    "q=shop": ["SHOP-1"],
    "trouble=2&columns=9&sort=x&page=0&size=500": ["ELSE-1", "NEVER-1", "SHOP-1"],
    "health=offline": [],
}


@pytest.mark.parametrize(("query", "serials"), FILTERS.items(), ids=FILTERS.keys())
def test_filters_stand_in_the_address(app: Flask, cast: Cast, house: House, query: str, serials: list[str]) -> None:
    for person, path in ((house.admin, f"{house.path}/boxes/wall"), (cast.operator, "/center/boxes/wall")):
        assert sorted(seen(app, person, f"{path}?{query}")) == serials


def test_center_narrows_by_enterprise_and_province_together(app: Flask, cast: Cast, house: House) -> None:
    put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "HOSPITAL-1")
    province = house.tenant.province_code

    assert seen(app, cast.operator, "/center/boxes/wall?enterprise=江州") == ["HOSPITAL-1"]
    assert "HOSPITAL-1" not in seen(app, cast.operator, f"/center/boxes/wall?province={province}")
    assert seen(app, cast.operator, f"/center/boxes/wall?province={province}&health=online") == ["SHOP-1"]
    shown = Browser(app, cast.operator).get(f"/center/boxes/wall?province={province}&health=online&q=S")
    for form in re.findall(r'<form class="find.*?</form>', shown.get_data(as_text=True), re.DOTALL):
        assert f'name="province" value="{province}"' in form
        assert 'name="health" value="online"' in form


def test_those_seen_are_asked_for_a_picture_once(app: Flask, cast: Cast, house: House) -> None:
    everybody = [id_of(house, serial) for serial in ("SHOP-1", "ELSE-1")]
    path = f"{house.path}/boxes/wall/pictures?health=online"
    admin = Browser(app, house.admin)

    first = admin.post(path, {"chosen": everybody})
    again = admin.post(path, {"chosen": [*everybody, new_id(), "nonsense"]})

    assert first.headers["Location"].endswith("/boxes/wall?health=online")
    assert again.status_code == 303
    said = admin.get(f"{house.path}/boxes/wall").get_data(as_text=True)
    assert ("已请 2 台截屏" in said, "没有再请" in said, "已请 0 台" in said) == (True, True, False)
    assert asked() == [("screenshot", "ELSE-1"), ("screenshot", "SHOP-1")]
    with tenant_session(house.tenant.id) as session:
        records = session.scalars(select(AuditRecord).where(AuditRecord.event == "box.commanded")).all()
    assert [record.details["count"] for record in records] == [2]


def test_picture_that_came_or_was_refused_may_be_asked_for_again(app: Flask, house: House) -> None:
    chosen = {"chosen": [id_of(house, "SHOP-1")]}
    browser = Browser(app, house.admin)
    browser.post(f"{house.path}/boxes/wall/pictures", chosen)
    waiting = browser.get(f"{house.path}/boxes/wall/tiles").get_data(as_text=True)
    with tenant_session(house.tenant.id, writes=True) as session:
        command = session.scalars(select(BoxCommand).where(BoxCommand.told_by == house.admin.id)).one()
        session.add(CommandResult(id=command.id, box_id=command.box_id, done_at=clock.now(), ok=False, detail="live"))
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()
    refused = browser.get(f"{house.path}/boxes/wall/tiles").get_data(as_text=True)
    browser.post(f"{house.path}/boxes/wall/pictures", chosen)

    assert ("等新画面" in waiting, "没有可截的画面" in waiting) == (True, False)
    assert ("等新画面" in refused, "没有可截的画面" in refused) == (False, True)
    assert len(asked()) == 2


def test_center_asks_boxes_of_several_enterprises_and_each_log_says_so(app: Flask, cast: Cast, house: House) -> None:
    other = put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "HOSPITAL-1")
    chosen = {"chosen": [id_of(house, "SHOP-1"), other]}

    assert Browser(app, cast.operator).post("/center/boxes/wall/pictures", chosen).status_code == 303
    for person in (cast.reviewer, cast.support, house.province):
        assert Browser(app, person).post("/center/boxes/wall/pictures", chosen).status_code == 403

    assert asked() == [("screenshot", "HOSPITAL-1"), ("screenshot", "SHOP-1")]
    for tenant in (house.tenant, cast.jiangzhou.tenant):
        with tenant_session(tenant.id) as session:
            record = session.scalars(select(AuditRecord).where(AuditRecord.event == "box.commanded")).one()
        assert (record.actor_name, record.details["count"]) == ("Operator", 1)


def test_boxes_of_others_are_passed_over(app: Flask, cast: Cast, house: House) -> None:
    foreign = put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "HOSPITAL-1")

    Browser(app, house.admin).post(f"{house.path}/boxes/wall/pictures", {"chosen": [foreign]})
    refused = Browser(app, house.editor).post(f"{house.path}/boxes/wall/pictures", {"chosen": [foreign]})

    assert refused.status_code == 403
    assert asked() == []


@pytest.mark.parametrize("path", ["tiles", "small"])
def test_refreshing_is_no_activity(app: Flask, house: House, path: str) -> None:
    """What the page asks for by itself must let an unattended session run out; what a person opens must not."""
    box = id_of(house, "SHOP-1")
    with tenant_session(house.tenant.id) as session:
        picture = session.scalars(select(Screenshot.id)).one()
    address = {"tiles": "/boxes/wall/tiles", "small": f"/boxes/{box}/screenshots/{picture}/small.jpg"}[path]
    browser = Browser(app, house.admin)

    with time_machine.travel(clock.now() + timedelta(minutes=5), tick=True):
        before = _seen_at(house.admin)
        assert browser.get(house.path + address).status_code == 200
        passive = _seen_at(house.admin)
        assert browser.get(f"{house.path}/boxes/wall").status_code == 200
        active = _seen_at(house.admin)

    assert passive == before
    assert active > before


def _seen_at(person: Person) -> Any:
    with platform_session() as session:
        wanted = select(SessionActivity.seen_at).join(UserSession, UserSession.id == SessionActivity.session_id)
        return session.scalars(wanted.where(UserSession.user_id == person.id).order_by(UserSession.id.desc())).first()


def test_small_picture_is_smaller_and_kept_by_nobody_else(app: Flask, house: House) -> None:
    with tenant_session(house.tenant.id) as session:
        row = session.scalars(select(Screenshot)).one()
    small = Browser(app, house.admin).get(f"{house.path}/boxes/{row.box_id}/screenshots/{row.id}/small.jpg")

    assert small.data == row.small
    assert len(small.data) < len(row.image)
    assert small.headers["Cache-Control"].startswith("private")


def test_small_picture_is_read_without_the_large_one_where_there_is_one(app: Flask, house: House) -> None:
    box = id_of(house, "SHOP-1")
    picture = take_picture(house.tenant, box)
    address = f"{house.path}/boxes/{box}/screenshots/{picture}/small.jpg"
    with counted_queries() as statements:
        small = Browser(app, house.admin).get(address).data
    with database().engine.begin() as connection:
        connection.exec_driver_sql("UPDATE box_screenshots SET small = NULL")

    large = Browser(app, house.admin).get(address).data

    assert len(small) < len(large)
    reading = [one for one in statements if "box_screenshots" in one]
    assert [one.partition("FROM")[0].count("image") for one in reading] == [1]
    assert "coalesce" in reading[0]


def test_wall_costs_the_same_for_one_box_and_for_many(app: Flask, house: House) -> None:
    browser = Browser(app, house.admin)
    browser.get(f"{house.path}/boxes/wall")
    with counted_queries() as few:
        browser.get(f"{house.path}/boxes/wall?health=online")
    with counted_queries() as many:
        browser.get(f"{house.path}/boxes/wall")

    assert len(few) == len(many)


def test_installers_phone_is_shown_on_request_and_recorded(app: Flask, cast: Cast, house: House) -> None:
    box, request = id_of(house, "SHOP-1"), let_wait(house.tenant, "WAITS-1")
    pages = {f"{house.path}/boxes/{box}": f"{house.path}/boxes/{box}/installer-phone"}
    pages[f"{house.path}/boxes/waiting"] = f"{house.path}/boxes/waiting/{request}/phone"
    center = Browser(app, cast.operator).get("/center/boxes/waiting").get_data(as_text=True)
    own = Browser(app, house.province).get("/center/boxes/waiting").get_data(as_text=True)
    revealed = Browser(app, cast.operator).post(f"{house.path}/boxes/waiting/{request}/phone").get_data(as_text=True)

    for page, reveal in pages.items():
        masked = Browser(app, house.admin).get(page).get_data(as_text=True)
        assert "****8000" in masked or "****2000" in masked or "****0000" in masked
        shown = Browser(app, house.admin).post(reveal).get_data(as_text=True)
        assert re.search(r"tel:1[0-9]{10}", shown)
        assert reveal not in Browser(app, house.editor).get(page).get_data(as_text=True)
        assert Browser(app, house.editor).post(reveal).status_code == 403
        assert Browser(app, cast.jiangzhou.admin).post(reveal).status_code == 404
    with tenant_session(house.tenant.id) as session:
        found = session.scalars(select(AuditRecord).where(AuditRecord.event == "tenant.contact_revealed")).all()
    assert [record.details["fields"] for record in found] == [["installer_phone"]] * 3
    assert f"{house.path}/boxes/waiting/{request}/phone" in center
    assert f"{house.path}/boxes/waiting/{request}/phone" in own
    assert re.search(r"tel:1[0-9]{10}", revealed)
