"""`portal serve`: the web server and its job worker, in the foreground until Ctrl-C or SIGTERM."""

import gc
import os
import shutil
import socket
from collections.abc import Callable
from functools import partial
from pathlib import Path
from wsgiref.types import WSGIApplication

import click

from portal.core.settings import Settings, variable


@click.command()
@click.option("--prepare", is_flag=True, help="First migrate the database, and load the demo data if it is empty.")
def serve(prepare: bool) -> None:
    """Run the server and its job worker."""
    from portal.cli.apart import apart
    from portal.cli.db import settings_with_folder
    from portal.cli.memory import keep_few_heaps
    from portal.cli.server import listen
    from portal.core.running import running

    keep_few_heaps()
    settings = settings_with_folder()
    with listen(settings.host, settings.port) as listener, running(settings):
        if settings.fault_point is not None:
            os.environ["PORTAL_FAULT_POINT"] = settings.fault_point  # it may stand in the file of settings
        if settings.metrics_address is not None:
            _count(settings.instance_dir / "metrics", settings.metrics_address)
        # Migrations, demo data and what a crash left are seen to by a process that ends: every server process would carry what it leaves.
        apart(partial(_prepare, settings, new=prepare))
        code = _serve_portal(settings, listener)
    raise SystemExit(code)


def _prepare(settings: Settings, *, new: bool) -> None:
    from portal.cli.demo.tls import prepare_tls
    from portal.cli.purpose import is_demo
    from portal.cli.startup import check_installation, prepare_database
    from portal.installation import prepare_start

    if new:
        prepare_database(settings)
    check_installation(settings)
    if settings.tls_certificate is not None and is_demo(settings):
        prepare_tls(settings)
    prepare_start(settings)


def _serve_portal(settings: Settings, listener: socket.socket) -> int:
    from portal.cli import worker
    from portal.cli.announcement import announce
    from portal.cli.purpose import is_demo
    from portal.factory import create_wsgi

    when_ready = partial(announce, settings, with_accounts=is_demo(settings))
    return run(settings, listener, create_wsgi, worker.main, when_ready)


def _count(folder: Path, address: tuple[str, int]) -> None:
    """Begin to count in `folder`, made anew, for a listener on `address`."""
    from portal.cli.server import check_free

    check_free(*address, variable("metrics_address"))
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
    from portal.cli import prometheus

    prometheus.count()


def run(
    settings: Settings,
    listener: socket.socket,
    make_application: Callable[[Settings], WSGIApplication],
    work: Callable[[Settings], None],
    when_ready: Callable[[], None],
) -> int:
    """This function will serve what `make_application` returns, with `work` in a process beside, and return the exit code.

    `when_ready` is called as soon as the server answers. The caller has imported what the children need: they share it.
    """
    from portal.cli.server import Server
    from portal.cli.supervisor import Child, Supervisor

    ready, tell_ready = os.pipe()

    def serve_web() -> None:
        Server(settings, listener, make_application, tell_ready).run()

    def do_jobs() -> None:
        listener.close()
        work(settings)

    # Otherwise the first collection of garbage in a child would copy, page by page, all that it shares with its parent.
    gc.collect()
    gc.freeze()
    children = [Child("web server", serve_web, vital=True), Child("job worker", do_jobs, vital=False)]
    return Supervisor(children).run(ready, when_ready)
