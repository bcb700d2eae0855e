"""How far what is on air has come: who lags, why, and the list that each number leads to."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import select

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.models.told import BoxCommand
from portal.boxes.queries.adoption import adoption_cells, old_firmware, share_of, shares_by
from portal.boxes.states import Reason
from portal.core import clock, unit_of_work
from portal.core.database import PortalSession, database, system_session, tenant_session
from portal.releases import publisher
from portal.releases.models import Release
from tests.world.airing import desk_of
from tests.world.browser import Browser
from tests.world.cast import Cast, House
from tests.world.fleet import put_box

FAULT = {"detail": 'says "code": "bad_signature" in its detail', "at": "2026-01-01T00:00:00+00:00"}
OLD = timedelta(hours=2)

# What a heartbeat left, and why the box is behind then. The release on air is two hours old unless told otherwise.
BEHIND: dict[str, tuple[dict[str, Any], Reason]] = {
    "NEVER": ({"seen_at": None}, Reason.NEVER),
    "OFFLINE": ({"seen_at": timedelta(minutes=5), "faults": ["bad_signature"]}, Reason.OFFLINE),
    "SIGNATURE": ({"faults": ["x", "bad_signature"]}, Reason.SIGNATURE),
    "ROLLED": ({"faults": ["old_sequence"]}, Reason.REJECTED),
    "FULL": ({"free_bytes": 1_000}, Reason.DISK),
    "SAYS-FULL": ({"faults": ["disk_full"]}, Reason.DISK),
    "STALE": ({"faults": ["stale_pointer"]}, Reason.STALE),
    "OLD-FIRMWARE": ({"firmware": "5.2.9"}, Reason.FIRMWARE),
    "NO-REASON": ({"faults": ["quotes"]}, Reason.UNKNOWN),
}


def fill(house: House) -> None:
    """A tenant with a release on air, a box that shows it, and one for each way to lag."""
    desk = desk_of(house.tenant)
    desk.put_on_air(desk.save("一"))
    desk.put_on_air(desk.save("二"))
    publisher.rest()
    put_box(house.tenant, house.shop, "CURRENT")
    for serial in BEHIND:
        put_box(house.tenant, house.elsewhere, serial)
    publisher.rest()
    with tenant_session(house.tenant.id, writes=True) as session:
        for release in session.scalars(select(Release)):
            release.published_at = clock.now() - OLD
        rows = session.execute(select(Box.serial, BoxStatus).join(BoxStatus, BoxStatus.id == Box.id))
        for serial, status in rows:
            values = BEHIND[serial][0] if serial in BEHIND else {"sequence": 2}
            for name, value in {**_usual(), **values}.items():
                setattr(status, name, _value(name, value))
        unaccounted(session)


def unaccounted(session: PortalSession) -> None:
    """Rows as if they had been made so, past the account."""
    session.flush()
    unit_of_work.work_of(session).changed.clear()
    session.commit()


def _usual() -> dict[str, Any]:
    return {"seen_at": timedelta(0), "sequence": 1, "faults": [], "free_bytes": 10**9, "firmware": "5.2.18"}


def _value(name: str, value: Any) -> Any:
    if name == "faults":
        return [{"code": code, **FAULT} for code in value]
    return clock.now() - value if isinstance(value, timedelta) else value


@pytest.fixture
def house(app: Flask, cast: Cast) -> House:
    fill(cast.yunqi)
    return cast.yunqi


def test_every_box_behind_has_one_reason(house: House) -> None:
    with tenant_session(house.tenant.id) as session:
        cells = adoption_cells(session, clock.now())
    whole = share_of(cells)

    expected: dict[Reason, int] = {}
    for _, reason in BEHIND.values():
        expected[reason] = expected.get(reason, 0) + 1
    assert (whole.boxes, whole.current) == (10, 1)
    assert dict(whole.reasons) == expected
    assert {
        key: (share.boxes, share.current) for key, share in shares_by(cells, lambda cell: cell.release).items()
    } == {
        1: (9, 0),
        2: (1, 1),
    }


def serials(app: Flask, person: Any, path: str) -> set[str]:
    answer = Browser(app, person).get(path)
    assert answer.status_code == 200, path
    page = answer.get_data(as_text=True)
    return {serial for serial in ("CURRENT", *BEHIND) if re.search(rf">{serial}<", page)}


@pytest.mark.parametrize("reason", Reason)
def test_each_number_leads_to_its_boxes(app: Flask, cast: Cast, house: House, reason: Reason) -> None:
    if reason is Reason.DOWNLOADING:
        with tenant_session(house.tenant.id, writes=True) as session:
            for release in session.scalars(select(Release)):
                release.published_at = clock.now()
            unaccounted(session)
    expected = {serial for serial, (_, why) in BEHIND.items() if why is reason}
    if reason is Reason.DOWNLOADING:
        expected = {"OLD-FIRMWARE", "NO-REASON"}

    assert serials(app, house.admin, f"{house.path}/boxes?behind=1&reason={reason.value}") == expected
    assert serials(app, cast.operator, f"/center/boxes?behind=1&reason={reason.value}") == expected


def test_release_is_a_filter_too(app: Flask, house: House) -> None:
    assert serials(app, house.admin, f"{house.path}/boxes?release=2") == {"CURRENT"}
    assert serials(app, house.admin, f"{house.path}/boxes?release=1") == set(BEHIND)
    assert serials(app, house.admin, f"{house.path}/boxes?release=99999999999999999999") == {"CURRENT", *BEHIND}


def test_pages_open_in_every_way_and_for_their_people(app: Flask, cast: Cast, house: House) -> None:
    for by in ("release", "group", "model", "firmware", "nonsense"):
        assert Browser(app, house.editor).get(f"{house.path}/boxes/adoption?by={by}").status_code == 200
    for by in ("province", "enterprise", "model", "firmware"):
        assert Browser(app, cast.operator).get(f"/center/boxes/adoption?by={by}").status_code == 200
    own = Browser(app, house.group_editor).get(f"{house.path}/boxes/adoption").get_data(as_text=True)
    elsewhere = Browser(app, cast.jiangzhou.province).get("/center/boxes/adoption").get_data(as_text=True)

    assert "每台都在播最新版本。" in own
    assert "还没有机顶盒" in elsewhere
    assert Browser(app, cast.jiangzhou.admin).get(f"{house.path}/boxes/adoption").status_code == 404


def test_laggards_of_one_reason_are_told_to_fetch(app: Flask, cast: Cast, house: House) -> None:
    answer = Browser(app, house.admin).post(
        f"{house.path}/boxes/selection?behind=1&reason=stale", {"act": "resync", "all": "1"}
    )
    operator = Browser(app, cast.operator)
    center, again = (
        operator.post("/center/boxes/selection?behind=1&reason=disk", {"act": "resync", "all": "1"}) for _ in range(2)
    )
    said = operator.get("/center/boxes").get_data(as_text=True)

    assert (answer.status_code, center.status_code, again.status_code) == (303, 303, 303)
    assert ("已告诉 2 台" in said, "没有再告诉" in said, "已告诉 0 台" in said) == (True, True, False)
    with system_session(reason="a test looks at commands") as session:
        told = session.execute(select(Box.serial, BoxCommand.kind).join(Box, Box.id == BoxCommand.box_id))
        assert sorted(tuple(row) for row in told) == [("FULL", "resync"), ("SAYS-FULL", "resync"), ("STALE", "resync")]
    assert Browser(app, cast.support).post("/center/boxes/selection", {"act": "resync", "all": "1"}).status_code == 403
    assert Browser(app, cast.operator).post("/center/boxes/selection", {"act": "explode"}).status_code == 404


def test_lists_go_out_as_excel_as_they_are_narrowed(app: Flask, cast: Cast, house: House) -> None:
    mine = Browser(app, house.admin).post(f"{house.path}/boxes?reason=stale&behind=1")
    everywhere = Browser(app, cast.operator).post("/center/boxes?q=CURRENT")
    own = Browser(app, house.group_editor).post(f"{house.path}/boxes")

    found = [
        [row[2] for row in CalamineWorkbook.from_filelike(BytesIO(answer.data)).get_sheet_by_index(0).to_python()[1:]]
        for answer in (mine, everywhere, own)
    ]
    assert found == [["STALE"], ["CURRENT"], ["CURRENT"]]


def test_a_version_that_hardly_any_box_runs_makes_no_fleet_old(house: House) -> None:
    """Of a hundred boxes five make a version the newest in use, four do not; a stranger's number makes nothing old."""

    def newest(boxes: int) -> tuple[tuple[str, str], ...]:
        with tenant_session(house.tenant.id, writes=True) as session:
            rows = session.scalars(select(BoxStatus)).all()
            for number, row in enumerate(rows):
                row.firmware = "9.9" if number < boxes else "5.2"
            session.commit()
        with tenant_session(house.tenant.id) as session:
            return old_firmware(session)

    with database().engine.begin() as connection:
        connection.exec_driver_sql("UPDATE subscriptions SET boxes = 200")
    for each in range(100 - count_of(house)):
        put_box(house.tenant, house.shop, f"MANY-{each}")

    assert newest(4) == ()
    assert newest(5) == (("RG020ET", "5.2"),)


def count_of(house: House) -> int:
    with tenant_session(house.tenant.id) as session:
        return len(session.scalars(select(BoxStatus)).all())


def test_firmware_is_old_by_its_numbers_and_within_its_model(house: House) -> None:
    with tenant_session(house.tenant.id) as session:
        assert old_firmware(session) == (("RG020ET", "5.2.9"),)
