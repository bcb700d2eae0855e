"""A disk or a database without room: a sentence for people, nothing half done, nothing lost, and the next attempt succeeds."""

from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.core.database import Database, platform_session, tenant_session, use
from portal.core.errors import PortalError, Unavailable
from portal.core.files import DiskFull
from portal.media import storage
from portal.releases import site
from portal.releases.queries import current_release
from tests.world.airing import Desk, first_desk
from tests.world.kept import kept


@pytest.fixture
def desk(installation: Path) -> Desk:
    return kept(first_desk)


def test_publication_that_would_not_fit_is_refused_before_anything_changes(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    saved = desk.save("欢迎")
    submission = desk.approved(saved)
    with monkeypatch.context() as fuller:
        fuller.setattr(site, "SPARE_BYTES", 1 << 62)
        with pytest.raises(DiskFull) as refused:
            desk.publish(submission)

    assert (refused.value.status, refused.value.code) == (507, "disk_full")
    assert desk.states(saved) == ["approved"]
    with tenant_session(desk.tenant.id) as session:
        assert current_release(session) is None
    desk.publish(submission)
    assert desk.texts() == ["欢迎"]


@pytest.fixture
def small(sqlite: Database, tmp_path: Path) -> Desk:
    """A tenant in a SQLite database, whose room a test may take away."""
    storage.use(storage.FolderStorage(tmp_path / "media"))
    site.configure(tmp_path / "pub")
    return kept(first_desk)


def leave_room(database: Database, pages: int | None) -> None:
    """Let the database grow by so many pages and no more, or, with None, as it likes; SQLite then says that the disk is full."""
    database.dispose()
    with database.engine.connect() as connection:
        held = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count={1 << 30 if pages is None else held + pages}")


def fill(desk: Desk, database: Database) -> None:
    """Use up what room is left inside of the pages that are there, with drafts of all lengths."""
    leave_room(database, 0)
    for length in (200, 20, 1):
        with suppress(DiskFull):
            for _ in range(300):
                desk.save("满" * length)


def test_publication_without_room_in_the_database_is_refused_whole(small: Desk, sqlite: Database) -> None:
    saved = small.save("欢迎")
    submission = small.approved(saved)
    fill(small, sqlite)

    with pytest.raises(DiskFull) as refused:
        small.publish(submission)

    leave_room(sqlite, None)
    assert (refused.value.status, refused.value.code) == (507, "disk_full")
    assert small.states(saved) == ["approved"]
    small.publish(submission)
    assert (small.texts(), small.release().number) == (["欢迎"], 1)


def test_draft_without_room_in_the_database_is_refused_whole(small: Desk, sqlite: Database) -> None:
    saved = small.save("欢迎")
    fill(small, sqlite)

    with pytest.raises(DiskFull):
        small.save("改" * 200, saved)

    leave_room(sqlite, None)
    small.put_on_air(saved)
    assert small.texts() == ["欢迎"]


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Database:
    opened: Database = request.getfixturevalue("postgresql_template")
    use(opened)
    return opened


@pytest.mark.needs_service("postgresql")
def test_postgresql_without_room_says_the_same(postgresql: Database) -> None:
    with platform_session() as session, pytest.raises(DiskFull):
        raise_in(session, "53100")


@pytest.mark.needs_service("postgresql")
def test_other_errors_of_the_database_stay_what_they_are(postgresql: Database) -> None:
    with platform_session() as session, pytest.raises(Exception, match="planted") as raised:
        raise_in(session, "22000")

    assert not isinstance(raised.value, PortalError)


def raise_in(session: Session, code: str) -> None:
    statement = f"DO $$ BEGIN RAISE EXCEPTION 'planted' USING ERRCODE = '{code}'; END $$"
    session.connection().execute(text(statement))


def test_database_that_stays_busy_asks_to_try_again(small: Desk, sqlite: Database) -> None:
    saved = small.save("欢迎")
    impatient = Database(str(sqlite.url))
    with impatient.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout=10")

    with sqlite.engine.connect() as writing:
        writing.exec_driver_sql("UPDATE content_objects SET version = version")
        with pytest.raises(Unavailable) as refused:
            impatient.engine.connect().exec_driver_sql("SELECT 1")

    impatient.dispose()
    assert (refused.value.status, refused.value.code) == (503, "unavailable")
    assert small.states(saved) == ["draft"]
