"""A publication that is killed, or finds the disk full, at each of its fault points: boxes see all of a release or none of it.

After every one of them what lies below `/pub/` is whole, the next start finishes or undoes the publication in time, nothing
happens twice, and nothing is lost.
"""

import hashlib
import json
import random
import shutil
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.content.commands import Entered, Saved, create_draft
from portal.content.kinds import Kind
from portal.core import database as databases
from portal.core import faults
from portal.core.database import Database, system_session
from portal.core.faults import DISK_FULL
from portal.core.outbox import OutboxRow
from portal.media.queries import asset_infos
from portal.media.states import Purpose
from portal.media.storage import storage
from portal.releases import site
from portal.releases.models import Release
from portal.tenants.commands.groups import create_group, replace_channel
from portal.tenants.models import BoxGroup
from portal.tenants.queries import group_tree
from tests.conftest import SECRET, take_all_rows
from tests.world.airing import Desk, desk_of
from tests.world.building import add_picture, add_provinces, build_tenant, context, in_tenant, root_of
from tests.world.copies import end_connections, own_installation, postgresql_copy, prefixed
from tests.world.kept import refill, rows_of
from tests.world.processes import Job, Place, copy_folder, publish, run, start, start_with_fault

STARTS_WITHIN_SECONDS = 10
OLD, NEW = ["旧"], ["新"]
BEFORE_COMMIT = {"release.1-decided", "release.2-stored"}
AFTER_PUBLISHING = {"release.5-published", "public.7-removal.1-pointers", "public.7-removal.2-folder"}
POINTS = [point for point in faults.declared() if point.startswith(("release.", "public."))]


@dataclass(frozen=True)
class Template:
    """An installation with one release on air and a second one approved, which is copied for every case."""

    kind: str
    folder: Path
    database: str
    desk: Desk
    job: Job


@dataclass(frozen=True)
class Refilled:
    """A PostgreSQL database and the rows of the template, which each case finds in it."""

    url: str
    rows: Mapping[str, bytes]


@pytest.fixture(
    scope="module",
    params=[
        "sqlite",
        pytest.param("postgresql", marks=pytest.mark.needs_service("postgresql")),
    ],
)
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    folder = tmp_path_factory.mktemp("kills") / "template"
    folder.mkdir()
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    with own_installation(request.param, request, folder, "kills") as opened:
        add_provinces()
        desk, job = prepare()
        opened.dispose()
        yield Template(request.param, folder, str(opened.url.database), desk, job)


def prepare() -> tuple[Desk, Job]:
    desk = desk_of(build_tenant())
    root = root_of(desk.tenant)
    group = in_tenant(desk.tenant, lambda ctx: create_group(ctx, root, "城东区"))
    marquee = desk.save("旧")
    desk.put_on_air(marquee, logo(desk, (20, 90, 100)))
    frame = add_picture(desk.tenant, Purpose.FRAME, (200, 10, 10))
    splash = in_tenant(
        desk.tenant, lambda ctx: create_draft(ctx, Kind.FRAME, Entered({"position": 1, "image": frame})), desk.editor
    )
    let_one_be_copied(desk, frame)
    submission = desk.approved(desk.save("新", marquee), splash)
    with context(desk.tenant) as ctx:
        version = ctx.session.get_one(BoxGroup, (desk.tenant.id, group)).version
    in_tenant(desk.tenant, lambda ctx: replace_channel(ctx, group, version))
    return desk, Job(desk.tenant, desk.reviewer, submission)


def logo(desk: Desk, colour: tuple[int, int, int]) -> Saved:
    image = add_picture(desk.tenant, Purpose.LOGO, colour)
    return in_tenant(desk.tenant, lambda ctx: create_draft(ctx, Kind.LOGO, Entered({"image": image})), desk.editor)


def let_one_be_copied(desk: Desk, sha256: str) -> None:
    """A file that only its owner may read is copied into the public folder, the others get a second name there."""
    with context(desk.tenant) as ctx:
        info = asset_infos(ctx.session, [sha256])[sha256]
    Path(storage().path_or_url(info.variants[0].sha256)).chmod(0o600)


@pytest.fixture(scope="module")
def refilled(template: Template) -> Iterator[Refilled | None]:
    """On PostgreSQL a copy of the template that all cases use in turn: making and dropping one for each would take longer than the case."""
    if template.kind == "sqlite":
        yield None
        return
    with postgresql_copy(prefixed("killed"), template.database) as url:
        opened = Database(url)
        rows = rows_of(opened)
        opened.dispose()
        yield Refilled(url, rows)


@pytest.fixture
def place(template: Template, refilled: Refilled | None, tmp_path: Path) -> Iterator[Place]:
    """A copy of the template, and it is the one that this process looks at."""
    folder = tmp_path / "installation"
    copy_folder(template.folder, folder)
    site.configure(folder / "pub")
    if template.kind == "sqlite":
        with looked_at(f"sqlite:///{folder / 'portal.db'}") as url:
            yield Place(folder, url)
        return
    assert refilled is not None
    end_connections(prefixed("killed"))
    with looked_at(refilled.url) as url:
        take_all_rows(databases.database())
        refill(databases.database(), refilled.rows)
        yield Place(folder, url)


@contextmanager
def looked_at(url: str) -> Iterator[str]:
    opened = Database(url)
    databases.use(opened)
    yield url
    opened.dispose()


# what holds


def shown_whole(folder: Path, channel: str) -> list[str] | None:
    """The marquees that boxes of a channel see, once everything on the way to them is found whole; None without a pointer."""
    path = folder / "channels" / channel / "current.json"
    if not path.exists():
        return None
    pointer = json.loads(path.read_bytes())
    data = (folder / pointer["url"].removeprefix("/pub/")).read_bytes()
    assert (hashlib.sha256(data).hexdigest(), len(data)) == (pointer["release"], pointer["bytes"])
    document = json.loads(data)
    for asset in document["assets"]:
        for file in (asset, *asset["variants"]):
            found = (folder / file["url"].removeprefix("/pub/")).read_bytes()
            assert (hashlib.sha256(found).hexdigest(), len(found)) == (file["sha256"], file["bytes"])
    return [message["text"] for message in document["marquee"]]


def assert_whole(place: Place) -> None:
    for channel in (place.folder / "pub" / "channels").iterdir():
        assert shown_whole(place.folder / "pub", channel.name) in (None, OLD, NEW)


def releases() -> list[Release]:
    with system_session(reason="a test reads releases") as session:
        return list(session.scalars(select(Release).order_by(Release.number)))


def assert_finished(template: Template, place: Place) -> None:
    """Everything of the publication is there, once, and nothing of what it replaced."""
    desk, made = template.desk, releases()
    assert [(release.state, release.error) for release in made] == [("published", None)] * len(made)
    assert [release.kind for release in made if release.kind != "system"] == ["publish", "publish"]
    with context(desk.tenant) as ctx:
        channels = {node.channel for _, node in group_tree(ctx.session).walk()}
    rows = desk.pointers()
    assert {row.channel for row in rows} == channels
    assert {path.name for path in (place.folder / "pub" / "channels").iterdir()} == channels
    for row in rows:
        assert shown_whole(place.folder / "pub", row.channel) == NEW
        assert (place.folder / "pub" / "channels" / row.channel / "current.json").read_bytes() == row.body.encode()
        assert row.sequence == len(made)
    with system_session(reason="a test counts what was recorded and done") as session:
        published = select(AuditRecord.target_id).where(AuditRecord.event == "release.published")
        assert sorted(session.scalars(published)) == sorted(release.id for release in made)
    with databases.platform_session() as session:
        assert list(session.scalars(select(OutboxRow.kind).where(OutboxRow.done_at.is_(None)))) == []


def come_back(template: Template, place: Place) -> None:
    """The next start, in a process of its own; what was undone is published again."""
    assert run(start, place) == 0
    assert place.answer()["seconds"] < STARTS_WITHIN_SECONDS
    if template.desk.texts() == OLD:
        assert run(publish, place, template.job, "") == 0
        assert place.answer()["refused"] is None
    assert_finished(template, place)


# the campaign


def test_publication_passes_every_point(template: Template, place: Place) -> None:
    assert run(publish, place, template.job, "") == 0

    assert_finished(template, place)


@pytest.mark.parametrize("point", POINTS)
def test_killed_publication_is_finished_or_undone_by_the_next_start(
    template: Template, place: Place, point: str
) -> None:
    ended = run(publish, place, template.job, point)

    assert ended == -signal.SIGKILL, f"publishing does not pass {point}"
    assert_whole(place)
    assert len(releases()) == (1 if point in BEFORE_COMMIT else 2)
    come_back(template, place)


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("release.")])
def test_database_or_disk_without_room_is_told_and_the_next_attempt_succeeds(
    template: Template, place: Place, point: str
) -> None:
    assert run(publish, place, template.job, point + DISK_FULL) == 0

    refused, made = place.answer()["refused"], releases()
    assert_whole(place)
    if point in BEFORE_COMMIT:
        assert (refused["code"], refused["status"]) == ("disk_full", 507)
        assert len(made) == 1
    else:
        assert refused is None
        assert_waits(made[1], published=point in AFTER_PUBLISHING)
    come_back(template, place)


@pytest.mark.parametrize("point", [point for point in POINTS if point.startswith("public.")])
def test_disk_that_is_full_among_the_files_leaves_the_release_waiting(
    template: Template, place: Place, point: str
) -> None:
    assert run(publish, place, template.job, point + DISK_FULL) == 0

    assert_whole(place)
    assert place.answer()["refused"] is None
    assert_waits(releases()[1], published=point in AFTER_PUBLISHING)
    come_back(template, place)


def assert_waits(release: Release, *, published: bool) -> None:
    """Either the release was published before the disk was full, or it says what is the matter and waits to be tried again."""
    if published:
        assert (release.state, release.attempts, release.error) == ("published", 1, None)
        return
    assert (release.state, release.attempts) == ("publishing", 1)
    assert release.error is not None


@pytest.mark.soak
@pytest.mark.timeout(0)
@pytest.mark.parametrize("template", ["sqlite"], indirect=True)
def test_publication_killed_again_and_again_at_random_comes_through(template: Template, tmp_path: Path) -> None:
    dice = random.Random(20260501)  # noqa: S311 - the same campaign every time
    for attempt in range(100):
        folder = tmp_path / str(attempt)
        copy_folder(template.folder, folder)
        site.configure(folder / "pub")
        with looked_at(f"sqlite:///{folder / 'portal.db'}") as url:
            place = Place(folder, url)
            for _ in range(dice.randint(1, 4)):
                step = dice.choice((publish, start_with_fault))
                run(step, place, template.job, dice.choice(POINTS) + dice.choice(("", DISK_FULL)))
                assert_whole(place)
            come_back(template, place)
        shutil.rmtree(folder)
