"""An installation on disk, and what other processes do to it: publish until a fault ends them, and start anew.

The processes are forked from a server that has imported the portal once, so that each costs little and none inherits the
threads or connections of the tests.
"""

import gc
import json
import multiprocessing
import os
import shutil
import threading
import time
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import Any

from sqlalchemy.orm import configure_mappers

from portal import installation
from portal.catalog.catalogue import catalogue
from portal.core import clock, database, outbox
from portal.core.context import Actor, TenantRef
from portal.core.database import tenant_session
from portal.core.errors import PortalError
from portal.core.faults import VARIABLE
from portal.core.settings import Settings, load_settings
from portal.releases import jobs, publisher
from portal.releases.commands.publishing import publish_submission
from portal.releases.queries import current_release
from tests.world.building import in_tenant

_ANSWER = "answer.json"
_SOON, _LATER = timedelta(minutes=10), timedelta(days=1)


@dataclass(frozen=True)
class Place:
    """Where an installation lies: its folder, the address of its database, and that of its bucket if it has one."""

    folder: Path
    url: str
    bucket: str = ""

    def settings(self) -> Settings:
        """This function will return the settings with which the portal would run there."""
        return load_settings(
            {
                "PORTAL_INSTANCE_DIR": str(self.folder),
                "PORTAL_DATABASE_URL": self.url,
                "PORTAL_MEDIA_DIR": str(self.folder / "media"),
                "PORTAL_PUBLIC_DIR": str(self.folder / "pub"),
                "PORTAL_PUBLIC_S3_URL": self.bucket,
            }
        )

    def answer(self) -> dict[str, Any]:
        """This function will return what the last process that ended by itself had to say."""
        found: dict[str, Any] = json.loads((self.folder / _ANSWER).read_text())
        return found


@dataclass(frozen=True)
class Job:
    """Who publishes what."""

    tenant: TenantRef
    reviewer: Actor
    submission: str


def copy_folder(source: Path, target: Path) -> None:
    """This function will copy an installation's folder; links between media and published files are not needed and not kept."""
    shutil.copytree(source, target, copy_function=shutil.copy2)


def run(target: Any, *args: object) -> int:
    """This function will run `target` in a process of its own and return its exit code, negative for a signal."""
    process = _context().Process(target=target, args=args)
    process.start()
    process.join(60)
    assert process.exitcode is not None, "the process did not end"
    return process.exitcode


def publish(place: Place, job: Job, fault: str) -> None:
    """This function will publish, and do what the outbox then holds, with a fault point set; it says how that was answered."""
    os.environ[VARIABLE] = fault
    installation.open_installation(place.settings())
    refused = None
    try:
        _publish(job)
    except PortalError as refusal:
        refused = {"code": refusal.code, "status": refusal.status, "message": str(refusal.message)}
    publisher.rest()  # on a slow machine the files take longer than the request waits, and would meet what the outbox then does
    _work_off()
    publisher.rest()
    (place.folder / _ANSWER).write_text(json.dumps({"refused": refused}))


def start(place: Place, later: timedelta = _LATER) -> None:
    """This function will start the portal as after a crash; it says how long that took.

    The worker then does what is due by `later`, when every lease and pause that a dead process left behind is over.
    """
    started = time.perf_counter()
    installation.prepare_start(place.settings())
    seconds = time.perf_counter() - started
    clock.shift(later)
    jobs.finish_publications()
    _work_off()
    (place.folder / _ANSWER).write_text(json.dumps({"seconds": seconds}))


def fork_after_publishing(place: Place, here: Job, there: Job) -> None:
    """This function will publish, then fork a process that publishes too; it says how that one fared and how long it took."""
    installation.open_installation(place.settings())
    _publish(here)
    database.database().dispose()
    started = time.perf_counter()
    child = multiprocessing.get_context("fork").Process(target=_publish, args=(there,))
    child.start()
    child.join()
    seconds = time.perf_counter() - started
    with tenant_session(here.tenant.id) as session:
        release = current_release(session)
    assert release is not None
    (place.folder / _ANSWER).write_text(json.dumps({"state": release.state, "seconds": seconds}))


def look_after_start(place: Place) -> None:
    """This function will prepare a start and say which threads are alive, and which files of the database or sockets open."""
    installation.prepare_start(place.settings())
    targets = [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.exists()]
    open_now = [target for target in targets if "portal.db" in target]
    threads = [thread.name for thread in threading.enumerate()]
    (place.folder / _ANSWER).write_text(json.dumps({"threads": threads, "open": open_now}))


def _publish(job: Job) -> None:
    in_tenant(job.tenant, lambda ctx: publish_submission(ctx, job.submission), job.reviewer)


def _work_off() -> None:
    while outbox.drain():
        pass


def start_with_fault(place: Place, job: Job, fault: str) -> None:
    """This function will start the portal with a fault point set, as if trouble came twice."""
    os.environ[VARIABLE] = fault
    start(place, _SOON)


def _context() -> ForkServerContext:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.world.processes"])
    return context


# What every process would read and import, once for all before they are forked.
catalogue()
for _name in installation.JOBS:
    import_module(f"portal.{_name}")
configure_mappers()
# Left out of their collections of garbage, which would only copy all of it, page by page, into each of them.
gc.collect()
gc.freeze()
