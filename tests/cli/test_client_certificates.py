"""Certificates over real TLS: the portal's own server, and the real nginx in front of it with the snippet of deploy/."""

import http.client
import re
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

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
from tests.services import needs_service
from tests.world.cast import PASSWORD, Cast, Person

SNIPPET = Path(__file__).parents[2] / "deploy" / "nginx" / "client-certificates.conf"
_ANSWERS_WITHIN = 60.0


@dataclass(frozen=True)
class Installation:
    """A folder with the cast's database, an authority, a server certificate and the auditor's own."""

    folder: Path
    cast: Cast
    auditor: Issued
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


@pytest.fixture
def installation(cast_template: tuple[Path, Cast], tmp_path: Path) -> Installation:
    database, cast = cast_template
    shutil.copyfile(database, tmp_path / "portal.db")
    _stamp(tmp_path / "portal.db")
    (tmp_path / "secret").write_bytes(SECRET)
    (tmp_path / "secret").chmod(0o600)
    certificate_files.configure(tmp_path / "certificates")
    opened = Database(f"sqlite:///{tmp_path / 'portal.db'}")
    databases.use(opened)
    auditor = _issue(cast.auditor)
    with platform_session() as session:
        authority = certificate_files.find_authority(session)
    opened.dispose()
    assert authority is not None
    certificate, key = certificates.issue_for_host(authority, "localhost", clock.now())
    (tmp_path / "server.pem").write_text(certificate)
    (tmp_path / "server.key").write_text(key)
    foreign = certificates.issue(certificates.new_authority(clock.now()), "auditor", clock.now())
    return Installation(tmp_path, cast, auditor, foreign)


def test_embedded_server_takes_a_certificate_and_refuses_a_foreign_one(installation: Installation) -> None:
    port = _free_port()
    own = {
        "PORTAL_TLS_CERTIFICATE": str(installation.folder / "server.pem"),
        "PORTAL_TLS_KEY": str(installation.folder / "server.key"),
    }
    with _portal(installation, port, f"https://localhost:{port}", own):
        with_it = sign_in(port, installation, installation.key_file(installation.auditor))
        without = sign_in(port, installation, None)

        assert (with_it, without) == ("/center", "/sign-in/code")
        with pytest.raises(OSError):  # noqa: PT011 - the handshake ends, and each OpenSSL says so in its own way
            sign_in(port, installation, installation.key_file(installation.foreign))


@needs_service("nginx")
def test_nginx_hands_a_certificate_on_and_nobody_can_forge_the_header(installation: Installation) -> None:
    behind, port = _free_port(), _free_port()
    proxied = {"PORTAL_TRUSTED_PROXIES": "127.0.0.1"}
    forged = {"X-Client-Certificate": quote(installation.auditor.certificate.public_bytes(Encoding.PEM).decode())}
    with (
        _portal(installation, behind, f"https://localhost:{port}", proxied),
        _nginx(installation, port, behind),
    ):
        with_it = sign_in(port, installation, installation.key_file(installation.auditor))
        without = sign_in(port, installation, None)
        forging = sign_in(port, installation, None, forged)
        foreign = sign_in(port, installation, installation.key_file(installation.foreign))

    assert (with_it, without, forging, foreign) == ("/center", "/sign-in/code", "/sign-in/code", "400")


def sign_in(port: int, installation: Installation, key_file: Path | None, more: dict[str, str] | None = None) -> str:
    """Where the password leads over TLS, with or without a certificate; a status where there is no form at all."""
    trust = ssl.create_default_context(cafile=installation.folder / "certificates" / "ca.pem")
    if key_file is not None:
        trust.load_cert_chain(key_file)
    with closing(http.client.HTTPSConnection("localhost", port, context=trust, timeout=30)) as connection:
        return _sign_in(connection, port, more or {})


def _sign_in(connection: http.client.HTTPSConnection, port: int, more: dict[str, str]) -> str:
    connection.request("GET", "/sign-in")
    page = connection.getresponse()
    text = page.read().decode()
    token = re.search(r'name="csrf_token" value="([^"]+)"', text)
    if token is None:
        return str(page.status)
    cookie = (page.getheader("Set-Cookie") or "").partition(";")[0]
    assert cookie.startswith("__Host-portal_session=")
    body = urlencode({"csrf_token": token[1], "username": "auditor", "password": PASSWORD})
    headers = {
        "Cookie": cookie,
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://localhost:{port}/sign-in",
        **more,
    }
    connection.request("POST", "/sign-in", body, headers)
    answer = connection.getresponse()
    answer.read()
    return answer.getheader("Location") or str(answer.status)


def _issue(person: Person) -> Issued:
    with platform_session(writes=True) as session:
        ctx = Context(session, SYSTEM)
        ask_as_portal(ctx)
        issued = issue_certificate(ctx, session.get_one(User, person.id))
        commit(session)
    return issued


@contextmanager
def _portal(installation: Installation, port: int, base_url: str, more: dict[str, str]) -> Iterator[None]:
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
def _nginx(installation: Installation, port: int, behind: int) -> Iterator[None]:
    folder = installation.folder
    snippet = SNIPPET.read_text().replace("/var/lib/portal/certificates", str(folder / "certificates"))
    (folder / "snippet.conf").write_text(snippet)
    (folder / "nginx.conf").write_text(f"""
daemon off; pid {folder}/nginx.pid; error_log {folder}/nginx-error.log;
events {{}}
http {{
  access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s;
  server {{
    listen 127.0.0.1:{port} ssl;
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.key;
    include {folder}/snippet.conf;
    location / {{
      proxy_pass http://127.0.0.1:{behind};
      proxy_set_header Host $http_host;
      include {folder}/snippet-headers.conf;
    }}
  }}
}}
""")
    (folder / "snippet-headers.conf").write_text(
        "\n".join(line for line in snippet.splitlines() if line.startswith("proxy_set_header"))
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")]
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
