"""The web server: gunicorn on a socket that is open already."""

import os
import resource
import socket
import ssl
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from wsgiref.types import WSGIApplication

from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger as GunicornLogger

from portal.accounts.certificate_files import AUTHORITY_FILE
from portal.boxes.admission import room_beside
from portal.cli.public_worker import PublicWorker
from portal.core import logs
from portal.core.settings import Settings
from portal.core.settings_values import SettingsError

GRACE_SECONDS = 10
_BACKLOG = 2048
_CONNECTIONS = 4000  # of each process, at most: a fleet that comes back opens thousands at once
_OTHER_FILES = 200
_PORT_PATIENCE_SECONDS = 5.0
_SHARED_MEMORY = Path("/dev/shm")  # noqa: S108 - gunicorn's heartbeat files, which must not wait for a disk


def check_free(host: str, port: int, variable: str) -> None:
    """This function will raise `SettingsError`, which names the setting `variable`, where something listens on the address already."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        socket.create_server((host, port), family=family).close()
    except OSError as error:
        raise SettingsError(
            f"{variable}={host}:{port} cannot be listened on ({os.strerror(error.errno or 0)}): choose another."
        ) from None


class Lines(GunicornLogger):  # type: ignore[misc]  # gunicorn has no types
    """What gunicorn says, in the portal's own lines."""

    def setup(self, cfg: Any) -> None:
        """This function will set up gunicorn's loggers and let them write as ours do."""
        super().setup(cfg)
        for handler in (*self.error_log.handlers, *self.access_log.handlers):
            handler.setFormatter(logs.formatter(to_terminal=sys.stderr.isatty()))


def listen(host: str, port: int) -> socket.socket:
    """This function will open the server's socket; a connection made from now on waits until the server answers.

    A server that was just killed may hold the port for a moment, so it tries for some seconds. Raises `SettingsError` where
    the port stays taken or the address is not this machine's.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    deadline = time.monotonic() + _PORT_PATIENCE_SECONDS
    while True:
        try:
            return socket.create_server((host, port), family=family, backlog=_BACKLOG)
        except OSError as error:
            if time.monotonic() > deadline:
                raise SettingsError(
                    f"Cannot listen on {host}, port {port} ({os.strerror(error.errno or 0)}): stop what uses it, or choose another, "
                    "as in `make run PORT=8001`."
                ) from None
        time.sleep(0.1)


def _tls(settings: Settings) -> dict[str, Any]:
    """TLS 1.2 or 1.3; whoever has a certificate of ours may show it, nobody has to (ASVS 12.1.1)."""
    authority = settings.certificates_dir / AUTHORITY_FILE

    def context(_config: object, make_default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
        made = make_default()
        made.minimum_version = ssl.TLSVersion.TLSv1_2
        return made

    options: dict[str, Any] = {
        "certfile": str(settings.tls_certificate),
        "keyfile": str(settings.tls_key),
        "ssl_context": context,
    }
    if authority.exists():
        options |= {"ca_certs": str(authority), "cert_reqs": ssl.CERT_OPTIONAL}
    return options


def _connections(threads: int) -> int:
    """No more than the process may open files, and more than its threads, so that connections can be kept."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return max(2 * threads, min(_CONNECTIONS, files - _OTHER_FILES))


class Server(BaseApplication):  # type: ignore[misc]  # gunicorn has no types
    """Gunicorn with threads, configured by our settings alone; each worker process makes its own application."""

    def __init__(
        self,
        settings: Settings,
        listener: socket.socket,
        make_application: Callable[[Settings], WSGIApplication],
        ready: int,
    ) -> None:
        self._settings = settings
        self._descriptor = listener.detach()
        self._make_application = make_application
        self._ready = ready
        super().__init__()

    def load_config(self) -> None:
        """This function will hand gunicorn its options."""
        settings = self._settings
        threads = settings.threads + room_beside(settings.threads)
        options: dict[str, Any] = {
            "bind": [f"fd://{self._descriptor}"],
            "worker_class": PublicWorker,
            "workers": settings.workers,
            "threads": threads,
            "worker_connections": _connections(threads),
            "graceful_timeout": GRACE_SECONDS,
            "accesslog": "-" if settings.access_log else None,
            "loglevel": "warning",
            "logger_class": Lines,
            "umask": 0o022,
            "control_socket_disable": True,
            # What a proxy says about the client is read by the request pipeline, which knows the trusted ones.
            "forwarded_allow_ips": "",
            "post_worker_init": self._tell_ready,
        }
        if settings.tls_certificate is not None:
            options |= _tls(settings)
        if _SHARED_MEMORY.is_dir():
            options["worker_tmp_dir"] = str(_SHARED_MEMORY)
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> WSGIApplication:
        """This function will make the application, once in each worker process."""
        return self._make_application(self._settings)

    def _tell_ready(self, _worker: object) -> None:
        os.write(self._ready, b"!")
