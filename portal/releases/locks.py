"""Locks between processes that write below the public folder; a killed process lets go by dying."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from portal.core.ids import TenantId
from portal.releases.site import site

LOCKS = ".locks"
_CLEARING = "clearing"


@contextmanager
def writing_files_of(tenant_id: TenantId) -> Iterator[None]:
    """This function will let one thread at a time write a tenant's files, and nobody clear the folder meanwhile."""
    with _locked(_CLEARING, fcntl.LOCK_SH), _locked(tenant_id, fcntl.LOCK_EX):
        yield


@contextmanager
def clearing() -> Iterator[None]:
    """This function will keep everybody from writing published files while some are taken away."""
    with _locked(_CLEARING, fcntl.LOCK_EX):
        yield


@contextmanager
def _locked(name: str, kind: int) -> Iterator[None]:
    folder = site().root / LOCKS
    folder.mkdir(exist_ok=True)
    with (folder / name).open("w") as lock:
        fcntl.flock(lock, kind)
        yield
