"""Certificates over real TLS: the portal's own server, and the real nginx in front of it with the files of deploy/."""

import http.client
import re
import ssl
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import select

from portal.audit.models import AuditPersonalSignature
from portal.core.database import Database
from tests.services import needs_service
from tests.world.cast import PASSWORD, Cast, code_now
from tests.world.tls import Installation, free_port, make_installation, nginx_before, portal_server

NEW_OFFICER = "/admin/officers/new"
PROPOSED = {"username": "newauditor", "display_name": "新审计员", "role": "auditor", "reason": "轮岗"}


@pytest.fixture
def installation(cast_template: tuple[Path, Cast], tmp_path: Path) -> Installation:
    return make_installation(cast_template, tmp_path)


def test_embedded_server_takes_a_certificate_and_refuses_a_foreign_one(installation: Installation) -> None:
    port = free_port()
    with portal_server(installation, port, f"https://localhost:{port}", own_tls(installation)):
        with_it = sign_in(port, installation, installation.key_file(installation.auditor))
        without = sign_in(port, installation, None)

        assert (with_it, without) == ("/center", "/sign-in/code")
        with pytest.raises(OSError):  # noqa: PT011 - the handshake ends, and each OpenSSL says so in its own way
            sign_in(port, installation, installation.key_file(installation.foreign))


def test_certificate_steps_up_and_attests_a_decision(installation: Installation) -> None:
    """Signed in by code at level 2; then the browser shows the certificate, which raises the level and stands under the decision."""
    port, folder = free_port(), installation.folder
    shown = installation.key_file(installation.officer)
    foreign = installation.key_file(installation.auditor)
    with portal_server(installation, port, f"https://localhost:{port}", own_tls(installation)):
        person = Person(port, installation)
        person.sign_in("sysadmin", code_now())
        turned_away = person.get(NEW_OFFICER).leads_to
        wrong = person.post("/account/level", {}, foreign)
        raised = person.post("/account/level?next=/center", {}, shown)
        asked = person.post(NEW_OFFICER, PROPOSED, shown)
        ticket = re.search(r'name="signature_ticket" value="([^"]+)"', asked.text)
        assert ticket is not None, asked.text[:2000]
        signed = {**PROPOSED, "signature_ticket": ticket[1], "signature_certificate": "1"}
        bare, others = person.post(NEW_OFFICER, signed), person.post(NEW_OFFICER, signed, foreign)
        done = person.post(NEW_OFFICER, signed, shown)

    assert turned_away == f"/account/level?next={NEW_OFFICER}"
    assert (wrong.status, raised.leads_to) == (401, "/center")
    assert (asked.status, "用数字证书确认并提交" in asked.text) == (403, True)
    assert (bare.status, others.status, done.status) == (403, 403, 303)
    opened = Database(f"sqlite:///{folder / 'portal.db'}")
    with opened.engine.connect() as connection:
        kept = connection.execute(select(AuditPersonalSignature.method, AuditPersonalSignature.evidence)).one()
    opened.dispose()
    assert (kept.method, kept.evidence["proven"]) == ("certificate", "tls-handshake")


@needs_service("nginx")
@pytest.mark.parametrize("between", ["http", "https"])
def test_nginx_hands_a_certificate_on_and_nobody_can_forge_the_header(installation: Installation, between: str) -> None:
    """In plain on one machine, over TLS to another."""
    behind, port = free_port(), free_port()
    proxied = {"PORTAL_TRUSTED_PROXIES": "127.0.0.1", **(own_tls(installation) if between == "https" else {})}
    hop = {
        "Host $host": "Host $http_host",
    }  # the port is none of the usual ones here
    if between == "https":  # nginx may have to prove itself to the portal; that proves nobody behind it
        own = installation.key_file(installation.auditor)
        hop["proxy_pass http:"] = f"proxy_ssl_certificate {own}; proxy_ssl_certificate_key {own}; proxy_pass https:"
    forged = {"X-Client-Certificate": quote(installation.auditor.certificate.public_bytes(Encoding.PEM).decode())}
    with portal_server(installation, behind, f"https://localhost:{port}", proxied):
        if between == "https":
            sign_in(
                behind, installation, None
            )  # nginx waits five seconds for a handshake, which a start may take longer than
        with nginx_before(installation, port, behind, planted=hop):
            with_it = sign_in(port, installation, installation.key_file(installation.auditor))
            without = sign_in(port, installation, None)
            forging = sign_in(port, installation, None, forged)
            foreign = sign_in(port, installation, installation.key_file(installation.foreign))

    assert (with_it, without, forging, foreign) == ("/center", "/sign-in/code", "/sign-in/code", "400")


def own_tls(installation: Installation) -> dict[str, str]:
    """The settings with which the portal itself serves https."""
    return {
        "PORTAL_TLS_CERTIFICATE": str(installation.folder / "server.pem"),
        "PORTAL_TLS_KEY": str(installation.folder / "server.key"),
    }


@dataclass(frozen=True)
class Answer:
    status: int
    leads_to: str
    text: str


class Person:
    """Somebody with a browser's cookie and form token, whose every request may show another certificate, or none."""

    def __init__(self, port: int, installation: Installation) -> None:
        self._port, self._authority = port, installation.folder / "certificates" / "ca.pem"
        self._cookie, self._token = "", ""

    def sign_in(self, username: str, code: str) -> None:
        self._read_token(self.get("/sign-in"))
        self.post("/sign-in", {"username": username, "password": PASSWORD, "code": code})
        self._read_token(self.get("/account/level"))

    def get(self, path: str) -> Answer:
        return self._send("GET", path, None, None)

    def post(self, path: str, fields: dict[str, str], shown: Path | None = None) -> Answer:
        return self._send("POST", path, urlencode({"csrf_token": self._token, **fields}), shown)

    def _read_token(self, page: Answer) -> None:
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found is not None, page
        self._token = found[1]

    def _send(self, method: str, path: str, body: str | None, shown: Path | None) -> Answer:
        trust = ssl.create_default_context(cafile=self._authority)
        if shown is not None:
            trust.load_cert_chain(shown)
        headers = {"Cookie": self._cookie, "Referer": f"https://localhost:{self._port}{path}"}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with closing(http.client.HTTPSConnection("localhost", self._port, context=trust, timeout=60)) as connection:
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            text = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            self._cookie = cookie.partition(";")[0]
        return Answer(answer.status, answer.getheader("Location") or "", text)


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
