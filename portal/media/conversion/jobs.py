"""The one who converts: a thread of the job worker, one video after another, so that nothing else of the worker waits for it.

A run may break off anywhere. What is left then is a row whose holder no longer beats, a folder with half a film and an upload in
the storage: the next one takes the row, clears the folder and begins anew. It ends once, because only the holder of the row may
end it, in the transaction that makes the asset.
"""

import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.errors import PortalError, Refused, Unavailable
from portal.core.ids import TenantId, new_id
from portal.core.jobs import every, when_stopping
from portal.core.logs import get_logger
from portal.core.messages import N_
from portal.media import workshop
from portal.media.conversion import commands, queries
from portal.media.ffmpeg import Interrupted
from portal.media.limits import SOURCES
from portal.media.sources import look_at
from portal.media.storage import storage
from portal.media.video import PreparedVideo, convert_video
from portal.tenants.queries import get_tenant, reference

_FOLDER = "conversions"
_BEAT_SECONDS = 2.0
_PATIENCE_SECONDS = 10.0

_log = get_logger()
stopping = threading.Event()
_thread: threading.Thread | None = None


@dataclass(frozen=True)
class Taken:
    """A conversion that this process works on, as `holder`, for the `attempt`th time."""

    tenant_id: TenantId
    id: str
    holder: str
    attempt: int
    name: str
    source_sha256: str
    seconds: float | None

    @property
    def folder(self) -> str:
        """The name of the folder in which it is made."""
        return f"{self.id}.{self.holder}"


@every(seconds=1)
def convert_waiting() -> None:
    """This function will see to it that somebody works on what waits, and return at once."""
    global _thread
    if _thread is not None and _thread.is_alive():
        return
    with system_session(reason="whether any tenant's video waits to be converted") as system:
        waits = bool(queries.free_to_take(system))
    if waits and not stopping.is_set():
        _thread = threading.Thread(target=work_off, name="conversions", daemon=True)
        _thread.start()


@when_stopping
def stop() -> None:
    """This function will break off the conversion under way, which another worker may then begin anew at once."""
    stopping.set()
    if _thread is not None:
        _thread.join(_PATIENCE_SECONDS)


def work_off() -> int:
    """This function will convert what waits, one after another, until nothing is left or the process stops; returns how many it took."""
    count = 0
    while not stopping.is_set():
        taken = take_next()
        if taken is None:
            break
        convert(taken)
        count += 1
    return count


def take_next() -> Taken | None:
    """This function will take the conversion whose turn it is, None where nothing waits."""
    with system_session(reason="which tenant's video is converted next") as system:
        free = queries.free_to_take(system)
    for tenant_id, conversion_id in free:
        holder = new_id()
        with tenant_session(tenant_id, writes=True) as session:
            attempt = commands.take_run(session, conversion_id, holder)
            if attempt is not None:
                row = queries.get_conversion(session, conversion_id)
                commit(session)
                return Taken(tenant_id, row.id, holder, attempt, row.name, row.source_sha256, row.seconds)
    return None


def convert(taken: Taken) -> None:
    """This function will make the video and end its conversion: ready, failed with a reason, or given back where the process stops."""
    for left in workshop.place(_FOLDER).glob(f"{taken.id}.*"):  # what an earlier holder left when it was killed
        workshop.clear(_FOLDER, left.name)
    try:
        _judge_attempt(taken)
        _finish(taken, _make(taken, workshop.place(_FOLDER, taken.folder)))
    except Interrupted:
        if stopping.is_set():
            _apart(taken, lambda ctx: commands.give_back(ctx.session, taken.id, taken.holder))
    except Unavailable as trouble:  # the disk is full, the database busy: nothing is wrong with the film
        _log.warning("a conversion waits", conversion=taken.id, code=trouble.code)
    except PortalError as why:
        refusal = why
        _apart(taken, lambda ctx: commands.fail(ctx, taken.id, taken.holder, refusal))
    except Exception:  # noqa: BLE001 - a fault of ours; the row is taken again when the lease is over, and at last given up
        _log.exception("a conversion broke off", conversion=taken.id)
    finally:
        workshop.clear(_FOLDER, taken.folder)


def sweep_folders() -> int:
    """This function will remove the folders of conversions that have ended, and return how many."""
    with system_session(reason="which conversions of any tenant still wait") as system:
        waiting = {conversion_id for _, conversion_id in queries.waiting_everywhere(system)}
    return workshop.sweep(_FOLDER, waiting)


def _judge_attempt(taken: Taken) -> None:
    if taken.attempt > SOURCES.attempts:
        raise Refused("video_given_up", N_("转换中断了几次，没能完成。请换一种格式导出后再上传。"))


def _make(taken: Taken, folder: Path) -> PreparedVideo:
    path = _source(taken, folder)
    source = look_at(path)
    made = convert_video(path, source, folder, _keeper(replace(taken, seconds=source.seconds)))
    with made.path.open("rb") as file:
        storage().put(made.sha256, file)
    return made


def _source(taken: Taken, folder: Path) -> Path:
    path = Path(storage().path_or_url(taken.source_sha256))
    if path.is_file():
        return path
    copied = folder / "source"
    with storage().open(taken.source_sha256) as file, copied.open("wb") as target:
        shutil.copyfileobj(file, target)
    return copied


def _keeper(taken: Taken) -> Callable[[float], bool]:
    """This function will return what the long run asks again and again: it tells how far the film is, and learns whether to go on."""
    last = 0.0

    def go_on(done: float) -> bool:
        nonlocal last
        if stopping.is_set():
            return False
        if time.monotonic() - last < _BEAT_SECONDS:
            return True
        last = time.monotonic()
        percent = min(99, int(100 * done / taken.seconds)) if taken.seconds else 0
        with tenant_session(taken.tenant_id, writes=True) as session:
            alive = commands.beat(session, taken.id, taken.holder, percent)
            commit(session)
        return alive

    return go_on


def _finish(taken: Taken, made: PreparedVideo) -> None:
    _apart(taken, lambda ctx: commands.finish(ctx, taken.id, taken.holder, made))


def _apart(taken: Taken, act: Callable[[Context], object]) -> None:
    with tenant_session(taken.tenant_id, writes=True) as session:
        act(Context(session, SYSTEM, reference(get_tenant(session, taken.tenant_id))))
        commit(session)
