"""What happens by the clock, and that no tenant's trouble, no fork and no pause of the worker keeps it from happening."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from portal.catalog.features import Feature
from portal.content.commands import Entered, create_draft
from portal.content.kinds import Kind
from portal.core import clock
from portal.core.context import TenantRef
from portal.core.database import Database
from portal.core.faults import DISK_FULL, VARIABLE
from portal.media import storage
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from portal.releases import jobs, publisher, site
from portal.releases.states import ReleaseKind
from tests.conftest import SECRET
from tests.world.airing import Desk, desk_of, shown
from tests.world.building import add_picture, add_provinces, build_tenant, in_tenant
from tests.world.packages import BASIC, change_next_month, grant, suspend
from tests.world.processes import Job, Place, fork_after_publishing, look_after_start, run

STUCK = "release.4-files-written" + DISK_FULL

Later = Callable[[timedelta], None]


@pytest.fixture
def desk(installation: Path) -> Desk:
    return desk_of(build_tenant())


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Later:
    """Moves the one clock by so much."""
    return lambda offset: monkeypatch.setattr(clock, "_offset", offset)


def features(desk: Desk) -> list[str]:
    found: list[str] = shown(desk.pointers()[0].channel)["features"]
    return found


def until_next_month() -> timedelta:
    first = (clock.today().replace(day=1) + timedelta(days=32)).replace(day=1)
    return clock.start_of(first) - clock.now() + timedelta(seconds=5)


# packages


def test_package_of_next_month_is_followed_when_the_month_begins(desk: Desk, later: Later) -> None:
    desk.put_on_air(desk.save("欢迎"))
    change_next_month(desk.tenant, BASIC)

    early = jobs.follow_entitlements()
    later(until_next_month())
    at_midnight = jobs.follow_entitlements()

    assert (early, at_midnight, jobs.follow_entitlements()) == (0, 1, 0)
    assert (features(desk), desk.texts()) == (["apps", "base", "logo"], [])
    assert (desk.release().kind, str(desk.release().reason)) == (ReleaseKind.SYSTEM, "套餐或授权变化")


def test_change_missed_while_no_worker_ran_is_made_good(desk: Desk, later: Later) -> None:
    desk.put_on_air(desk.save("欢迎"))
    suspend(desk.tenant)

    later(timedelta(hours=3))
    looked = jobs.follow_entitlements()
    caught_up = jobs.catch_up()

    assert (looked, caught_up, jobs.catch_up()) == (0, 1, 0)
    assert features(desk) == ["base"]


def test_change_during_a_publication_that_got_stuck_is_followed_once_it_is_finished(
    desk: Desk, later: Later, monkeypatch: pytest.MonkeyPatch
) -> None:
    submission = desk.approved(desk.save("欢迎"))
    monkeypatch.setenv(VARIABLE, STUCK)
    desk.publish(submission)
    suspend(desk.tenant)
    refused = jobs.follow_entitlements()

    monkeypatch.delenv(VARIABLE)
    later(timedelta(minutes=10))
    finished = jobs.finish_publications()
    caught_up = jobs.catch_up()

    assert (refused, finished, caught_up) == (0, 1, 1)
    assert features(desk) == ["base"]


# publications that got stuck


def test_stuck_publication_says_why_and_is_finished_by_the_worker(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    submission = desk.approved(desk.save("欢迎"))
    monkeypatch.setenv(VARIABLE, STUCK)
    desk.publish(submission)
    stuck = desk.release()

    monkeypatch.delenv(VARIABLE)
    finished = jobs.finish_publications()

    assert (stuck.state, stuck.attempts) == ("publishing", 1)
    assert "No space left" in (stuck.error or "")
    assert (finished, jobs.finish_publications()) == (1, 0)
    assert (desk.release().state, desk.release().attempts, desk.release().error) == ("published", 2, None)


def test_publication_that_takes_long_goes_on_behind(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publisher, "PATIENCE_SECONDS", 0)

    desk.put_on_air(desk.save("欢迎"))
    publisher.rest()

    assert desk.release().state == "published"
    assert desk.texts() == ["欢迎"]


# one tenant's trouble


def lose_a_file(database: Database, tenant: TenantRef) -> None:
    """A row of media that content names is gone, which no command does: the tenant cannot be compiled."""
    with database.engine.begin() as connection:
        connection.execute(delete(MediaAsset).where(MediaAsset.tenant_id == tenant.id))


def test_tenant_that_cannot_be_compiled_keeps_no_other_one_waiting(
    desk: Desk, database: Database, later: Later
) -> None:
    at = clock.now() + timedelta(hours=1)
    image = add_picture(desk.tenant, Purpose.LOGO)
    logo = in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": image})), desk.editor)
    desk.approved(logo, publish_at=at)
    others = [desk_of(build_tenant(f"江州医院{number}(全国医院)")) for number in range(2)]
    for other in others:
        other.approved(other.save("定时"), publish_at=at)
    lose_a_file(database, desk.tenant)

    later(timedelta(hours=2))
    published = jobs.publish_due()

    assert published == 2
    assert [other.texts() for other in others] == [["定时"], ["定时"]]
    assert desk.states(logo) == ["approved"]


def test_tenant_that_cannot_be_compiled_does_not_stop_the_start(desk: Desk, database: Database) -> None:
    image = add_picture(desk.tenant, Purpose.LOGO)
    desk.put_on_air(
        in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": image})), desk.editor)
    )
    other = desk_of(build_tenant("江州医院(全国医院)"))
    other.put_on_air(other.save("欢迎"))
    lose_a_file(database, desk.tenant)
    for tenant in (desk.tenant, other.tenant):
        grant(tenant, Feature.LIVE)

    caught_up = jobs.catch_up()

    assert caught_up == 1
    assert ("live" in features(desk), "live" in features(other)) == (False, True)


# processes


@pytest.fixture
def place(sqlite: Database, tmp_path: Path) -> Place:
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    return Place(tmp_path, str(sqlite.url))


@pytest.fixture
def resting(place: Place, sqlite: Database) -> tuple[Place, Desk]:
    """A tenant in a database that nobody is connected to."""
    storage.use(storage.FolderStorage(place.folder / "media"))
    site.configure(place.folder / "pub")
    add_provinces()
    return place, desk_of(build_tenant())


def test_process_forked_after_a_publication_publishes_with_threads_of_its_own(resting: tuple[Place, Desk]) -> None:
    """As gunicorn and the supervisor do; the threads of a pool do not live on in the child."""
    place, desk = resting
    first, second = desk.approved(desk.save("一")), desk.approved(desk.save("二"))
    here, there = (Job(desk.tenant, desk.reviewer, submission) for submission in (first, second))

    assert run(fork_after_publishing, place, here, there) == 0

    answer = place.answer()
    assert answer["state"] == "published"
    assert answer["seconds"] < publisher.PATIENCE_SECONDS
    assert desk.texts() == ["一", "二"]


def test_preparing_a_start_leaves_no_thread_and_no_connection(resting: tuple[Place, Desk]) -> None:
    """What is forked from the process afterwards would otherwise share them. A system release is made on the way."""
    place, desk = resting
    desk.put_on_air(desk.save("欢迎"))
    suspend(desk.tenant)

    assert run(look_after_start, place) == 0

    assert place.answer() == {"threads": ["MainThread"], "open": []}
    assert features(desk) == ["base"]
