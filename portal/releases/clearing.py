"""Taking away published files that nothing leads to any more: those of releases that are no longer kept.

A file is judged twice: against everything that is kept, at leisure, and, with nobody writing, against the releases made since.
A publication that comes later finds the file missing and writes it again. Each removal is one unlink, so a killed process leaves
whole files and nothing else.
"""

import time
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path

from portal.core import clock
from portal.core.database import system_session
from portal.core.ids import TenantId
from portal.releases import push
from portal.releases.keeping import needed_paths, own_paths
from portal.releases.locks import LOCKS, clearing
from portal.releases.site import site

# A box that fetched a pointer may fetch the document and its files for a while.
_YOUNG_SECONDS = 24 * 3600
# A release is dated when it is decided and committed a little later.
_COMMIT_MARGIN = timedelta(minutes=10)
_AT_ONCE = 200


def clear_public() -> int:
    """This function will take away the published files that no kept release and no pointer leads to; returns how many."""
    began = clock.now()
    with system_session(reason="published files that something still leads to") as session:
        needed = needed_paths(session)
    return sum(
        _remove(batch, began - _COMMIT_MARGIN)
        for found in (_old_files(site().root), _old_objects())
        for batch in _batches(path for path in found if _document(path) not in needed)
    )


def wipe_public(tenant_id: TenantId, channels: Sequence[str]) -> int:
    """This function will take away all that was published for a tenant and for nobody else, and return how many files.

    The tenant is closed, so nobody writes for it any more; its rows still say which files those are.
    """
    with clearing():
        with system_session(reason="published files of a tenant that is deleted") as session:
            mine = own_paths(session, tenant_id) - needed_paths(session, but=tenant_id)
        for channel in channels:
            site().folder.remove_channel(channel)
        names = [path for name in sorted(mine) for path in (name, f"{name}.gz")]
        gone = [name for name in names if (site().root / name).is_file()]
        _take_away(names)
        (site().root / LOCKS / tenant_id).unlink(missing_ok=True)
    if push.is_on():
        push.tell(dict.fromkeys(channels, b""))
    return len(gone)


def _remove(paths: Sequence[str], since: datetime) -> int:
    with clearing():
        with system_session(reason="published files of releases made meanwhile") as session:
            needed = needed_paths(session, since)
        gone = [path for path in paths if _document(path) not in needed]
        _take_away(gone)
        return len(gone)


def _take_away(paths: Sequence[str]) -> None:
    """From the folder first: what the bucket alone still holds is found in it by its age."""
    for path in paths:
        (site().root / path).unlink(missing_ok=True)
    if (bucket := site().bucket) is not None:
        bucket.remove(paths)


def _old_files(root: Path) -> Iterator[str]:
    """Documents come before their gzip variants: whoever finds a document may count on finding its variant too."""
    border = time.time() - _YOUNG_SECONDS
    for pattern in ("releases/*.json", "releases/*.json.gz", "assets/*.*"):
        for path in sorted((root / Path(pattern).parent).glob(Path(pattern).name)):
            if path.stat().st_mtime < border:
                yield f"{path.parent.name}/{path.name}"


def _old_objects() -> Iterator[str]:
    """What the bucket holds, and no file of this machine led to any more."""
    if (bucket := site().bucket) is not None:
        border = datetime.fromtimestamp(time.time() - _YOUNG_SECONDS, UTC)
        yield from bucket.older_than(border, "releases/", "assets/")


def _batches(paths: Iterable[str]) -> Iterator[list[str]]:
    waiting = iter(paths)
    while batch := list(islice(waiting, _AT_ONCE)):
        yield batch


def _document(path: str) -> str:
    """What has to be needed for the file to stay: itself, or the document whose gzip variant it is."""
    return path.removesuffix(".gz")
