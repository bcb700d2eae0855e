"""Which releases are kept, and what goes with those that are not: never what a pointer, a running publication or a roll back needs."""

import os
import threading
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.content.commands import Entered, Saved, create_draft, save_draft
from portal.content.kinds import Kind
from portal.content.queries import objects
from portal.core import clock
from portal.core.database import system_session, tenant_session
from portal.core.errors import Refused
from portal.core.ids import MediaId, RevisionId
from portal.media.commands import delete_media
from portal.media.jobs import remove_unheld
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from portal.media.storage import storage
from portal.releases import history, keeping, publisher
from portal.releases.clearing import clear_public
from portal.releases.commands.rolling_back import roll_back
from portal.releases.keeping import needed_paths
from portal.releases.locks import writing_files_of
from portal.releases.models import Release
from portal.releases.site import site
from portal.tenants.queries import group_tree
from tests.world.airing import Desk, desk_of, first_desk, shown
from tests.world.building import build_tenant, in_tenant
from tests.world.content import small_picture
from tests.world.kept import kept

FIRST, SECOND = (20, 90, 100), (200, 40, 30)


@pytest.fixture
def desk(installation: Path) -> Desk:
    return kept(first_desk)


@pytest.fixture
def two_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Two releases are kept instead of a hundred, so that a test need not make more."""
    monkeypatch.setattr(keeping, "KEPT_RELEASES", 2)


@pytest.fixture
def a_year_on(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    return lambda: monkeypatch.setattr(clock, "_offset", timedelta(days=366))


def logo(desk: Desk, image: str, saved: Saved | None = None) -> Saved:
    entered = Entered({"image": image})
    if saved is None:
        return in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.LOGO, entered), desk.editor)
    version = desk.view(saved).object.version
    return in_tenant(
        desk.tenant, lambda ctx: save_draft(ctx, Kind.LOGO, saved.object_id, version, entered), desk.editor
    )


def four_releases(desk: Desk) -> tuple[str, str]:
    """The first release shows one picture, the three after it another; their SHA-256s."""
    old, new = (small_picture(desk.tenant, Purpose.LOGO, colour) for colour in (FIRST, SECOND))
    saved = logo(desk, old)
    desk.put_on_air(saved)
    desk.put_on_air(logo(desk, new, saved))
    text = desk.save("一")
    desk.put_on_air(text)
    desk.put_on_air(desk.save("二", text))
    return old, new


def the_logo(desk: Desk) -> Saved:
    with tenant_session(desk.tenant.id) as session:
        (view,) = objects(session, [Kind.LOGO]).values()
    return Saved(view.id, RevisionId(view.newest.id), view.object.version, view.newest.sha256)


def make_old(folder: Path) -> None:
    then = time.time() - 2 * 24 * 3600
    for path in [one for one in folder.rglob("*") if one.is_file()]:
        os.utime(path, (then, then))


def published() -> set[str]:
    """Documents and assets below the public folder."""
    root = site().root
    return {
        f"{path.parent.name}/{path.name}" for folder in ("assets", "releases") for path in (root / folder).iterdir()
    }


def documents(desk: Desk) -> list[str]:
    """The document that each release put on the air, oldest first."""
    with tenant_session(desk.tenant.id) as session:
        rows = session.scalars(select(Release).order_by(Release.number))
        return [f"releases/{next(iter(row.channels.values()))}.json" for row in rows]


def asset_of(desk: Desk, sha256: str) -> str:
    return f"assets/{sha256}.png"


def test_release_is_kept_for_a_year_or_among_the_last(
    desk: Desk, two_kept: None, a_year_on: Callable[[], None]
) -> None:
    four_releases(desk)
    kept = select(Release.number).where(keeping.is_kept()).order_by(Release.number)

    with tenant_session(desk.tenant.id) as session:
        young = list(session.scalars(kept))
        a_year_on()
        old = list(session.scalars(select(Release.number).where(keeping.is_kept()).order_by(Release.number)))

    assert (young, old) == ([1, 2, 3, 4], [3, 4])


def test_files_of_kept_releases_stay(desk: Desk, two_kept: None) -> None:
    old, new = four_releases(desk)
    make_old(site().root)
    before = published()

    assert clear_public() == 0
    assert published() == before
    assert {asset_of(desk, old), asset_of(desk, new)} < before


def test_what_only_releases_not_kept_lead_to_goes(desk: Desk, two_kept: None, a_year_on: Callable[[], None]) -> None:
    old, new = four_releases(desk)
    make_old(site().root)
    _first, _second, third, fourth = documents(desk)
    a_year_on()

    clear_public()

    left = published()
    assert {one for one in left if one.startswith("releases/")} == {third, fourth, f"{third}.gz", f"{fourth}.gz"}
    assert {asset_of(desk, old), asset_of(desk, new)} & left == {asset_of(desk, new)}
    assert desk.texts() == ["二"]


def test_young_files_stay(desk: Desk, two_kept: None, a_year_on: Callable[[], None]) -> None:
    four_releases(desk)
    a_year_on()

    assert clear_public() == 0


def test_file_that_another_tenant_still_shows_stays(desk: Desk, two_kept: None, a_year_on: Callable[[], None]) -> None:
    other = desk_of(build_tenant("江州酒店集团(全国酒店)"))
    old, _new = four_releases(desk)
    other.put_on_air(logo(other, small_picture(other.tenant, Purpose.LOGO, FIRST)))
    make_old(site().root)
    a_year_on()

    clear_public()

    assert asset_of(desk, old) in published()


def test_gzip_variant_that_a_killed_clearing_left_goes_next_time(
    desk: Desk, two_kept: None, a_year_on: Callable[[], None]
) -> None:
    four_releases(desk)
    make_old(site().root)
    first = documents(desk)[0]
    (site().root / first).unlink()
    a_year_on()

    clear_public()

    assert f"{first}.gz" not in published()


def test_file_that_was_taken_away_is_written_again_when_a_release_names_it(
    desk: Desk, two_kept: None, a_year_on: Callable[[], None]
) -> None:
    old, _new = four_releases(desk)
    make_old(site().root)
    a_year_on()
    clear_public()

    desk.put_on_air(logo(desk, old, the_logo(desk)))

    assert asset_of(desk, old) in published()
    assert publisher.repair(desk.tenant.id) == 0


def test_release_made_meanwhile_counts_as_needed(desk: Desk) -> None:
    began = clock.now()
    image = small_picture(desk.tenant, Purpose.LOGO, FIRST)
    desk.put_on_air(logo(desk, image))

    with system_session(reason="a test") as session:
        since, later = needed_paths(session, began), needed_paths(session, clock.now() + timedelta(seconds=1))

    assert {asset_of(desk, image), documents(desk)[0]} < since
    assert later == set()


def test_clearing_waits_for_whoever_writes_files(desk: Desk, two_kept: None, a_year_on: Callable[[], None]) -> None:
    four_releases(desk)
    make_old(site().root)
    a_year_on()
    done = threading.Event()
    clearing = threading.Thread(target=lambda: (clear_public(), done.set()))

    with writing_files_of(desk.tenant.id):
        clearing.start()
        finished_meanwhile = done.wait(0.5)
    clearing.join(30)

    assert (finished_meanwhile, done.is_set()) == (False, True)


def test_rolling_back_to_what_is_not_kept_is_refused(desk: Desk, two_kept: None, a_year_on: Callable[[], None]) -> None:
    four_releases(desk)
    a_year_on()

    with pytest.raises(Refused) as refused:
        in_tenant(desk.tenant, lambda ctx: roll_back(ctx, 1, "写错了"), desk.reviewer)

    assert refused.value.code == "release_not_kept"
    assert in_tenant(desk.tenant, lambda ctx: roll_back(ctx, 3, "写错了"), desk.reviewer).number == 5


def test_picture_deleted_from_the_library_stays_while_a_kept_release_shows_it(
    desk: Desk, two_kept: None, monkeypatch: pytest.MonkeyPatch, a_year_on: Callable[[], None]
) -> None:
    old, _new = four_releases(desk)
    delete_picture(desk, old)
    make_old(Path(storage().path_or_url(old)).parents[1])
    monkeypatch.setattr(clock, "_offset", timedelta(days=40))  # out of the recycle bin

    remove_unheld()
    while_kept = storage().exists(old)
    a_year_on()
    remove_unheld()

    assert (while_kept, storage().exists(old)) == (True, False)


def test_deleted_picture_comes_back_with_a_roll_back(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    old, _new = four_releases(desk)
    delete_picture(desk, old)
    make_old(Path(storage().path_or_url(old)).parents[1])
    monkeypatch.setattr(clock, "_offset", timedelta(days=40))
    remove_unheld()

    in_tenant(desk.tenant, lambda ctx: roll_back(ctx, 1, "还是旧的好"), desk.reviewer)

    assert shown(desk.pointers()[0].channel)["desktop"]["logo"] == old


def delete_picture(desk: Desk, sha256: str) -> None:
    with tenant_session(desk.tenant.id) as session:
        asset = session.scalars(select(MediaAsset).where(MediaAsset.sha256 == sha256)).one()
    in_tenant(desk.tenant, lambda ctx: delete_media(ctx, MediaId(asset.id)), desk.editor)


def test_picture_of_a_submission_with_a_set_time_stays(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    image = small_picture(desk.tenant, Purpose.LOGO, FIRST)
    desk.approved(logo(desk, image), publish_at=clock.now() + timedelta(days=90))
    make_old(Path(storage().path_or_url(image)).parents[1])
    monkeypatch.setattr(clock, "_offset", timedelta(days=60))

    remove_unheld()

    assert storage().exists(image)


def test_published_picture_is_a_second_name_of_the_librarys_file(desk: Desk) -> None:
    image = small_picture(desk.tenant, Purpose.LOGO, FIRST)

    desk.put_on_air(logo(desk, image))

    assert (site().root / asset_of(desk, image)).samefile(storage().path_or_url(image))


def test_timeline_leads_back_to_kept_releases_only(desk: Desk, two_kept: None, a_year_on: Callable[[], None]) -> None:
    four_releases(desk)
    a_year_on()

    with tenant_session(desk.tenant.id) as session:
        entries = history.entries(session, group_tree(session).root.id, limit=10)

    assert {entry.release.number: entry.kept for entry in entries} == {4: True, 3: True, 2: False, 1: False}
