"""A publication that is killed between folder and bucket, at each step: the next start, on this machine or another, finishes it in both."""

import json
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.audit.models import AuditRecord
from portal.core import faults
from portal.core.database import system_session
from portal.releases import site
from tests.conftest import SECRET
from tests.releases.test_kills import AFTER_PUBLISHING, OLD, Template, looked_at, prepare, releases
from tests.world.building import add_provinces
from tests.world.ceph import Store
from tests.world.copies import own_installation, postgresql_copy, prefixed
from tests.world.processes import Place, copy_folder, publish, run, start

POINTS = [point for point in faults.declared() if point.startswith("bucket.")]
PUBLISHED = {point for point in POINTS if ".4-removal." in point} | AFTER_PUBLISHING


@pytest.fixture(
    scope="module", params=["sqlite", pytest.param("postgresql", marks=pytest.mark.needs_service("postgresql"))]
)
def template(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    folder = tmp_path_factory.mktemp("bucket_kills") / "template"
    folder.mkdir()
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    with own_installation(request.param, request, folder, "bucket_kills") as opened:
        add_provinces()
        desk, job = prepare()
        opened.dispose()
        yield Template(request.param, folder, str(opened.url.database), desk, job)


@pytest.fixture
def name(store: Store) -> str:
    return store.new_bucket()


@pytest.fixture
def place(template: Template, store: Store, name: str, tmp_path: Path) -> Iterator[Place]:
    folder = tmp_path / "installation"
    copy_folder(template.folder, folder)
    site.configure(folder / "pub")
    if template.kind == "sqlite":
        with looked_at(f"sqlite:///{folder / 'portal.db'}") as url:
            yield Place(folder, url, store.url(name))
        return
    with postgresql_copy(prefixed("bucket_killed"), template.database) as copy, looked_at(copy) as url:
        yield Place(folder, url, store.url(name))


def objects(store: Store, name: str) -> dict[str, bytes]:
    client = store.client()
    keys = [each["Key"] for each in client.list_objects_v2(Bucket=name).get("Contents", [])]
    return {key: client.get_object(Bucket=name, Key=key)["Body"].read() for key in keys}


def files(place: Place) -> dict[str, bytes]:
    root = place.folder / "pub"
    found = (path for path in root.rglob("*") if path.is_file() and ".locks" not in path.parts)
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def assert_whole(held: dict[str, bytes]) -> None:
    """Whoever follows a pointer of the bucket finds everything that it leads to."""
    for path in [path for path in held if path.endswith("/current.json")]:
        pointer = json.loads(held[path])
        assert path.replace(".json", ".jws") in held
        document = json.loads(held[pointer["url"].removeprefix("/pub/")])
        for asset in document["assets"]:
            assert len(held[asset["url"].removeprefix("/pub/")]) == asset["bytes"]


def assert_finished(template: Template, place: Place, store: Store, name: str) -> None:
    made, held = releases(), objects(store, name)
    assert [(release.state, release.error) for release in made] == [("published", None)] * len(made)
    lie = files(place)  # among them what was published before there was a bucket
    assert held == {path: lie[path] for path in held}
    assert_whole(held)
    rows = template.desk.pointers()
    assert {path for path in held if path.endswith("/current.json")} == {
        f"channels/{row.channel}/current.json" for row in rows
    }
    for row in rows:
        assert held[f"channels/{row.channel}/current.json"] == row.body.encode()
    with system_session(reason="a test counts what was recorded") as session:
        published = select(AuditRecord.target_id).where(AuditRecord.event == "release.published")
        assert sorted(session.scalars(published)) == sorted(release.id for release in made)


@pytest.mark.parametrize("point", POINTS)
def test_publication_killed_at_the_bucket_is_finished_by_the_next_start(
    template: Template, place: Place, store: Store, name: str, point: str
) -> None:
    ended = run(publish, place, template.job, point)

    assert ended == -signal.SIGKILL, f"publishing does not pass {point}"
    assert_whole(objects(store, name))
    assert releases()[1].state == ("published" if point in PUBLISHED else "publishing")
    assert run(start, place) == 0
    assert_finished(template, place, store, name)


@pytest.mark.parametrize("template", ["postgresql"], indirect=True)
@pytest.mark.needs_service("postgresql")
def test_two_machines_finish_what_a_third_left_once_and_whole(
    template: Template, place: Place, store: Store, name: str, tmp_path: Path
) -> None:
    assert run(publish, place, template.job, "release.3-committed") == -signal.SIGKILL
    machines = []
    for number in range(2):
        folder = tmp_path / f"machine{number}"
        copy_folder(place.folder, folder)
        machines.append(replace(place, folder=folder))
    ended: list[int] = []

    starting = [
        threading.Thread(target=lambda machine: ended.append(run(start, machine)), args=(one,)) for one in machines
    ]
    for thread in starting:
        thread.start()
    for thread in starting:
        thread.join()

    assert ended == [0, 0]
    made, held = releases(), objects(store, name)
    assert [release.state for release in made] == ["published"] * len(made)
    assert_whole(held)
    for row in template.desk.pointers():
        assert held[f"channels/{row.channel}/current.json"] == row.body.encode()
    with system_session(reason="a test counts what was recorded") as session:
        published = select(AuditRecord.target_id).where(AuditRecord.event == "release.published")
        assert sorted(session.scalars(published)) == sorted(release.id for release in made)


def test_start_with_a_bucket_that_is_away_goes_on_without(template: Template, place: Place, name: str) -> None:
    gone = replace(place, bucket=f"s3://K:S@127.0.0.1:9/{name}?tls=0")

    assert run(start, gone) == 0

    assert template.desk.texts() == OLD
