"""Certificates over real TLS: the portal's own server, and the real nginx in front of it with the files of deploy/."""

import http.client
import re
import ssl
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from tests.services import needs_service
from tests.world.cast import PASSWORD, Cast
from tests.world.tls import Installation, free_port, make_installation, nginx_before, portal_server


@pytest.fixture
def installation(cast_template: tuple[Path, Cast], tmp_path: Path) -> Installation:
    return make_installation(cast_template, tmp_path)


def test_embedded_server_takes_a_certificate_and_refuses_a_foreign_one(installation: Installation) -> None:
    port = free_port()
    own = {
        "PORTAL_TLS_CERTIFICATE": str(installation.folder / "server.pem"),
        "PORTAL_TLS_KEY": str(installation.folder / "server.key"),
    }
    with portal_server(installation, port, f"https://localhost:{port}", own):
        with_it = sign_in(port, installation, installation.key_file(installation.auditor))
        without = sign_in(port, installation, None)

        assert (with_it, without) == ("/center", "/sign-in/code")
        with pytest.raises(OSError):  # noqa: PT011 - the handshake ends, and each OpenSSL says so in its own way
            sign_in(port, installation, installation.key_file(installation.foreign))


@needs_service("nginx")
def test_nginx_hands_a_certificate_on_and_nobody_can_forge_the_header(installation: Installation) -> None:
    behind, port = free_port(), free_port()
    proxied = {"PORTAL_TRUSTED_PROXIES": "127.0.0.1"}
    forged = {"X-Client-Certificate": quote(installation.auditor.certificate.public_bytes(Encoding.PEM).decode())}
    with (
        portal_server(installation, behind, f"https://localhost:{port}", proxied),
        nginx_before(installation, port, behind),
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
