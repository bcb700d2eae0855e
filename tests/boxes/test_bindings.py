"""查询 and 上报: what an installer's box is told, and what it is not."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from portal.boxes.commands.licensing import bound_boxes
from portal.boxes.jobs import forget_reports
from portal.boxes.models.bound import Box, BoxKey, BoxRequest, BoxSerial, BoxToken
from portal.boxes.models.limiting import Refusals
from portal.core import clock, outbox
from portal.core.context import TenantRef
from portal.core.database import platform_session, system_session, tenant_session
from portal.notify.models import Notice
from portal.orders.commands.suspending import resume, suspend
from portal.orders.queries import current_subscription
from portal.orders.states import SuspensionReason
from portal.tenants.installing.commands import close_job
from portal.tenants.installing.models import InstallationJob
from portal.tenants.rules import new_enterprise_id
from tests.world.building import build_tenant, in_tenant
from tests.world.fleet import OTHER_PHONE, PHONE, BoxClient, bound_box, job_for, new_box
from tests.world.threads import at_once

WAITING = {"state": "waiting", "retry_seconds": 1800}


def rows(tenant: TenantRef, model: Any) -> list[Any]:
    with tenant_session(tenant.id) as session:
        return list(session.scalars(select(model)))


def rest(tenant: TenantRef) -> None:
    """The tenant is suspended."""
    in_tenant(tenant, lambda ctx: suspend(ctx, _subscription(tenant), SuspensionReason.ARREARS, ""))


def _subscription(tenant: TenantRef) -> Any:
    with tenant_session(tenant.id) as session:
        found = current_subscription(session, tenant.id, clock.now())
    assert found is not None
    return found.id


def close(tenant: TenantRef) -> None:
    job = rows(tenant, InstallationJob)[0]
    in_tenant(tenant, lambda ctx: close_job(ctx, job.id, job.version))


def test_a_look_up_in_an_open_job_names_customer_and_phone(app: Flask, shops: TenantRef) -> None:
    answer = new_box(app).look_up(shops.enterprise_id, PHONE)

    assert answer.status == 200
    assert answer.body == {"enterprise_id": shops.enterprise_id, "name": "步步鞋业", "installer_phone": PHONE}


def test_everything_else_is_one_answer(app: Flask, shops: TenantRef) -> None:
    box, made_up = new_box(app), new_enterprise_id()
    answers = [box.look_up(made_up, PHONE), box.look_up(shops.enterprise_id, OTHER_PHONE)]
    close(shops)
    answers.append(box.look_up(shops.enterprise_id, PHONE))
    full = build_tenant("满员酒店(全国餐饮)")
    job_for(full, 1)
    bound_box(app, full)
    answers.append(box.look_up(full.enterprise_id, PHONE))
    resting = build_tenant("停机酒店(全国餐饮)")
    job_for(resting)
    rest(resting)
    answers.append(box.look_up(resting.enterprise_id, PHONE))

    assert {answer.status for answer in answers} == {404}
    assert {answer.data for answer in answers} == {answers[0].data}
    assert answers[0].code == "unknown_enterprise"


def test_a_binding_in_an_open_job_is_bound_at_once(either: Flask, shops_on_either: TenantRef) -> None:
    box = new_box(either, serial="SN-1", model="E900-S", firmware="5.2")

    answer = box.bind(shops_on_either.enterprise_id, PHONE)

    told = answer.body
    assert answer.status == 201
    assert told.keys() == {
        "state", "box_id", "token", "channel", "root", "now", "poll_seconds", "heartbeat_seconds", "push", "message",
    }  # fmt: skip
    assert (told["state"], told["message"], told["push"]) == ("bound", "信息上报成功", None)
    (row,) = rows(shops_on_either, Box)
    assert (row.id, row.state, row.serial, row.model, row.firmware) == (
        told["box_id"],
        "bound",
        "SN-1",
        "E900-S",
        "5.2",
    )
    assert row.installer_phone == PHONE
    (job,) = rows(shops_on_either, InstallationJob)
    assert (row.job_id, row.group_id, job.places_taken) == (job.id, job.group_id, 1)
    with platform_session() as session:
        assert bound_boxes(session, shops_on_either.id) == 1


def test_a_token_is_kept_as_a_hash_only(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    with platform_session() as session:
        hashes = set(session.scalars(select(BoxToken.token_hash)))

    assert box.token not in hashes
    assert {len(each) for each in hashes} == {64}


def test_the_same_key_again_gets_a_new_token_and_ends_the_old_one(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    old = box.token

    again = box.bind(shops.enterprise_id, PHONE)

    assert again.status == 200
    assert again.body["token"] != old
    assert box.heartbeat().status == 200
    box.token = old
    assert box.heartbeat().code == "token_ended"
    assert len(rows(shops, Box)) == 1


def test_the_same_key_needs_no_job(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    close(shops)

    assert box.bind(shops.enterprise_id, OTHER_PHONE, serial="ANOTHER").status == 200


def test_outside_an_open_job_every_answer_is_the_same(app: Flask, shops: TenantRef) -> None:
    resting, full = build_tenant("停机酒店(全国餐饮)"), build_tenant("满员酒店(全国餐饮)", boxes=1)
    job_for(full, 1)
    bound_box(app, full, serial="TAKEN")
    job_for(resting)
    rest(resting)
    close(shops)
    asked = [
        (new_enterprise_id(), PHONE, {}),
        (shops.enterprise_id, PHONE, {}),
        (shops.enterprise_id, OTHER_PHONE, {"serial": "TAKEN"}),
        (resting.enterprise_id, PHONE, {}),
        (full.enterprise_id, PHONE, {}),
    ]

    answers = [
        new_box(app, address=f"10.1.0.{n}").bind(one, phone, **more) for n, (one, phone, more) in enumerate(asked)
    ]

    assert [answer.status for answer in answers] == [202] * 5
    assert [answer.body for answer in answers] == [WAITING] * 5


def test_a_made_up_id_stores_nothing_about_the_box(app: Flask, shops: TenantRef) -> None:
    new_box(app, serial="STRANGER").bind(new_enterprise_id(), PHONE)

    with system_session(reason="a test looks at everything") as session:
        assert session.scalars(select(BoxRequest)).all() == []
        assert session.get(BoxSerial, "STRANGER") is None


def test_a_waiting_box_reserves_nothing_and_waits_once(app: Flask, shops: TenantRef) -> None:
    box = new_box(app, serial="LATER")

    answers = [box.bind(shops.enterprise_id, OTHER_PHONE).body for _ in range(2)]

    (request,) = rows(shops, BoxRequest)
    assert answers == [WAITING] * 2
    assert (request.state, request.serial, request.installer_phone) == ("waiting", "LATER", OTHER_PHONE)
    with platform_session() as session:
        assert bound_boxes(session, shops.id) == 1
        assert session.get(BoxSerial, "LATER") is None
        assert session.get(BoxKey, box.key["kid"]) is None


def test_a_waiting_box_is_told_to_its_administrators_once_a_day(app: Flask, shops: TenantRef) -> None:
    for number in range(2):
        new_box(app, address=f"10.2.0.{number}").bind(shops.enterprise_id, f"1390013900{number}")

    notices = [row for row in rows(shops, Notice) if row.key.startswith("boxes_wait:")]
    assert [(row.role, row.link) for row in notices] == [("tenant_admin", f"/e/{shops.enterprise_id}/boxes/waiting")]


def test_at_most_twenty_wait_per_enterprise_and_for_a_day(app: Flask, shops: TenantRef) -> None:
    def come(first: int, number: int) -> set[int]:
        """Boxes of as many places and phones; of them all only the enterprise is one, so its refusals are forgotten in between."""
        statuses = set()
        for each in range(first, first + number):
            if each % 10 == 0:
                _forget_refusals()
            box = new_box(app, address=f"10.3.{each}.1")
            statuses.add(box.bind(shops.enterprise_id, f"139{each:08d}").status)
        return statuses

    assert come(0, 22) == {202}
    assert len(rows(shops, BoxRequest)) == 20
    with time_machine.travel(clock.now() + timedelta(hours=25), tick=True):
        assert come(30, 1) == {202}
    assert len(rows(shops, BoxRequest)) == 21


def _forget_refusals() -> None:
    with platform_session(writes=True) as session:
        session.query(Refusals).delete()
        session.commit()


def test_the_twentieth_licence_goes_to_one_of_twenty(either: Flask, shops_on_either: TenantRef) -> None:
    """Nine are bound; twenty boxes come for the tenth licence at once."""
    job_for(shops_on_either, 50, phone=OTHER_PHONE)
    for number in range(9):
        bound_box(either, shops_on_either, address=f"10.4.0.{number}")
    boxes = [new_box(either, address=f"10.5.0.{number}") for number in range(20)]
    for box in boxes:
        box.look_up(shops_on_either.enterprise_id, PHONE)  # for a nonce
    answers: list[tuple[int, str]] = []

    def come(box: BoxClient) -> None:
        answer = box.bind(shops_on_either.enterprise_id, OTHER_PHONE)
        answers.append((answer.status, answer.code))

    ended = at_once(*(lambda box=box: come(box) for box in boxes))  # type: ignore[misc]

    assert ended == [None] * 20
    assert sum(status == 201 for status, _ in answers) == 1
    assert {each for each in answers if each[0] != 201} <= {(409, "no_licence_left"), (429, "too_many_requests")}
    with platform_session() as session:
        assert bound_boxes(session, shops_on_either.id) == 10
    (taken,) = [row.places_taken for row in rows(shops_on_either, InstallationJob) if row.places == 50]
    assert taken == 1


def test_a_box_that_binds_twice_at_once_is_one_box(either: Flask, shops_on_either: TenantRef) -> None:
    box = new_box(either)
    box.look_up(shops_on_either.enterprise_id, PHONE)
    statuses: list[int] = []

    at_once(*[lambda: statuses.append(box.bind(shops_on_either.enterprise_id, PHONE).status)] * 4)

    assert sorted(statuses) == [200, 200, 200, 201]
    assert len(rows(shops_on_either, Box)) == 1
    with platform_session() as session:
        assert bound_boxes(session, shops_on_either.id) == 1
        alive = select(func.count()).select_from(BoxToken).where(BoxToken.ended_at.is_(None))
        assert session.scalar(alive) == 1


def test_two_boxes_with_one_serial_are_not_both_bound(either: Flask, shops_on_either: TenantRef) -> None:
    boxes = [new_box(either, serial="TWIN") for _ in range(2)]
    for box in boxes:
        box.look_up(shops_on_either.enterprise_id, PHONE)
    answers: list[tuple[int, str]] = []

    def come(box: BoxClient) -> None:
        answer = box.bind(shops_on_either.enterprise_id, PHONE)
        answers.append((answer.status, answer.code))

    at_once(*(lambda box=box: come(box) for box in boxes))  # type: ignore[misc]

    assert sorted(answers) == [(201, ""), (409, "serial_bound")]


def test_a_smaller_subscription_stops_new_bindings_and_unbinds_nobody(
    app: Flask, shops: TenantRef, box: BoxClient
) -> None:
    with platform_session(writes=True) as session:
        session.connection().exec_driver_sql("UPDATE subscriptions SET boxes = 1")
        session.connection().commit()

    answer = new_box(app).bind(shops.enterprise_id, PHONE)

    assert (answer.status, answer.code) == (409, "no_licence_left")
    assert box.heartbeat().status == 200


def test_hotel_packages_are_for_the_three_in_one_box(app: Flask, shops: TenantRef) -> None:
    hotel = _hotel()
    plain, fused = new_box(app, model="E900-S"), new_box(app, model="rg020et-ca")

    answers = [plain.bind(hotel.enterprise_id, PHONE), fused.bind(hotel.enterprise_id, PHONE)]

    assert [(answer.status, answer.code) for answer in answers] == [(422, "wrong_box_type"), (201, "")]
    assert new_box(app, model="RG020ET").bind(shops.enterprise_id, PHONE).status == 201


def _hotel() -> TenantRef:
    hotel = build_tenant("云栖酒店集团(全国酒店)", package="天翼高清酒店专属定制包")
    job_for(hotel)
    return hotel


def test_a_key_that_is_bound_elsewhere_is_told_so_inside_a_job_only(
    app: Flask, shops: TenantRef, box: BoxClient
) -> None:
    other = build_tenant("别家酒楼(全国餐饮)")
    job_for(other)

    inside = box.bind(other.enterprise_id, PHONE)
    outside = box.bind(other.enterprise_id, OTHER_PHONE)

    assert (inside.status, inside.code) == (409, "bound_elsewhere")
    assert (outside.status, outside.body) == (202, WAITING)


def test_a_serial_that_is_bound_warns_its_own_administrators_once_a_day(
    app: Flask, shops: TenantRef, box: BoxClient
) -> None:
    other = build_tenant("别家酒楼(全国餐饮)")
    job_for(other)

    answers = [new_box(app, address=f"10.6.0.{n}").bind(other.enterprise_id, PHONE, serial="BOX-1") for n in range(2)]
    outbox.drain()

    assert {(answer.status, answer.code) for answer in answers} == {(409, "serial_bound")}
    warned = [row for row in rows(shops, Notice) if row.key.startswith("box_serial_claimed:")]
    assert [(row.role, row.params["serial"]) for row in warned] == [("tenant_admin", "BOX-1")]
    assert [row for row in rows(other, Notice) if "serial" in row.key] == []


def test_suspension_ends_tokens_and_resumption_gives_new_ones(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    rest(shops)
    while_resting = [box.heartbeat().code, box.play([]).code, box.bind(shops.enterprise_id, PHONE).status]

    in_tenant(shops, lambda ctx: resume(ctx, _subscription(shops)))

    assert while_resting == ["token_ended", "token_ended", 202]
    assert box.bind(shops.enterprise_id, PHONE).status == 200
    assert box.heartbeat().status == 200


def refuse(
    app: Flask, number: int, *, enterprise: str = "", phone: str = "", address: str = "", serial: str = ""
) -> list[int]:
    """Refused bindings that have one thing in common."""
    statuses = []
    for each in range(number):
        box = new_box(app, address=address or f"10.7.{each}.1", serial=serial or f"S{each}")
        statuses.append(box.bind(enterprise or new_enterprise_id(), phone or f"139{each:08d}").status)
    return statuses


@pytest.mark.parametrize(
    "common", [{"phone": PHONE}, {"address": "10.9.9.9"}, {"serial": "SAME"}, {"enterprise": "820000000003"}]
)
def test_ten_refusals_in_ten_minutes_are_enough(app: Flask, shops: TenantRef, common: dict[str, str]) -> None:
    if "enterprise" in common:
        common = {"enterprise": new_enterprise_id()}

    assert refuse(app, 11, **common) == [202] * 10 + [429]
    with time_machine.travel(clock.now() + timedelta(minutes=10, seconds=1), tick=True):
        assert refuse(app, 1, **common) == [202]


def test_fifty_refusals_a_day_are_enough(app: Flask, shops: TenantRef) -> None:
    start = clock.now()
    for step in range(5):
        with time_machine.travel(start + step * timedelta(minutes=11), tick=True):
            assert refuse(app, 10, phone=OTHER_PHONE) == [202] * 10

    with time_machine.travel(start + timedelta(hours=2), tick=True):
        over = new_box(app, address="10.8.0.1").bind(new_enterprise_id(), OTHER_PHONE)
    with time_machine.travel(start + timedelta(days=1, minutes=1), tick=True):
        later = new_box(app, address="10.8.0.1").bind(new_enterprise_id(), OTHER_PHONE)

    assert (over.status, over.code, later.status) == (429, "too_many_requests", 202)
    assert 0 < int(over.headers["retry-after"]) <= 1800


def test_refused_look_ups_count_against_bindings_and_the_other_way_round(app: Flask, shops: TenantRef) -> None:
    box = new_box(app)
    for _ in range(5):
        box.look_up(shops.enterprise_id, OTHER_PHONE)
        box.bind(new_enterprise_id(), OTHER_PHONE)

    assert box.look_up(shops.enterprise_id, PHONE).status == 429


def test_successes_do_not_count_and_a_bound_key_is_never_held_up(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    assert {box.look_up(shops.enterprise_id, PHONE).status for _ in range(12)} == {200}
    assert {box.bind(shops.enterprise_id, PHONE).status for _ in range(12)} == {200}
    refuse(app, 10, phone=PHONE)

    assert new_box(app).look_up(shops.enterprise_id, PHONE).status == 429
    assert box.bind(shops.enterprise_id, PHONE).status == 200
    assert box.heartbeat().status == 200


def test_refusals_are_forgotten_after_a_day_and_say_nothing_about_whom(app: Flask, shops: TenantRef) -> None:
    refuse(app, 1, phone=OTHER_PHONE)
    with platform_session() as session:
        subjects = " ".join(session.scalars(select(Refusals.subject)))

    with time_machine.travel(clock.now() + timedelta(days=1, minutes=1), tick=True):
        forget_reports()

    assert OTHER_PHONE not in subjects
    with platform_session() as session:
        assert session.scalars(select(Refusals)).all() == []


def test_strangers_words_come_back_as_data(app: Flask, shops: TenantRef) -> None:
    words = "<script>alert(1)</script>'\"%s{{7*7}}"[:64]
    box = new_box(app, serial=words, model=words, firmware=words)

    assert box.bind(shops.enterprise_id, PHONE).status == 201
    assert [row.serial for row in rows(shops, Box) if row.model == words] == [words]
