"""What waits in a tenant, and when something's last window ends."""

from datetime import date, datetime

import pytest

from portal.content.discarding import discard_draft
from portal.content.queries import get_object
from portal.content.schedule.windows import Window
from portal.core import clock
from portal.core import database as databases
from portal.core.context import TenantRef
from portal.core.database import tenant_session
from portal.dashboard.queries.to_do import ToDo, last_end, to_do
from portal.media import storage
from portal.releases import site
from tests.orders.moments import moment
from tests.world.airing import Desk, desk_of
from tests.world.building import add_provinces, build_tenant, in_tenant, root_of


@pytest.fixture
def tenant(database: databases.Database, tmp_path_factory: pytest.TempPathFactory) -> TenantRef:
    folder = tmp_path_factory.mktemp("installation")
    storage.use(storage.FolderStorage(folder / "media"))
    site.configure(folder / "pub")
    add_provinces()
    build_tenant("江州医院(江苏医院)", province="32")
    return build_tenant()


@pytest.fixture
def desk(tenant: TenantRef) -> Desk:
    return desk_of(tenant)


def work(tenant: TenantRef, *groups: str) -> ToDo:
    with tenant_session(tenant.id) as session:
        return to_do(session, clock.now(), groups)  # type: ignore[arg-type]


def titles(views: object) -> list[str]:
    return [view.newest.title for view in views]  # type: ignore[attr-defined]


def test_nothing_waits_in_a_new_tenant(tenant: TenantRef) -> None:
    assert work(tenant) == ToDo((), (), (), ())


def test_drafts_and_what_is_under_way_are_told_apart(tenant: TenantRef, desk: Desk) -> None:
    desk.save("草稿")
    desk.submit(desk.save("送审中"))
    desk.approved(desk.save("已通过"))
    desk.put_on_air(desk.save("在屏幕上"))

    found = work(tenant)

    assert titles(found.drafts) == ["草稿"]
    assert sorted(titles(found.waiting)) == ["已通过", "送审中"]
    assert (found.returned, found.running_out, found.count) == ((), (), 1)


def test_returned_content_stands_with_its_reason_until_handed_in_again(tenant: TenantRef, desk: Desk) -> None:
    saved = desk.save("退回的")
    desk.send_back(desk.submit(saved), saved)

    back = work(tenant)
    with tenant_session(tenant.id) as session:
        draft = get_object(session, saved.object_id).draft
    assert draft is not None
    desk.save("改正的", saved)
    desk.submit(desk.save("改正的", saved))
    again = work(tenant)

    assert [(one.view.id, one.reason) for one in back.returned] == [(saved.object_id, "请改正")]
    assert (back.drafts, back.count) == ((), 1)
    assert (again.returned, titles(again.waiting)) == ((), ["改正的"])


def test_draft_given_up_waits_no_more(tenant: TenantRef, desk: Desk) -> None:
    saved = desk.save("退回的")
    desk.send_back(desk.submit(saved), saved)

    in_tenant(
        tenant,
        lambda ctx: discard_draft(ctx, saved.object_id, get_object(ctx.session, saved.object_id).object.version),
        desk.editor,
    )

    assert work(tenant) == ToDo((), (), (), ())


def test_group_editor_sees_what_is_aimed_at_the_own_groups(tenant: TenantRef, desk: Desk) -> None:
    root = root_of(tenant)
    desk.save("给全部")
    desk.save("给总部", targets=(root,))

    assert titles(work(tenant, root).drafts) == ["给总部"]


@pytest.mark.parametrize(
    ("until", "expected"),
    [("2026-11-15", []), ("2026-11-16", ["通知"]), ("2026-11-22", ["通知"]), ("2026-11-23", [])],
)
def test_what_runs_out_within_a_week_is_named(tenant: TenantRef, desk: Desk, until: str, expected: list[str]) -> None:
    at = moment("2026-11-16 10:00")
    desk.put_on_air(desk.save("通知", windows=({"tz": "Asia/Shanghai", "until": until},)))

    with tenant_session(tenant.id) as session:
        found = to_do(session, at)

    assert [one.title for one in found.running_out] == expected


@pytest.mark.parametrize(
    ("windows", "expected"),
    [
        ((), None),
        ((Window(first=date(2026, 11, 1)),), None),
        ((Window(until=date(2026, 11, 20)),), "2026-11-21 00:00"),
        ((Window(until=date(2026, 11, 20), start=8 * 60, end=18 * 60),), "2026-11-20 18:00"),
        ((Window(until=date(2026, 11, 20), start=22 * 60, end=2 * 60),), "2026-11-21 02:00"),
        ((Window(until=date(2026, 11, 20), days=(1,)),), "2026-11-17 00:00"),
        ((Window(until=date(2026, 11, 20)), Window(until=date(2026, 12, 1))), "2026-12-02 00:00"),
        ((Window(until=date(2026, 11, 20)), Window()), None),
    ],
)
def test_last_window_ends(windows: tuple[Window, ...], expected: str | None) -> None:
    ends_at: datetime | None = last_end(windows)

    assert ends_at == (moment(expected) if expected else None)
