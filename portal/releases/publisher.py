"""Writing a release's files: the second half of publishing, done after the commit and again at a start after a crash.

Everything here may run twice and in two processes: assets and documents are named by their bytes, and a pointer is
written from the newest row of the database under a lock of the tenant's own.
"""

import gzip
import json
import os
from collections.abc import Iterable, Mapping
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock, metrics, outbox
from portal.core.canonical import canonical_sha256
from portal.core.context import SYSTEM, Context
from portal.core.database import commit, system_session, tenant_session
from portal.core.faults import declare, fault_point
from portal.core.files import sync_folder
from portal.core.ids import ReleaseId, TenantId
from portal.core.logs import get_logger
from portal.media.storage import storage
from portal.releases import push
from portal.releases.expected import (
    ExpectedFile,
    expected_asset,
    expected_document,
    expected_pointer,
    expected_signed_pointer,
)
from portal.releases.locks import writing_files_of
from portal.releases.models import Pointer, Release
from portal.releases.public_names import asset_path
from portal.releases.published_assets import PublishedFile, files_of
from portal.releases.queries import document_rows, pointers, unfinished
from portal.releases.site import PublicStore, site
from portal.releases.states import ReleaseState
from portal.releases.store import NewAsset, NewPointer
from portal.tenants.queries import get_tenant, is_closed, reference

PATIENCE_SECONDS = 2
REWRITE = "rewrite_pointers"
_PUSH = "push_pointers"
_FORGET = "forget_channel"
_COMMITTED = declare("release.3-committed")
_WRITTEN = declare("release.4-files-written")
_PUBLISHED = declare("release.5-published")

_THREADS = 4

_log = get_logger()
_pool: ThreadPoolExecutor | None = None


def finish_soon(tenant_id: TenantId, release_id: ReleaseId) -> None:
    """This function will write the release's files, waiting for it at most two seconds; the rest goes on behind.

    It raises nothing: the release is decided and committed, and whatever goes wrong with its files is tried again.
    """
    try:
        working: Future[bool] = _threads().submit(finish, tenant_id, release_id)
        working.result(PATIENCE_SECONDS)
    except futures.TimeoutError:
        _log.info("a publication takes longer", release=release_id)
    except Exception:  # noqa: BLE001 - as the docstring says
        _log.exception("a publication could not be written now", release=release_id)


def rest() -> None:
    """This function will wait for what is being written behind and end the threads; a process that is to fork calls it before."""
    global _pool
    pool, _pool = _pool, None
    if pool is not None:
        pool.shutdown()


def _threads() -> ThreadPoolExecutor:
    """The threads of this process, started when first used: those of a parent do not live on in a child that it forked."""
    global _pool
    if _pool is None:
        _pool = ThreadPoolExecutor(max_workers=_THREADS, thread_name_prefix="publisher")
    return _pool


def _forget_threads() -> None:
    global _pool
    _pool = None


os.register_at_fork(after_in_child=_forget_threads)


def finish(tenant_id: TenantId, release_id: ReleaseId) -> bool:
    """This function will write the release's files and mark it as published; False where that failed and will be tried again."""
    try:
        fault_point(_COMMITTED)
        with writing_files_of(tenant_id):
            with tenant_session(tenant_id) as session:
                release = session.get(Release, (tenant_id, release_id))
                if release is None or release.state == ReleaseState.PUBLISHED or is_closed(session, tenant_id):
                    return True
                with metrics.publication():
                    _write(site().folder, session, release.channels)
            fault_point(_WRITTEN)
            _mark(tenant_id, release_id, None)
        fault_point(_PUBLISHED)
    except Exception as failure:  # noqa: BLE001 - a full disk or whatever: the release stays, says why, and is tried again
        _log.warning("a publication did not finish", release=release_id, error=str(failure))
        return _mark(tenant_id, release_id, f"{type(failure).__name__}: {failure}"[:1000])
    return True


def finish_unfinished() -> int:
    """This function will finish every release that was decided and not written, and return how many it finished."""
    with system_session(reason="publications to finish") as session:
        waiting = unfinished(session)
    return sum(_finish_or_leave(tenant_id, release_id) for tenant_id, release_id in waiting)


def _finish_or_leave(tenant_id: TenantId, release_id: ReleaseId) -> bool:
    """One tenant's trouble, such as a database that has no room either, keeps no other tenant waiting."""
    try:
        return finish(tenant_id, release_id)
    except Exception:  # noqa: BLE001 - as the docstring says
        _log.exception("a publication could not be finished", release=release_id)
        return False


def repair(tenant_id: TenantId, place: PublicStore | None = None, *, assets: bool = False) -> int:
    """This function will write again whatever of the tenant's pointers and documents is missing or torn; returns how many.

    It looks in the folder and the bucket of the site, or in `place`, which knows already what is there; with `assets`, for those too.
    """
    place = place or site().folder
    with writing_files_of(tenant_id), tenant_session(tenant_id) as session:
        if is_closed(session, tenant_id):
            return 0
        rows = pointers(session)
        documents = document_rows(session, {row.document_sha256 for row in rows.values()})
        expected = [expected_document(row.sha256, row.size) for row in documents.values()]
        if assets:
            expected += _expected_assets(gzip.decompress(row.body) for row in documents.values())[1]
        for row in rows.values():
            expected += [
                expected_signed_pointer(row.channel, signed_bytes(row), row.modified_at),
                expected_pointer(row.channel, row.body.encode(), row.modified_at),
            ]
        missing = place.missing(expected)
        if missing:
            _write(place, session, {group: row.document_sha256 for group, row in rows.items()})
        return len(missing)


def signed_bytes(row: Pointer) -> bytes:
    """This function will return a pointer's signed bytes; raises `ValueError` for a row that was never signed."""
    if row.jws is None:
        raise ValueError(f"the pointer of {row.channel} bears no signature yet")
    return row.jws.encode()


@outbox.handles(REWRITE)
def rewrite(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    """This function will write a tenant's pointers as the database has them now, and tell the broker."""
    if tenant_id is not None:
        repair(TenantId(tenant_id))
        _push(tenant_id, payload)


@outbox.handles(_PUSH)
def _push(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    """Whatever is newest by now: a message that comes late must not bring an older pointer back."""
    if tenant_id is None or not push.is_on():
        return
    with tenant_session(TenantId(tenant_id)) as session:
        messages = {row.channel: signed_bytes(row) for row in pointers(session).values()}
    push.tell(messages)


def forget_channel(session: Session, channel: str) -> None:
    """This function will have the channel's files taken away once the session's transaction has committed."""
    outbox.post(session, _FORGET, channel=channel)


@outbox.handles(_FORGET)
def _forget(tenant_id: str | None, payload: Mapping[str, Any]) -> None:
    site().folder.remove_channel(payload["channel"])
    push.forget(payload["channel"])


def _write(place: PublicStore, session: Session, channels: Mapping[str, str]) -> None:
    """Assets, then documents, then pointers: whoever follows a pointer finds everything it leads to."""
    documents = {sha256: gzip.decompress(row.body) for sha256, row in document_rows(session, channels.values()).items()}
    _put_assets(place, documents.values())
    place.put_documents(documents)
    rows = sorted(pointers(session).values(), key=lambda row: row.channel)
    place.put_pointers(NewPointer(row.channel, row.body.encode(), row.modified_at, signed_bytes(row)) for row in rows)


def _expected_assets(documents: Iterable[bytes]) -> tuple[list[PublishedFile], list[ExpectedFile]]:
    """The files that documents name, once each, and how they must lie."""
    named = sorted({file for data in documents for file in files_of(json.loads(data))}, key=lambda file: file.sha256)
    return named, [expected_asset(file.sha256, file.ext, file.bytes) for file in named]


def _put_assets(place: PublicStore, documents: Iterable[bytes]) -> None:
    named, expected = _expected_assets(documents)
    places = {asset_path(file.sha256, file.ext): file for file in named}
    missing = [places[file.path] for file in place.missing(expected)]
    place.put_assets(
        NewAsset(file.sha256, file.ext, Path(storage().path_or_url(file.sha256)))
        for file in sorted(missing, key=lambda file: file.sha256)
    )
    if len(missing) < len(named):
        # Whoever wrote the others may have been killed before their names were forced to disk.
        sync_folder((site().root / expected[0].path).parent)


def _mark(tenant_id: TenantId, release_id: ReleaseId, error: str | None) -> bool:
    """Note how the writing ended; tells whether the release is published, by this attempt or by somebody else's."""
    with tenant_session(tenant_id, writes=True) as session:
        ctx = Context(session, SYSTEM, reference(get_tenant(session, tenant_id)))
        ask(ctx, Permission.RELEASES_SYSTEM)
        release = session.get_one(Release, (tenant_id, release_id), with_for_update=True)
        if release.state == ReleaseState.PUBLISHED:
            return True
        target = Target("release", release.id, f"#{release.number}")
        release.attempts += 1
        release.error = error
        if error is None:
            release.state = ReleaseState.PUBLISHED.value
            release.published_at = clock.now()
            record(
                ctx,
                Event.RELEASE_PUBLISHED,
                target,
                decided_on=canonical_sha256(release.manifest),
                number=release.number,
                channels=len(release.channels),
            )
            if push.is_on():
                outbox.post(session, _PUSH, tenant_id)
        else:
            record(ctx, Event.RELEASE_FAILED, target, number=release.number, error=error)
        commit(session)
    return error is None
