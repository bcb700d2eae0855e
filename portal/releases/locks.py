"""Locks between processes that write below the public folder; a killed process lets go by dying.

With a bucket, which processes of several machines write, the database keeps the same locks once more: a machine that was held up would
otherwise put an older pointer over a newer one. A database in a file has one machine alone.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import text

from portal.core.database import database, platform_session
from portal.core.ids import TenantId
from portal.releases.site import site

LOCKS = ".locks"
_CLEARING = "clearing"
_TAKE = "SELECT pg_advisory_xact_lock{kind}(hashtextextended(:name, 0))"


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
        if site().bucket is None or database().is_sqlite:
            yield
            return
        with platform_session() as session:
            # Held until the session is closed, which a connection that is lost does too.
            take = text(_TAKE.format(kind="_shared" if kind == fcntl.LOCK_SH else ""))
            session.connection().execute(take, {"name": f"portal.public.{name}"})
            yield
