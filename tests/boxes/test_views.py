"""The pages about boxes: who sees which, and what each act brings about on the box's side of the line."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from portal.boxes.commands.licensing import bound_boxes
from portal.boxes.models.bound import Box, BoxKey, BoxRequest
from portal.boxes.models.reported import BoxStatus
from portal.boxes.models.told import BoxCommand
from portal.core import clock
from portal.core.database import platform_session, tenant_session
from portal.core.ids import BoxId
from portal.releases import publisher
from portal.releases.jobs import BY_GROUPS, refresh
from portal.tenants.installing.commands import close_job
from portal.tenants.installing.models import InstallationJob
from portal.tenants.models import BoxGroup
from tests.world.airing import desk_of
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House, Person
from tests.world.fleet import NOBODYS_PHONE, PHONE, bound_box, job_for, let_wait, new_box, put_box, take_picture


@pytest.fixture
def house(app: Flask, cast: Cast) -> House:
    """A tenant with a box in its shop and one elsewhere."""
    put_box(cast.yunqi.tenant, cast.yunqi.shop, "SHOP-1")
    put_box(cast.yunqi.tenant, cast.yunqi.elsewhere, "ELSE-1", model="E900-S")
    return cast.yunqi


def page(app: Flask, person: Person, path: str, status: int = 200) -> str:
    answer = Browser(app, person).get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def rows(house: House, model: Any) -> list[Any]:
    with tenant_session(house.tenant.id) as session:
        return list(session.scalars(select(model)))


def box_of(house: House, serial: str) -> Any:
    return next(row for row in rows(house, Box) if row.serial == serial)


def report(house: House, serial: str, **values: Any) -> None:
    """What a heartbeat would have left."""
    with tenant_session(house.tenant.id, writes=True) as session:
        row = session.scalars(select(BoxStatus).where(BoxStatus.id == box_of(house, serial).id)).one()
        for name, value in {"seen_at": clock.now(), "faults": [], **values}.items():
            setattr(row, name, value)
        session.commit()


def test_a_member_sees_the_boxes_and_a_stranger_nothing(app: Flask, cast: Cast, house: House) -> None:
    shown = page(app, house.editor, f"{house.path}/boxes")

    assert "SHOP-1" in shown
    assert "ELSE-1" in shown
    page(app, cast.stranger, f"{house.path}/boxes", 404)
    page(app, cast.jiangzhou.admin, f"{house.path}/boxes/{box_of(house, 'SHOP-1').id}", 404)
    page(app, cast.jiangzhou.admin, f"{cast.jiangzhou.path}/boxes/{box_of(house, 'SHOP-1').id}", 404)


def test_a_group_editor_sees_the_own_subtree(app: Flask, house: House) -> None:
    shown = page(app, house.group_editor, f"{house.path}/boxes")

    assert "SHOP-1" in shown
    assert "ELSE-1" not in shown
    page(app, house.group_editor, f"{house.path}/boxes/{box_of(house, 'SHOP-1').id}")
    page(app, house.group_editor, f"{house.path}/boxes/{box_of(house, 'ELSE-1').id}", 404)
    assert "ELSE-1" not in page(app, house.group_editor, f"{house.path}/boxes?group={house.elsewhere}")


FILTERS = {
    "q=shop": {"SHOP-1"},
    "model=E900-S": {"ELSE-1"},
    "health=online": {"SHOP-1"},
    "health=never": {"ELSE-1"},
    "health=offline": set(),
    "health=faulty": set(),
    "firmware=9.9": {"SHOP-1"},
    "state=unbound": set(),
    "behind=1": set(),
    "model=nothing": set(),
    "health=nonsense&state=nonsense&size=7&page=-1&sort=password": {"SHOP-1", "ELSE-1"},
}


@pytest.mark.parametrize(("query", "serials"), FILTERS.items(), ids=FILTERS.keys())
def test_filters_stand_in_the_address(app: Flask, house: House, query: str, serials: set[str]) -> None:
    report(house, "SHOP-1", firmware="9.9")

    shown = page(app, house.admin, f"{house.path}/boxes?{query}")

    assert {serial for serial in ("SHOP-1", "ELSE-1") if f">{serial}<" in shown} == serials


def test_filters_offer_what_one_may_see(app: Flask, cast: Cast, house: House) -> None:
    publisher.rest()
    put_box(house.tenant, house.elsewhere, "ELSE-2", model="SECRET-ONE")
    put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "JZ-9", model="SECRET-TWO")
    report(house, "ELSE-2", firmware="7.7.1")
    report(cast.jiangzhou, "JZ-9", firmware="7.7.2")
    secrets = ("SECRET-ONE", "SECRET-TWO", "7.7.1", "7.7.2")

    def offered(person: Person, path: str) -> tuple[bool, ...]:
        shown = page(app, person, f"{path}?q=nothing-is-called-so")
        return tuple(word in shown for word in secrets)

    assert offered(cast.operator, "/center/boxes") == (True,) * 4
    assert offered(house.province, "/center/boxes") == (True, False, True, False)
    assert offered(house.admin, f"{house.path}/boxes") == (True, False, True, False)
    assert offered(house.group_editor, f"{house.path}/boxes") == (False,) * 4


def test_how_a_box_is_follows_from_its_heartbeats(app: Flask, house: House) -> None:
    fault = {"code": "old_sequence", "detail": "<i>", "at": "2026-01-01T00:00:00+00:00"}
    seen = []
    for values in (
        {},
        {"faults": [fault]},
        {"seen_at": clock.now() - timedelta(minutes=4)},
    ):
        report(house, "SHOP-1", **values)
        found = [
            health
            for health in ("online", "faulty", "offline", "never")
            if "SHOP-1" in page(app, house.admin, f"{house.path}/boxes?health={health}")
        ]
        seen.append(found)

    assert seen == [["online"], ["faulty"], ["offline"]]


def test_strangers_words_are_escaped_on_every_page(app: Flask, cast: Cast, house: House) -> None:
    words = "<script>alert(1)</script>"
    fault = {"code": words, "detail": words, "at": "2026-01-01T00:00:00+00:00"}
    box = put_box(house.tenant, house.shop, words, model=words)
    report(house, words, firmware=words, faults=[fault])
    let_wait(house.tenant, f"{words}2", model=words)

    for path in ("/boxes", f"/boxes/{box}", "/boxes/waiting", f"/boxes/{box}/unbind", f"/boxes/{box}/replace"):
        shown = page(app, house.admin, house.path + path)
        assert words not in shown, path
        assert "&lt;script&gt;" in shown, path
    assert words not in page(app, cast.operator, "/center/boxes")
    assert words not in page(app, cast.operator, "/center/boxes/waiting")


def test_the_center_sees_all_and_a_province_its_own(app: Flask, cast: Cast, house: House) -> None:
    put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "HOSPITAL-1")
    let_wait(cast.jiangzhou.tenant, "WAITS-1")

    everything = page(app, cast.operator, "/center/boxes")
    own = page(app, cast.yunqi.province, "/center/boxes")

    assert all(serial in everything for serial in ("SHOP-1", "ELSE-1", "HOSPITAL-1"))
    assert "SHOP-1" in own
    assert "HOSPITAL-1" not in own
    assert "SHOP-1" not in page(app, cast.operator, "/center/boxes?enterprise=江州")
    assert "WAITS-1" in page(app, cast.operator, "/center/boxes/waiting")
    assert "WAITS-1" not in page(app, cast.yunqi.province, "/center/boxes/waiting")
    page(app, cast.app_admin, "/center/boxes", 403)
    page(app, house.admin, "/center/boxes", 403)


def test_a_picture_is_shown_to_those_who_see_the_box(app: Flask, cast: Cast, house: House) -> None:
    box = box_of(house, "SHOP-1").id
    picture = take_picture(house.tenant, BoxId(box))
    path = f"{house.path}/boxes/{box}/screenshots/{picture}.jpg"

    answer = Browser(app, house.admin).get(path)

    assert (answer.status_code, answer.mimetype, answer.data[:2]) == (200, "image/jpeg", b"\xff\xd8")
    assert Browser(app, cast.stranger).get(path).status_code == 404
    other = f"{house.path}/boxes/{box_of(house, 'ELSE-1').id}/screenshots/{picture}.jpg"
    assert Browser(app, house.admin).get(other).status_code == 404


def post(app: Flask, person: Person, house: House, path: str, **fields: Any) -> int:
    return int(Browser(app, person).post(house.path + path, fields).status_code)


@pytest.mark.parametrize("path", ["name", "unbind", "theft", "replace", "command"])
def test_who_may_not_change_boxes_is_refused(app: Flask, cast: Cast, house: House, path: str) -> None:
    address = f"/boxes/{box_of(house, 'SHOP-1').id}/{path}"
    fields = {"name": "x", "reason": "x", "typed": "SHOP-1", "version": "1", "act": "restart"}

    refused = {person.username: post(app, person, house, address, **fields) for person in (house.editor, cast.support)}

    assert set(refused.values()) == {403}
    assert post(app, cast.jiangzhou.admin, house, address, **fields) == 404
    assert box_of(house, "SHOP-1").state == "bound"


def test_a_box_is_named(app: Flask, house: House) -> None:
    address = f"/boxes/{box_of(house, 'SHOP-1').id}/name"

    assert post(app, house.admin, house, address, name="１２０８", version="1") == 303
    assert box_of(house, "SHOP-1").name == "1208"
    assert post(app, house.admin, house, address, name="1209", version="1") == 409
    assert post(app, house.admin, house, address, name="x" * 41, version="2") == 422


def test_chosen_boxes_are_told_what_to_do(app: Flask, house: House) -> None:
    both = [row.id for row in rows(house, Box)]

    Browser(app, house.admin).post(f"{house.path}/boxes/selection", {"act": "screenshot", "chosen": both})
    Browser(app, house.admin).post(f"{house.path}/boxes/selection?model=E900-S", {"act": "resync", "all": "1"})

    told = sorted((row.kind, row.box_id) for row in rows(house, BoxCommand))
    assert told == sorted([("screenshot", each) for each in both] + [("resync", box_of(house, "ELSE-1").id)])
    assert post(app, house.admin, house, "/boxes/selection", act="explode", chosen=both[0]) == 404


def test_boxes_move_into_another_group(app: Flask, house: House) -> None:
    both = [row.id for row in rows(house, Box)]
    query = "&".join(f"chosen={each}" for each in both)

    status = post(app, house.admin, house, f"/boxes/move?{query}", group=house.region)

    assert status == 303
    assert {row.group_id for row in rows(house, Box)} == {house.region}


def test_a_box_of_another_tenant_cannot_be_moved_along(app: Flask, cast: Cast, house: House) -> None:
    foreign = put_box(cast.jiangzhou.tenant, cast.jiangzhou.root, "HOSPITAL-1")
    own = box_of(house, "SHOP-1").id

    assert post(app, house.admin, house, f"/boxes/move?chosen={own}&chosen={foreign}", group=house.region) == 404
    assert box_of(house, "SHOP-1").group_id == house.shop


def test_unbinding_ends_the_token_and_frees_everything(app: Flask, cast: Cast, house: House) -> None:
    job_for(house.tenant, 5, group=house.shop)
    box = bound_box(app, house.tenant, serial="REAL-1")
    row = box_of(house, "REAL-1")

    assert post(app, house.admin, house, f"/boxes/{row.id}/unbind", reason="", version="1") == 422
    assert post(app, house.admin, house, f"/boxes/{row.id}/unbind", reason="退房", version="1") == 303

    ended = box.heartbeat()
    assert (ended.status, ended.code) == (401, "token_ended")
    with platform_session() as session:
        assert bound_boxes(session, house.tenant.id) == 2
        assert session.get(BoxKey, box.key["kid"]) is None
    assert [job.places_taken for job in rows(house, InstallationJob)] == [0]
    assert box.bind(house.tenant.enterprise_id, PHONE).status == 201
    assert "退房" in page(app, house.admin, f"{house.path}/boxes/{box_of(house, 'REAL-1').id}")


def test_theft_ends_token_and_channel_at_once_and_the_others_go_on(app: Flask, house: House) -> None:
    desk = desk_of(house.tenant)
    desk.put_on_air(desk.save("欢迎"))
    publisher.rest()
    job_for(house.tenant, 5, group=house.shop)
    thief, neighbour = (
        bound_box(app, house.tenant, serial=serial, address=f"10.0.0.{n}") for n, serial in enumerate(("LOST", "STAYS"))
    )
    row, old = box_of(house, "LOST"), thief.channel

    assert post(app, house.admin, house, f"/boxes/{row.id}/theft", reason="被偷", typed="WRONG", version="1") == 422
    assert post(app, house.admin, house, f"/boxes/{row.id}/theft", reason="被偷", typed="LOST", version="1") == 303
    ended, meanwhile = thief.heartbeat().code, neighbour.heartbeat().body["channel"]
    refresh(house.tenant.id, BY_GROUPS)
    publisher.rest()

    group = next(each for each in rows(house, BoxGroup) if each.id == house.shop)
    assert (ended, meanwhile) == ("token_ended", old)
    assert neighbour.heartbeat().body["channel"] == group.channel != old
    assert thief.bind(house.tenant.enterprise_id, PHONE).status == 202
    assert box_of(house, "LOST").state == "stolen"


def test_a_stolen_box_comes_back_by_somebodys_confirmation(app: Flask, house: House) -> None:
    job_for(house.tenant, 5, group=house.shop)
    box = bound_box(app, house.tenant, serial="LOST")
    row = box_of(house, "LOST")
    post(app, house.admin, house, f"/boxes/{row.id}/theft", reason="被偷", typed="LOST", version="1")
    refresh(house.tenant.id, BY_GROUPS)
    publisher.rest()
    waits = box.bind(house.tenant.enterprise_id, PHONE).status
    (request,) = rows(house, BoxRequest)

    confirmed = post(app, house.admin, house, f"/boxes/waiting/{request.id}/confirm", group=house.root)

    assert (waits, confirmed) == (202, 303)
    assert box.bind(house.tenant.enterprise_id, PHONE).status == 201
    assert box.heartbeat().status == 200


@pytest.mark.parametrize("who", ["admin", "province", "operator"])
def test_a_box_that_waits_is_confirmed_and_gets_its_token_when_it_asks(
    app: Flask, cast: Cast, house: House, who: str
) -> None:
    person = cast.operator if who == "operator" else getattr(house, who)
    box = new_box(app, serial="LATE-1")
    first = box.bind(house.tenant.enterprise_id, NOBODYS_PHONE).status
    (request,) = rows(house, BoxRequest)

    status = post(app, person, house, f"/boxes/waiting/{request.id}/confirm", group=house.shop)

    row = box_of(house, "LATE-1")
    assert (first, status, row.group_id, row.bound_by) == (202, 303, house.shop, person.id)
    assert box.bind(house.tenant.enterprise_id, NOBODYS_PHONE).status == 201
    assert box.heartbeat().status == 200
    assert post(app, person, house, f"/boxes/waiting/{request.id}/confirm", group=house.shop) == 303
    assert len(rows(house, Box)) == 3


@pytest.mark.parametrize("who", ["editor", "group_editor"])
def test_others_do_not_decide(app: Flask, cast: Cast, house: House, who: str) -> None:
    request = let_wait(house.tenant, "LATE-1")

    assert post(app, getattr(house, who), house, f"/boxes/waiting/{request}/confirm", group=house.shop) == 403
    assert post(app, cast.jiangzhou.admin, house, f"/boxes/waiting/{request}/confirm", group=house.shop) == 404
    assert post(app, cast.jiangzhou.province, house, f"/boxes/waiting/{request}/reject") == 404


def test_a_rejected_box_is_told_nothing_and_not_asked_about_again(app: Flask, house: House) -> None:
    box = new_box(app, serial="LATE-1")
    box.bind(house.tenant.enterprise_id, NOBODYS_PHONE)
    (request,) = rows(house, BoxRequest)

    assert post(app, house.admin, house, f"/boxes/waiting/{request.id}/reject") == 303

    assert box.bind(house.tenant.enterprise_id, NOBODYS_PHONE).status == 202
    assert [row.state for row in rows(house, BoxRequest)] == ["rejected"]


def test_a_confirmation_needs_a_licence_and_a_free_serial(app: Flask, house: House) -> None:
    twin = let_wait(house.tenant, "SHOP-1")
    for number in range(8):
        put_box(house.tenant, house.root, f"FULL-{number}")
    more = let_wait(house.tenant, "ELEVENTH")

    statuses = [
        post(app, house.admin, house, f"/boxes/waiting/{each}/confirm", group=house.root) for each in (twin, more)
    ]

    assert statuses == [303, 303]
    assert {row.state for row in rows(house, BoxRequest)} == {"waiting"}
    assert len(rows(house, Box)) == 10
    assert "套餐 10 台已经用完" in page(app, house.admin, f"{house.path}/boxes/waiting")


def test_a_new_box_takes_an_old_ones_place_in_a_full_tenant(app: Flask, house: House) -> None:
    for number in range(8):
        put_box(house.tenant, house.root, f"FULL-{number}")
    old = box_of(house, "SHOP-1")
    post(app, house.admin, house, f"/boxes/{old.id}/name", name="1208", version="1")
    successor = let_wait(house.tenant, "FRESH-1")

    assert post(app, house.admin, house, f"/boxes/{old.id}/replace", successor=successor) == 303

    fresh = box_of(house, "FRESH-1")
    assert (fresh.state, fresh.name, fresh.group_id) == ("bound", "1208", house.shop)
    assert box_of(house, "SHOP-1").state == "unbound"
    with platform_session() as session:
        assert bound_boxes(session, house.tenant.id) == 10


def test_an_empty_tenant_says_how_boxes_come(app: Flask, cast: Cast) -> None:
    assert "还没有机顶盒" in page(app, cast.jiangzhou.admin, f"{cast.jiangzhou.path}/boxes")
    assert "没有等待确认的机顶盒" in page(app, cast.jiangzhou.admin, f"{cast.jiangzhou.path}/boxes/waiting")


def test_the_page_of_a_job_shows_its_boxes_and_who_waits(app: Flask, house: House) -> None:
    job = job_for(house.tenant, 5, group=house.shop)
    bound_box(app, house.tenant, serial="JOB-1")
    in_tenant(house.tenant, lambda ctx: close_job(ctx, job, rows(house, InstallationJob)[0].version))
    new_box(app, serial="JOB-2").bind(house.tenant.enterprise_id, PHONE)

    shown = page(app, house.admin, f"{house.path}/installation/{job}")
    listed = page(app, house.admin, f"{house.path}/boxes?job={job}")

    assert f"{house.path}/boxes/{box_of(house, 'JOB-1').id}" in shown
    assert f"{house.path}/boxes/waiting" in shown
    assert ("JOB-1" in listed, "SHOP-1" in listed) == (True, False)
