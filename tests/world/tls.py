"""The portal over real TLS: an installation with an authority and certificates, its server, and the nginx of deploy/ before it."""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, pkcs12

from portal.accounts import certificate_files, certificates
from portal.accounts.certificates import Issued
from portal.accounts.commands.certificates import issue_certificate
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.models import User
from portal.core import clock
from portal.core import database as databases
from portal.core.context import SYSTEM, Context
from portal.core.database import Database, commit, platform_session
from tests.conftest import SECRET
from tests.journeys.conftest import _free_port, _stamp
from tests.world.cast import Cast, Person

DEPLOY = Path(__file__).parents[2] / "deploy" / "nginx"
_ANSWERS_WITHIN = 60.0


@dataclass(frozen=True)
class Installation:
    """A folder with the cast's database, an authority, a server certificate, the auditor's own and the system administrator's."""

    folder: Path
    cast: Cast
    auditor: Issued
    officer: Issued
    foreign: Issued

    def key_file(self, issued: Issued) -> Path:
        """Certificate and key as one PEM file, as a TLS client takes them."""
        key, certificate, _ = pkcs12.load_key_and_certificates(issued.pkcs12, issued.password.encode())
        assert key is not None
        assert certificate is not None
        path = self.folder / f"{certificate.serial_number:x}.pem"
        private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        path.write_bytes(private + certificate.public_bytes(Encoding.PEM))
        return path


def make_installation(cast_template: tuple[Path, Cast], folder: Path) -> Installation:
    """This function will make an installation in a folder, of a copy of the cast's database."""
    database, cast = cast_template
    shutil.copyfile(database, folder / "portal.db")
    _stamp(folder / "portal.db")
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    certificate_files.configure(folder / "certificates")
    opened = Database(f"sqlite:///{folder / 'portal.db'}")
    databases.use(opened)
    auditor, officer = _issue(cast.auditor), _issue(cast.system_admin)
    with platform_session() as session:
        authority = certificate_files.find_authority(session)
    opened.dispose()
    assert authority is not None
    certificate, key = certificates.issue_for_host(authority, "localhost", clock.now())
    (folder / "server.pem").write_text(certificate)
    (folder / "server.key").write_text(key)
    foreign = certificates.issue(certificates.new_authority(clock.now()), "auditor", clock.now())
    return Installation(folder, cast, auditor, officer, foreign)


def free_port() -> int:
    """This function will return a port of loopback that nobody listens on."""
    return _free_port()


def _issue(person: Person) -> Issued:
    with platform_session(writes=True) as session:
        ctx = Context(session, SYSTEM)
        ask_as_portal(ctx)
        issued = issue_certificate(ctx, session.get_one(User, person.id))
        commit(session)
    return issued


@contextmanager
def portal_server(installation: Installation, port: int, base_url: str, more: dict[str, str]) -> Iterator[None]:
    """This function will run the portal on `port` of an installation, with more settings, until the block ends."""
    environ = {
        "PATH": "/usr/bin:/bin",
        "PORTAL_INSTANCE_DIR": str(installation.folder),
        "PORTAL_PORT": str(port),
        "PORTAL_BASE_URL": base_url,
        "PORTAL_WORKERS": "1",
        **more,
    }
    with _process(
        [sys.executable, "-m", "portal.cli.main", "serve"], installation.folder / "portal.log", port, environ
    ):
        yield


@contextmanager
def nginx_before(
    installation: Installation,
    port: int,
    behind: int,
    plain: int | None = None,
    planted: Mapping[str, str] | None = None,
) -> Iterator[None]:
    """This function will run nginx with the files of deploy/, on `port` with TLS and on `plain` without, before the portal on `behind`.

    `planted` are faults: texts of those files and what stands there instead.
    """
    folder = installation.folder
    files = folder / f"nginx-{port}"
    files.mkdir()
    changes = {
        **(planted or {}),
        "127.0.0.1:8000": f"127.0.0.1:{behind}",
        "listen 443 ssl": f"listen 127.0.0.1:{port} ssl",
        "listen 80": f"listen 127.0.0.1:{plain or free_port()}",
        "portal.example.com": "localhost",
        "https://localhost$": f"https://localhost:{port}$",
        "/etc/nginx/portal/tls/portal.pem": f"{folder}/server.pem",
        "/etc/nginx/portal/tls/portal.key": f"{folder}/server.key",
        "#include /etc": "include /etc",
        "/etc/nginx/portal/": f"{files}/",
        "/var/log/nginx/portal.log": f"{folder}/access.log",
        "/var/lib/portal/": f"{folder}/",
        "/srv/portal/": f"{folder}/",
    }
    for source in DEPLOY.glob("*.conf"):
        text = source.read_text()
        for was, becomes in changes.items():
            text = text.replace(was, becomes)
        (files / source.name).write_text(text)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (files / "nginx.conf").write_text(
        f"daemon off; {user} pid {files}/nginx.pid; error_log {folder}/nginx-error.log; events {{}}\n"
        f"http {{ {temporary} include {files}/portal.conf; }}\n"
    )
    command = ["nginx", "-p", str(folder), "-c", str(files / "nginx.conf")]
    with _process(command, folder / "nginx.log", port, {"PATH": "/usr/sbin:/usr/bin:/bin"}):
        yield


@contextmanager
def _process(command: list[str], log: Path, port: int, environ: dict[str, str]) -> Iterator[None]:
    with log.open("w") as output:
        process = subprocess.Popen(command, env=environ, stdout=output, stderr=subprocess.STDOUT)
    try:
        until = time.monotonic() + _ANSWERS_WITHIN
        while not _listens(port):
            if process.poll() is not None or time.monotonic() > until:
                pytest.fail(f"{command[0]} does not answer:\n{log.read_text()}")
            time.sleep(0.1)
        yield
    finally:
        process.terminate()
        process.wait(30)


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True
