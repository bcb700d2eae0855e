"""A portal in small, for tests of `portal.cli.serve.run`: real processes, an application of a few lines.

The application answers with its process id; `/slow` takes a second. The worker appends its process id to `workers` in the
instance folder, and with the argument `stubborn` ignores SIGTERM.
"""

import os
import signal
import sys
import time
from collections.abc import Iterable
from functools import partial
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication

from portal.cli.serve import run
from portal.cli.server import listen
from portal.core.settings import Settings, load_settings


def make_application(_settings: Settings) -> WSGIApplication:
    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        if environ["PATH_INFO"] == "/slow":
            time.sleep(1)
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [str(os.getpid()).encode()]

    return application


def work(settings: Settings, *, stubborn: bool) -> None:
    if stubborn:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with (settings.instance_dir / "workers").open("a") as file:
        file.write(f"{os.getpid()}\n")
    while True:
        time.sleep(60)


if __name__ == "__main__":
    settings = load_settings(os.environ)
    listener = listen(settings.host, settings.port)
    do_work = partial(work, stubborn="stubborn" in sys.argv)
    sys.exit(run(settings, listener, make_application, do_work, partial(print, "ready", flush=True)))
