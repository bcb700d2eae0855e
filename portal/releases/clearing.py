"""Taking away published files that nothing leads to any more: those of releases that are no longer kept.

A file is judged twice: against everything that is kept, at leisure, and, with nobody writing, against the releases made since.
A publication that comes later finds the file missing and writes it again. Each removal is one unlink, so a killed process leaves
whole files and nothing else.
"""

import time
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
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
    unneeded = [path for path in _old_files(site().root) if _name(path) not in needed]
    starts = range(0, len(unneeded), _AT_ONCE)
    return sum(_remove(unneeded[first : first + _AT_ONCE], began - _COMMIT_MARGIN) for first in starts)


def wipe_public(tenant_id: TenantId, channels: Sequence[str]) -> int:
    """This function will take away all that was published for a tenant and for nobody else, and return how many files.

    The tenant is closed, so nobody writes for it any more; its rows still say which files those are.
    """
    with clearing():
        with system_session(reason="published files of a tenant that is deleted") as session:
            mine = own_paths(session, tenant_id) - needed_paths(session, but=tenant_id)
        for channel in channels:
            site().folder.remove_channel(channel)
        files = [path for name in sorted(mine) for path in (site().root / name, site().root / f"{name}.gz")]
        gone = [path for path in files if path.is_file()]
        for path in gone:
            path.unlink(missing_ok=True)
        (site().root / LOCKS / tenant_id).unlink(missing_ok=True)
    if push.is_on():
        push.tell(dict.fromkeys(channels, b""))
    return len(gone)


def _remove(paths: Sequence[Path], since: datetime) -> int:
    with clearing():
        with system_session(reason="published files of releases made meanwhile") as session:
            needed = needed_paths(session, since)
        gone = [path for path in paths if _name(path) not in needed]
        for path in gone:
            path.unlink(missing_ok=True)
        return len(gone)


def _old_files(root: Path) -> Iterator[Path]:
    """Documents come before their gzip variants: whoever finds a document may count on finding its variant too."""
    border = time.time() - _YOUNG_SECONDS
    for pattern in ("releases/*.json", "releases/*.json.gz", "assets/*.*"):
        for path in sorted((root / Path(pattern).parent).glob(Path(pattern).name)):
            if path.stat().st_mtime < border:
                yield path


def _name(path: Path) -> str:
    """The file's name below the public folder; a gzip variant goes by its document's."""
    return f"{path.parent.name}/{path.name.removesuffix('.gz')}"
