"""A conversion from the upload to the asset: received, taken, broken off, begun anew, ended once."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy import select

from portal.access.roles import Role
from portal.audit.models import AuditRecord
from portal.core import clock
from portal.core.database import tenant_session
from portal.core.errors import Conflict, Forbidden, NotFound, Refused
from portal.core.ids import MediaId
from portal.media import jobs as media_jobs
from portal.media import queries as media
from portal.media.commands import delete_media
from portal.media.conversion import commands, jobs, queries
from portal.media.conversion.queries import Progress
from portal.media.intake import take_file
from portal.media.limits import SOURCES
from portal.media.models import ConversionRun, MediaAsset
from portal.media.states import Purpose, Stage
from portal.media.storage import FolderStorage
from tests.media import videos
from tests.media.conftest import Space

PLAYLIST = b"#EXTM3U\n#EXTINF:10,\nfile:///etc/passwd\n"


def receive(space: Space, path: Path, name: str = "大堂.webm") -> str:
    with space.work() as ctx:
        received = commands.receive_video(ctx, path, name)
    assert received.conversion_id is not None
    return received.conversion_id


def seen(space: Space) -> list[Progress]:
    with tenant_session(space.tenant.id) as session:
        return list(queries.in_sight(session))


def assets(space: Space) -> list[MediaAsset]:
    with tenant_session(space.tenant.id) as session:
        return list(session.scalars(select(MediaAsset)))


def events(space: Space) -> list[str]:
    with tenant_session(space.tenant.id) as session:
        return [row.event for row in session.scalars(select(AuditRecord).order_by(AuditRecord.seq))]


def leftovers(unfinished: Path) -> list[Path]:
    return sorted(path for path in unfinished.rglob("*") if path.is_file())


def test_a_video_waits_is_made_and_becomes_an_asset(hotel: Space, film: Path, unfinished: Path) -> None:
    receive(hotel, film)
    before, waiting = assets(hotel), seen(hotel)

    assert jobs.work_off() == 1

    (asset,), (now,) = assets(hotel), seen(hotel)
    assert before == []
    assert [(one.stage, one.percent) for one in waiting] == [(Stage.WAITING, None)]
    assert (now.stage, now.asset_id, now.name) == (Stage.READY, asset.id, "大堂.webm")
    assert (asset.kind, asset.type, asset.width, asset.height) == ("video", "video/mp4", 320, 180)
    assert events(hotel) == ["media.video_received", "media.added", "media.video_ready"]
    assert leftovers(unfinished) == []
    assert jobs.work_off() == 0


def test_what_boxes_play_is_an_asset_at_once_and_the_rest_waits(hotel: Space, clip: Path, film: Path) -> None:
    with hotel.work() as ctx:
        plain = take_file(ctx, clip, "一.mp4", Purpose.ITEM)
    with hotel.work() as ctx:
        other = take_file(ctx, film, "二.webm", Purpose.ITEM)

    assert (plain.media_id is not None, plain.conversion_id) == (True, None)
    assert (other.media_id, other.conversion_id is not None) == (None, True)


def test_the_same_file_waits_once_and_leads_to_what_it_became(hotel: Space, shop: Space, film: Path) -> None:
    first = receive(hotel, film)
    again = receive(hotel, film)
    elsewhere = receive(shop, film)
    jobs.work_off()

    with hotel.work() as ctx:
        third = commands.receive_video(ctx, film, "又一次.webm")

    assert again == first != elsewhere
    assert third.asset_id == assets(hotel)[0].id


def test_a_thrown_away_result_is_made_anew(hotel: Space, film: Path) -> None:
    receive(hotel, film)
    jobs.work_off()
    asset = assets(hotel)[0]
    with hotel.work() as ctx:
        delete_media(ctx, MediaId(asset.id))

    receive(hotel, film)
    jobs.work_off()

    assert [(row.id, row.deleted_at) for row in assets(hotel)] == [(asset.id, None)]


def test_a_film_that_cannot_be_made_fails_with_a_sentence(
    hotel: Space, film: Path, unfinished: Path, store: FolderStorage
) -> None:
    receive(hotel, film)
    with tenant_session(hotel.tenant.id) as session:
        sha256 = session.scalars(select(queries.Conversion.source_sha256)).one()
    Path(store.path_or_url(sha256)).write_bytes(PLAYLIST)

    jobs.work_off()

    (now,) = seen(hotel)
    assert now.stage is Stage.FAILED
    assert "播放列表" in str(now.reason)
    assert assets(hotel) == []
    assert leftovers(unfinished) == []


def test_quota_counts_what_waits_and_frees_it(hotel: Space, film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    conversion = receive(hotel, film)
    with tenant_session(hotel.tenant.id) as session:
        waiting = media.quota(session).used
    with hotel.work() as ctx:
        commands.cancel_conversion(ctx, conversion)
    with tenant_session(hotel.tenant.id) as session:
        cancelled = media.quota(session).used
    monkeypatch.setattr(media, "TENANT_BYTES", film.stat().st_size - 1)

    with pytest.raises(Refused) as refused, hotel.work() as ctx:
        commands.receive_video(ctx, film, "大.webm")

    assert (waiting, cancelled) == (film.stat().st_size, 0)
    assert refused.value.code == "media_quota"


def test_cancelling_ends_it_for_good(hotel: Space, film: Path) -> None:
    conversion = receive(hotel, film)
    with hotel.work() as ctx:
        commands.cancel_conversion(ctx, conversion)

    assert jobs.work_off() == 0
    assert [one.stage for one in seen(hotel)] == [Stage.CANCELLED]
    with pytest.raises(Conflict), hotel.work() as ctx:
        commands.cancel_conversion(ctx, conversion)


def test_cancelling_while_it_is_made_stops_the_run(
    hotel: Space, tmp_path: Path, unfinished: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = videos.make(tmp_path / "long.avi", "-c:v", "mpeg4", seconds=60)
    conversion = receive(hotel, path)
    monkeypatch.setattr(jobs, "_BEAT_SECONDS", 0)
    taken = jobs.take_next()
    assert taken is not None
    with hotel.work() as ctx:
        commands.cancel_conversion(ctx, conversion)

    jobs.convert(taken)

    assert [one.stage for one in seen(hotel)] == [Stage.CANCELLED]
    assert (assets(hotel), leftovers(unfinished)) == ([], [])


def teststopping_gives_the_run_back_at_once(hotel: Space, film: Path, unfinished: Path) -> None:
    conversion = receive(hotel, film)
    taken = jobs.take_next()
    assert taken is not None
    jobs.stopping.set()

    jobs.convert(taken)

    jobs.stopping.clear()
    again = jobs.take_next()
    assert again is not None
    assert (again.id, again.attempt) == (conversion, 1)
    assert leftovers(unfinished) == []


def test_of_two_workers_one_takes_it(hotel: Space, film: Path) -> None:
    receive(hotel, film)

    first, second = jobs.take_next(), jobs.take_next()

    assert first is not None
    assert second is None


def test_a_dead_worker_s_run_is_begun_anew_and_ends_once(hotel: Space, film: Path, unfinished: Path) -> None:
    receive(hotel, film)
    dead = jobs.take_next()
    assert dead is not None
    half = unfinished / "conversions" / dead.folder / "video.mp4"
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half a film")

    with time_machine.travel(clock.now() + timedelta(seconds=SOURCES.lease_seconds + 1), tick=True):
        assert jobs.work_off() == 1

    assert len(assets(hotel)) == 1
    assert leftovers(unfinished) == []
    jobs.convert(dead)  # it was only slow: what it made is nobody's any more
    assert len(assets(hotel)) == 1
    assert [one.stage for one in seen(hotel)] == [Stage.READY]
    assert events(hotel).count("media.video_ready") == 1


def test_what_breaks_off_again_and_again_is_given_up(hotel: Space, film: Path) -> None:
    conversion = receive(hotel, film)
    for number in range(SOURCES.attempts):
        with time_machine.travel(clock.now() + timedelta(minutes=number + 1), tick=False):
            assert jobs.take_next() is not None
    with time_machine.travel(clock.now() + timedelta(minutes=SOURCES.attempts + 1), tick=True):
        jobs.work_off()

    (now,) = seen(hotel)
    assert (now.id, now.stage) == (conversion, Stage.FAILED)


def test_tenants_take_turns(hotel: Space, shop: Space, film: Path, tmp_path: Path) -> None:
    other = videos.make(tmp_path / "b.avi", "-c:v", "mpeg4", seconds=0.5)
    receive(hotel, film)
    receive(hotel, other)
    receive(shop, film)

    order = [taken.tenant_id for taken in (jobs.take_next(), jobs.take_next()) if taken]

    assert order == [hotel.tenant.id, shop.tenant.id]


def test_another_tenant_s_conversion_does_not_exist(hotel: Space, shop: Space, film: Path) -> None:
    conversion = receive(hotel, film)

    with pytest.raises(NotFound), shop.work() as ctx:
        commands.cancel_conversion(ctx, conversion)

    assert seen(shop) == []


def test_who_may_not_upload_may_not_cancel(hotel: Space, film: Path) -> None:
    conversion = receive(hotel, film)

    with pytest.raises(Forbidden), hotel.work(Role.CENTER_REVIEWER) as ctx:
        commands.cancel_conversion(ctx, conversion)
    with pytest.raises(Forbidden), hotel.work(Role.CENTER_REVIEWER) as ctx:
        commands.receive_video(ctx, film, "x.webm")


def test_results_are_put_away(hotel: Space, film: Path) -> None:
    receive(hotel, film)
    jobs.work_off()
    with hotel.work() as ctx:
        assert commands.put_away(ctx) == 1

    assert seen(hotel) == []


def test_the_sweep_keeps_uploads_that_wait_and_takes_them_afterwards(
    hotel: Space, film: Path, store: FolderStorage
) -> None:
    receive(hotel, film)
    for path in store.folder.glob("??/*"):
        os.utime(path, (0, 0))

    kept = media_jobs.remove_unheld()
    jobs.work_off()
    for path in store.folder.glob("??/*"):
        os.utime(path, (0, 0))
    removed = media_jobs.remove_unheld()

    assert (kept, removed) == (0, 1)


KILLED = """
import sys
from pathlib import Path
from portal.core import database
from portal.media import storage, workshop
from portal.audit import log  # the log takes what is recorded
from portal.media.conversion import jobs
database.use(database.Database(sys.argv[1]))
storage.use(storage.FolderStorage(Path(sys.argv[2])))
workshop.use(Path(sys.argv[3]))
jobs._BEAT_SECONDS = 0.2
taken = jobs.take_next()
print("taken", flush=True)
keeper = jobs._keeper
def telling(taken):
    go_on = keeper(taken)
    def told(done):
        if done > 0:
            print("working", flush=True)
        return go_on(done)
    return told
jobs._keeper = telling
jobs.convert(taken)
"""


def test_a_killed_worker_leaves_nothing_that_the_next_one_does_not_mend(
    hotel: Space, tmp_path: Path, unfinished: Path, store: FolderStorage
) -> None:
    path = videos.make(tmp_path / "long.avi", "-vf", "scale=960:540", "-c:v", "mpeg4", seconds=8)
    receive(hotel, path)
    from portal.core import database as databases

    url = databases.database().url.render_as_string(hide_password=False)
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED, url, str(store.folder), str(unfinished)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )  # fmt: skip
    assert process.stdout is not None
    said = [process.stdout.readline().strip(), process.stdout.readline().strip()]
    half = leftovers(unfinished)
    os.kill(process.pid, signal.SIGKILL)
    process.stdout.close()
    process.wait()
    os.killpg(process.pid, signal.SIGKILL) if _lives(process.pid) else None

    with time_machine.travel(clock.now() + timedelta(seconds=SOURCES.lease_seconds + 1), tick=True):
        jobs.work_off()

    assert said == ["taken", "working"]
    assert [file.name for file in half] == ["video.mp4"]
    assert len(assets(hotel)) == 1
    assert leftovers(unfinished) == []
    with tenant_session(hotel.tenant.id) as session:
        assert session.scalars(select(ConversionRun.attempts)).one() == 2


def _lives(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True
