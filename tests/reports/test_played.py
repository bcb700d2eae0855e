"""The reports about plays: each play counts once in every way of looking; titles stay when the content is gone."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import delete, select

from portal.audit.events import Event
from portal.audit.models import AuditRecord
from portal.boxes.commands.playing import Counted, keep_plays
from portal.boxes.entering import enter
from portal.boxes.jobs import forget_reports
from portal.boxes.models.bound import Box
from portal.boxes.models.reported import PlayBoxDay, PlayDay, PlayName, PlayRow
from portal.boxes.naming import note_names
from portal.boxes.queries import shown
from portal.boxes.queries.proven import Token
from portal.boxes.schemas import Play, Plays
from portal.catalog.features import Feature
from portal.content.commands import Entered, save_draft
from portal.content.discarding import delete_object
from portal.content.kinds import Kind
from portal.core import clock, unit_of_work
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import BoxId, new_id
from portal.releases import publisher
from portal.releases.models import Release
from portal.reports.played import queries
from portal.reports.played.planned import planned_seconds
from portal.reports.played.queries import Asked, By
from tests.world import content, packages
from tests.world.airing import Desk, desk_of
from tests.world.browser import Browser
from tests.world.building import in_tenant
from tests.world.cast import Cast, House, Person
from tests.world.counting import counted_queries
from tests.world.fleet import put_box

DAY = timedelta(days=1)


@dataclass
class World:
    """A tenant whose boxes, one in its shop and one elsewhere, have played a marquee and an ad for some days."""

    house: House
    desk: Desk
    marquee: Any
    playlist: Any
    ad: str
    shop: BoxId
    elsewhere: BoxId

    def play(self, box: BoxId, name: str, item: str, times: int, *, back: int = 0, batch: str = "") -> Counted | None:
        """This function will let a box report plays of twelve seconds on a day so far back, all but the first to the end."""
        at = max(clock.now() - back * DAY - timedelta(minutes=1), clock.start_of(clock.today() - back * DAY))
        plays = [Play(list=name, id=item, started_at=at, seconds=12, completed=n > 0) for n in range(times)]
        sent = Plays(batch=batch or new_id(), plays=plays)
        with tenant_session(self.house.tenant.id, writes=True) as session:
            known = enter(session, Token(self.house.tenant, box, "x" * 43, ended=False))
            counted = keep_plays(session, known, sent, "0" * 64, shown.shown_to(session, self.house.tenant.id, box))
            commit(session)
            return counted

    def lines(self, by: By, **more: Any) -> dict[str, tuple[int, int, int]]:
        """This function will return plays, completed and seconds of each line, by title or key."""
        with tenant_session(self.house.tenant.id) as session:
            found, _ = queries.report(session, self.asked(by, **more))
        return {line.title or line.key: (line.plays, line.completed, line.seconds) for line in found}

    def asked(self, by: By, **more: Any) -> Asked:
        """This function will ask about the last week."""
        return Asked(clock.today() - 6 * DAY, clock.today(), by, **more)


def change(house: House, act: Any) -> None:
    """Rows as if they had been made earlier, past the account."""
    with tenant_session(house.tenant.id, writes=True) as session:
        act(session)
        session.flush()
        unit_of_work.work_of(session).changed.clear()
        session.commit()


@pytest.fixture
def world(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(shown, "_known", OrderedDict())  # of the same tenant in another test
    house = cast.yunqi
    packages.grant(house.tenant, Feature.ADS)
    desk = desk_of(house.tenant)
    marquee, playlist = desk.save("热水检修"), content.a_playlist(house.tenant)
    default = content.a_default(house.tenant, playlist)
    desk.put_on_air(marquee, playlist, default)
    publisher.rest()
    shop, elsewhere = (
        put_box(house.tenant, group, serial) for group, serial in ((house.shop, "SHOP-1"), (house.elsewhere, "ELSE-1"))
    )

    def age(session: Any) -> None:
        for box in session.scalars(select(Box)):
            box.bound_at = clock.now() - 10 * DAY
        for release in session.scalars(select(Release)):
            release.published_at = clock.now() - 9 * DAY

    change(house, age)
    ad = content.view_of(house.tenant, playlist.object_id).envelope.payload.items[0].id  # type: ignore[attr-defined]
    made = World(house, desk, marquee, playlist, ad, shop, elsewhere)
    made.play(shop, "ads", ad, 3)
    made.play(shop, "ads", ad, 2, back=1)
    made.play(elsewhere, "ads", ad, 4, back=1)
    made.play(elsewhere, "marquee", marquee.object_id, 5)
    note_names()
    return made


def test_report_says_the_same_in_every_way_of_looking(world: World) -> None:
    today, yesterday = clock.today().isoformat(), (clock.today() - DAY).isoformat()

    assert world.lines(By.THING) == {"秋冬上新": (9, 6, 108), "热水检修": (5, 4, 60)}
    assert world.lines(By.LIST) == {"ads": (9, 6, 108), "marquee": (5, 4, 60)}
    assert world.lines(By.PART, list="ads") == {"门店迎宾": (9, 6, 108)}
    assert world.lines(By.DAY) == {yesterday: (6, 4, 72), today: (8, 6, 96)}
    assert sorted(world.lines(By.GROUP).values()) == [(5, 3, 60), (9, 7, 108)]
    assert world.lines(By.BOX) == {"ELSE-1": (9, 7, 108), "SHOP-1": (5, 3, 60)}
    assert world.lines(By.THING, box=world.shop) == {"秋冬上新": (5, 3, 60)}
    assert world.lines(By.BOX, item=world.ad, list="ads") == {"SHOP-1": (5, 3, 60), "ELSE-1": (4, 3, 48)}
    assert world.lines(By.THING, groups=[world.house.shop]) == {"秋冬上新": (5, 3, 60)}


def test_sums_are_those_of_the_plays_and_count_each_once(world: World) -> None:
    batch = new_id()
    counted = [world.play(world.shop, "ads", world.ad, 7, batch=batch) for _ in range(2)]

    with tenant_session(world.house.tenant.id) as session:
        rows = session.scalars(select(PlayRow)).all()
        sums = [session.scalars(select(model)).all() for model in (PlayDay, PlayBoxDay)]
    assert counted == [Counted(7, 0, 0), Counted(0, 0, 7)]
    assert [sum(row.plays for row in each) for each in sums] == [len(rows)] * 2 == [21, 21]
    assert [sum(row.seconds for row in each) for each in sums] == [sum(row.seconds for row in rows)] * 2
    assert [sum(row.completed for row in each) for each in sums] == [sum(row.completed for row in rows)] * 2


def test_reports_never_look_at_single_plays(app: Flask, world: World) -> None:
    """Ten million of them lie there; a page that read them would take minutes."""
    browser = Browser(app, world.house.admin)
    with counted_queries() as statements:
        for by in By:
            assert browser.get(f"{world.house.path}/plays?by={by.value}&list=ads").status_code == 200

    assert not [statement for statement in statements if " plays\n" in statement or "FROM plays " in statement]
    change(world.house, lambda session: session.execute(delete(PlayRow)))
    assert world.lines(By.BOX)["SHOP-1"] == (5, 3, 60)


def test_title_stays_when_the_content_is_gone(world: World) -> None:
    """Changed text is what a later release calls it; what was taken off the air keeps its last name."""
    house, marquee = world.house, world.marquee
    version = world.desk.view(marquee).object.version
    renamed = in_tenant(
        house.tenant,
        lambda ctx: save_draft(ctx, Kind.MARQUEE, marquee.object_id, version, Entered({"text": "检修改期"})),
        world.desk.editor,
    )
    world.desk.put_on_air(renamed)
    publisher.rest()
    note_names()
    called = list(world.lines(By.THING))
    version = world.desk.view(marquee).object.version
    gone = in_tenant(
        house.tenant,
        lambda ctx: delete_object(ctx, marquee.object_id, version),
        world.desk.editor,
    )
    assert gone is not None
    world.desk.put_on_air(gone)
    publisher.rest()
    note_names()

    assert called == ["秋冬上新", "检修改期"]
    assert list(world.lines(By.THING)) == ["秋冬上新", "检修改期"]


def test_names_are_noted_once_for_each_release(world: World) -> None:
    assert note_names() == 0
    with tenant_session(world.house.tenant.id) as session:
        assert sorted(session.scalars(select(PlayName.title))) == ["热水检修", "秋冬上新"]


def test_plan_is_the_schedule_on_every_box_that_was_bound(world: World) -> None:
    """Two boxes, seven days, a default playlist around the clock, today until midnight as well."""
    with tenant_session(world.house.tenant.id) as session:
        both = planned_seconds(session, world.asked(By.PART))
        one = planned_seconds(session, world.asked(By.PART, groups=frozenset({world.house.shop})))
        before = planned_seconds(session, Asked(clock.today() - 30 * DAY, clock.today() - 20 * DAY, By.PART))

    assert both == {world.playlist.object_id: 2 * 7 * 86_400}
    assert one == {world.playlist.object_id: 7 * 86_400}
    assert before is None


def test_sums_by_box_go_with_the_plays_and_those_by_group_stay(world: World) -> None:
    def age(session: Any) -> None:
        for model in (PlayDay, PlayBoxDay):
            for row in session.scalars(select(model).where(model.list == "marquee")):
                row.day = clock.today() - 100 * DAY

    change(world.house, age)
    forget_reports()

    with tenant_session(world.house.tenant.id) as session:
        left = [
            {row.list for row in session.scalars(select(model).where(model.list == "marquee"))}
            for model in (PlayDay, PlayBoxDay)
        ]
    assert left == [{"marquee"}, set()]


def page(app: Flask, person: Person, path: str, status: int = 200) -> str:
    answer = Browser(app, person).get(path)
    assert answer.status_code == status, path
    return answer.get_data(as_text=True)


def test_who_sees_what(app: Flask, cast: Cast, world: World) -> None:
    house = world.house

    assert "热水检修" in page(app, house.editor, f"{house.path}/plays")
    assert "热水检修" not in page(app, house.group_editor, f"{house.path}/plays")
    assert "秋冬上新" in page(app, house.group_editor, f"{house.path}/plays?by=thing")
    page(app, house.group_editor, f"{house.path}/plays?box={world.elsewhere}", 404)
    page(app, house.group_editor, f"{house.path}/plays?box={world.shop}")
    page(app, house.admin, f"{house.path}/plays?group={new_id()}", 404)
    page(app, cast.jiangzhou.admin, f"{house.path}/plays", 404)
    page(app, cast.jiangzhou.admin, f"{cast.jiangzhou.path}/plays?box={world.shop}", 404)
    assert "热水检修" not in page(app, cast.jiangzhou.admin, f"{cast.jiangzhou.path}/plays?by=thing")
    page(app, house.admin, f"{house.path}/plays?from=x&until=9999-99-99&days=-1&by=x&list=x&part=x&item=%00")


def test_center_sums_up_enterprises_and_a_province_its_own(app: Flask, cast: Cast, world: World) -> None:
    everything = page(app, cast.operator, "/center/reports/plays")
    own = page(app, world.house.province, "/center/reports/plays")
    others = page(app, cast.jiangzhou.province, "/center/reports/plays")

    assert world.house.tenant.name in everything
    assert ">14<" in everything
    assert world.house.tenant.name in own
    assert world.house.tenant.name not in others
    assert ">9<" in page(app, cast.operator, "/center/reports/plays?list=ads")
    page(app, cast.reviewer, "/center/reports/plays", 403)


def test_report_goes_out_as_excel_and_is_recorded(app: Flask, cast: Cast, world: World) -> None:
    mine = Browser(app, world.house.admin).post(f"{world.house.path}/plays?by=box")
    all_of_them = Browser(app, cast.operator).post("/center/reports/plays")
    nothing = Browser(app, world.house.admin).post(f"{world.house.path}/plays?list=zone")

    rows = CalamineWorkbook.from_filelike(BytesIO(mine.data)).get_sheet_by_index(0).to_python()
    assert [(row[1], row[3], row[4]) for row in rows[1:-1]] == [("ELSE-1", 9, 7), ("SHOP-1", 5, 3)]
    assert (rows[-1][0], rows[-1][3:6]) == ("合计", [14, 10, sum(row[5] for row in rows[1:-1]) or rows[-1][5]])
    everywhere = CalamineWorkbook.from_filelike(BytesIO(all_of_them.data)).get_sheet_by_index(0).to_python()
    assert (everywhere[-1][0], everywhere[-1][3:]) == ("合计", everywhere[1][3:])
    assert all_of_them.mimetype.endswith("spreadsheetml.sheet")
    assert nothing.status_code == 303
    with system_session(reason="a test looks at the log") as session:
        wanted = select(AuditRecord).where(AuditRecord.event == Event.LIST_EXPORTED.value).order_by(AuditRecord.seq)
        records = [(row.tenant_id, row.details["list"], row.details["count"]) for row in session.scalars(wanted)]
    assert records == [(world.house.tenant.id, "plays", 2), (None, "all_plays", 1)]
