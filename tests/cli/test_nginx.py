"""The nginx of deploy/ in front of the portal: TLS, headers, hosts, limits, logs, and /pub/ as the portal itself would serve it."""

import gzip
import http.client
import re
import socket
import sqlite3
import ssl
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from urllib.parse import quote_plus

import pytest

from portal.releases.public_kinds import _KINDS, asset_of
from tests.services import require_service
from tests.world.cast import PASSWORD, Cast
from tests.world.tls import DEPLOY, Installation, free_port, make_installation, nginx_before, portal_server

HASH, CHANNEL = "ab" * 32, "cd" * 16
HSTS = "max-age=31536000; includeSubDomains"
CURRENT, SIGNED = f"channels/{CHANNEL}/current.json", f"channels/{CHANNEL}/current.jws"
DOCUMENT = f"releases/{HASH}.json"
FILES = [
    CURRENT, SIGNED, DOCUMENT, f"{DOCUMENT}.gz", "keys.json", "keys.jws", "keys.json.gz", "keys.jws.gz", "roots.json",
    "schema/pointer-1.json", "schema/zone-1.json", *(f"assets/{HASH}.{ext}" for ext in ("png", "jpg", "webp", "mp4", "apk")),
]  # fmt: skip
WEAK = "AES128-SHA:AES256-SHA:ECDHE-RSA-AES128-SHA:ECDHE-ECDSA-AES128-SHA"
# What the two may say differently: tags are opaque, nginx names itself, and says on TLS that there is TLS.
OWN = {"etag", "date", "server", "connection", "strict-transport-security"}


@dataclass(frozen=True)
class Front:
    """The ports of nginx, with TLS and without, and of the portal behind it."""

    installation: Installation
    port: int
    plain: int
    behind: int

    def trust(self) -> ssl.SSLContext:
        """A client that trusts the installation's own authority."""
        return ssl.create_default_context(cafile=self.installation.folder / "certificates" / "ca.pem")

    def ask(
        self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> "Answer":
        """The answer of nginx over TLS."""
        made = http.client.HTTPSConnection("localhost", self.port, context=self.trust(), timeout=30)
        return _ask(made, path, method, headers or {}, body)

    def ask_portal(self, path: str, method: str = "GET", headers: Mapping[str, str] | None = None) -> "Answer":
        """The answer of the portal itself, past nginx."""
        return _ask(http.client.HTTPConnection("127.0.0.1", self.behind, timeout=30), path, method, headers or {}, None)


@dataclass(frozen=True)
class Answer:
    """Status, headers in lower case with every value of each, and body."""

    status: int
    headers: Mapping[str, list[str]]
    body: bytes

    def shared(self) -> dict[str, list[str]]:
        """The headers that the portal and nginx have to agree on."""
        return {name: values for name, values in self.headers.items() if name not in OWN}


@pytest.fixture(scope="module")
def front(cast_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    require_service("nginx")
    installation = make_installation(cast_template, tmp_path_factory.mktemp("front"))
    behind, port, plain = free_port(), free_port(), free_port()
    with (
        portal_server(installation, behind, f"https://localhost:{port}", {"PORTAL_TRUSTED_PROXIES": "127.0.0.1"}),
        nginx_before(installation, port, behind, plain),
    ):
        _publish(installation.folder / "pub")
        yield Front(installation, port, plain, behind)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        (ssl.TLSVersion.TLSv1, None),
        (ssl.TLSVersion.TLSv1_1, None),
        (ssl.TLSVersion.TLSv1_2, "TLSv1.2"),
        (ssl.TLSVersion.TLSv1_3, "TLSv1.3"),
    ],
)
def test_tls_is_of_a_version_that_holds(front: Front, version: ssl.TLSVersion, expected: str | None) -> None:
    assert _negotiated(front, version) == expected


def test_weak_cipher_is_refused(front: Front) -> None:
    with pytest.raises(ssl.SSLError), _handshake(front, _weak_client(front), "localhost"):
        pass


@pytest.mark.parametrize("name", ["evil.example", None])
def test_handshake_for_another_host_or_none_is_refused(front: Front, name: str | None) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE

    with pytest.raises(ssl.SSLError), _handshake(front, context, name):
        pass


def test_request_for_another_host_does_not_reach_the_portal(front: Front) -> None:
    assert front.ask("/sign-in", headers={"Host": "evil.example"}).status == 421


@pytest.mark.parametrize(
    "path",
    ["/sign-in", "/no-such-page", "/static/css/tokens.css", f"/pub/{CURRENT}", "/pub/nothing", "/e/123456789012"],
)
def test_headers_stand_once_on_every_answer(front: Front, path: str) -> None:
    answer = front.ask(path)

    assert answer.headers["strict-transport-security"] == [HSTS]
    assert answer.headers["x-content-type-options"] == ["nosniff"]
    assert [name for name, values in answer.headers.items() if len(values) > 1 and name != "vary"] == []
    assert answer.headers["server"] == ["nginx"]


def test_plain_http_leads_people_on_and_programs_nowhere(front: Front) -> None:
    def ask(path: str) -> tuple[int, list[str]]:
        answer = _ask(
            http.client.HTTPConnection("127.0.0.1", front.plain, timeout=30), path, "GET", {"Host": "evil"}, None
        )
        return answer.status, answer.headers.get("location", [])

    assert ask("/sign-in?next=/account") == (301, [f"https://localhost:{front.port}/sign-in?next=/account"])
    assert ask("/box/v1/heartbeats") == (403, [])
    assert ask(f"/pub/{CURRENT}") == (403, [])


def test_every_kind_of_the_box_contract_is_compared() -> None:
    assert [kind.pattern.pattern for kind in _KINDS if not any(kind.pattern.fullmatch(name) for name in FILES)] == []
    assert {asset[1] for name in FILES if (asset := asset_of(name))} == {"png", "jpg", "webp", "mp4", "apk"}


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("more", [{}, {"Accept-Encoding": "gzip"}], ids=["plain", "gzip"])
def test_published_file_is_served_as_by_the_portal(front: Front, name: str, more: dict[str, str]) -> None:
    ours, theirs = front.ask_portal(f"/pub/{name}", headers=more), front.ask(f"/pub/{name}", headers=more)

    assert (theirs.status, theirs.body, theirs.shared()) == (ours.status, ours.body, ours.shared())
    assert theirs.status == 200
    again = front.ask(f"/pub/{name}", headers={**more, "If-None-Match": theirs.headers["etag"][0]})
    assert (again.status, again.body, again.headers["cache-control"]) == (304, b"", ours.headers["cache-control"])


@pytest.mark.parametrize("field", ["bytes=2-5", "bytes=-3", "bytes=100000-"])
def test_part_of_an_asset_is_served_as_by_the_portal(front: Front, field: str) -> None:
    path, more = f"/pub/assets/{HASH}.mp4", {"Range": field}
    ours, theirs = front.ask_portal(path, headers=more), front.ask(path, headers=more)

    assert (theirs.status, theirs.headers.get("content-range")) == (ours.status, ours.headers.get("content-range"))
    assert theirs.status == 416 or theirs.body == ours.body


@pytest.mark.parametrize(
    "path",
    [
        "", "keys", "secret", "../secret", "..%2fsecret", "%2e%2e/secret", "assets/../../secret", "assets", "assets/", "channels/",
        f"channels/{CHANNEL}", f"channels/{CHANNEL}/", f"channels/{'0' * 32}/current.json", f"channels/{CHANNEL}/../../../secret",
        f"assets/{HASH}.png.tmp", f"assets/{HASH}.html", f"assets/{HASH}.PNG", "linked.json", f"releases/{'ef' * 32}.json",
        f"assets/{HASH}.png%00.html", "..;/secret", "//secret", f"releases/{HASH}.json/x",
    ],
)  # fmt: skip
def test_what_is_not_in_the_contract_is_not_there(front: Front, path: str) -> None:
    answer = front.ask(f"/pub/{path}")

    assert answer.status in {400, 404}
    assert b"PRIVATE" not in answer.body


def test_files_do_not_take_other_methods(front: Front) -> None:
    assert {front.ask(f"/pub/{CURRENT}", method).status for method in ("POST", "PUT", "DELETE")} == {405}


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT"])
def test_request_is_never_sent_back(front: Front, method: str) -> None:
    """What a browser sent, cookies among it, comes back from neither nginx nor the portal."""
    cookie = {"Cookie": "__Host-portal_session=s.a-secret"}
    answers = [front.ask("/sign-in", method, cookie), front.ask_portal("/sign-in", method, cookie)]

    assert all(answer.status in {400, 404, 405, 501} for answer in answers)
    assert not any(b"a-secret" in answer.body for answer in answers)


def test_forged_headers_name_nobody_else(front: Front) -> None:
    """What a client says of itself is thrown away: the session that the password opens is one of the socket's address."""
    assert _address_of_a_session(front) == "127.0.0.1"


def test_believing_what_clients_say_would_be_seen(front: Front) -> None:
    """The fault planted: nginx hands on what came."""
    handed_on = {"X-Forwarded-For $remote_addr": "X-Forwarded-For $http_x_forwarded_for"}
    with _another(front, handed_on) as weak:
        assert _address_of_a_session(weak) == "203.0.113.7"


def test_old_tls_and_weak_ciphers_would_be_seen(front: Front) -> None:
    """The fault planted: nginx takes whatever OpenSSL knows."""
    anything = {
        "ssl_protocols       TLSv1.2 TLSv1.3;": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2;",
        "ssl_protocols TLSv1.2 TLSv1.3;": "ssl_protocols TLSv1 TLSv1.1 TLSv1.2;",
        "ssl_ciphers         ECDHE": "ssl_ciphers ALL:@SECLEVEL=0:ECDHE",
    }
    with _another(front, anything) as weak:
        assert _negotiated(weak, ssl.TLSVersion.TLSv1_1) == "TLSv1.1"
        with _handshake(weak, _weak_client(weak), "localhost") as connection:
            assert connection.cipher()[0] in WEAK.split(":")  # type: ignore[index]


def test_file_outside_the_contract_would_be_seen(front: Front) -> None:
    """The fault planted: nginx serves the folder as it is."""
    everything = {'return 404 "404 Not Found\\n";': "root /srv/portal/;"}
    with _another(front, everything) as weak:
        assert b"PRIVATE" in weak.ask("/pub/linked.json").body


def test_two_lengths_make_no_second_request(front: Front) -> None:
    """What nginx and the portal could understand differently is refused, by each of them."""
    smuggled = (
        b"POST /sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"0\r\n\r\nGET /account HTTP/1.1\r\nHost: localhost\r\n\r\n"
    )
    with _handshake(front, front.trust(), "localhost") as through:
        through.sendall(smuggled)
        first = through.recv(65536)
    with socket.create_connection(("127.0.0.1", front.behind), timeout=30) as direct:
        direct.sendall(smuggled)
        second = direct.recv(65536)

    assert (first.split()[1], second.split()[1]) == (b"400", b"400")


@pytest.mark.parametrize(
    ("path", "size", "status"), [("/sign-in", 2, 413), ("/account/password", 3, 413), ("/box/v1/heartbeats", 4, 413)]
)
def test_body_that_is_too_large_is_refused_by_its_length(front: Front, path: str, size: int, status: int) -> None:
    headers = {"Content-Length": str(size * 1024 * 1024)}

    assert front.ask(path, "POST", headers, b"x").status == status


def test_token_of_a_one_time_link_is_in_no_log(front: Front) -> None:
    front.ask("/welcome/a-secret-token")

    # nginx writes the line after the answer has gone out
    path, until = front.installation.folder / "access.log", time.monotonic() + 10
    while "/welcome/" not in (log := path.read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    assert "/welcome/..." in log
    assert "a-secret-token" not in log


def test_guessing_is_braked(front: Front) -> None:
    """The last test of all, for the address then has to wait."""
    statuses = [front.ask("/sign-in/code").status for _ in range(60)]

    assert 429 in statuses
    assert front.ask("/static/css/tokens.css").status == 200


def test_every_location_that_hands_on_sets_the_headers() -> None:
    """nginx: a location with a proxy_set_header of its own inherits none, and the forged one would pass."""
    text = (DEPLOY / "portal.conf").read_text()

    assert re.findall(r"location [^{]+\{[^}]*proxy_set_header", text) == []
    assert text.index("include /etc/nginx/portal/proxy.conf;") < text.index("proxy_pass")


@contextmanager
def _another(front: Front, planted: Mapping[str, str]) -> Iterator[Front]:
    """One more nginx before the same portal, with a fault."""
    port = free_port()
    with nginx_before(front.installation, port, front.behind, planted=planted):
        yield replace(front, port=port)


def _address_of_a_session(front: Front) -> str:
    forged = {"X-Forwarded-For": "203.0.113.7", "Forwarded": "for=203.0.113.7", "X_Forwarded_For": "203.0.113.7"}
    page = front.ask("/sign-in", headers=forged)
    token = re.search(rb'name="csrf_token" value="([^"]+)"', page.body)
    assert token is not None
    sent = {
        **forged,
        "Cookie": page.headers["set-cookie"][0].partition(";")[0],
        "Content-Type": "application/x-www-form-urlencoded",
        "Referer": f"https://localhost:{front.port}/sign-in",
    }
    body = f"csrf_token={token[1].decode()}&username=auditor&password={quote_plus(PASSWORD)}"
    front.ask("/sign-in", "POST", sent, body.encode())
    with closing(sqlite3.connect(front.installation.folder / "portal.db")) as database:
        newest = "SELECT address FROM user_sessions ORDER BY created_at DESC LIMIT 1"
        return str(database.execute(newest).fetchone()[0])


def _publish(folder: Path) -> None:
    for name in FILES:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        plain = folder / name.removesuffix(".gz")
        if name.endswith(".gz"):
            path.write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
        elif not path.exists():
            path.write_bytes(f'{{"file":"{name}"}}'.encode() * 40)
    (folder.parent / "private").write_text("PRIVATE")
    (folder / f"releases/{'ef' * 32}.json").symlink_to(folder.parent / "private")
    (folder / "linked.json").symlink_to(folder.parent / "private")


def _ask(
    connection: http.client.HTTPConnection, path: str, method: str, headers: Mapping[str, str], body: bytes | None
) -> Answer:
    with closing(connection):
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in headers.items():
            connection.putheader(name, value)
        if body is not None and "Content-Length" not in headers:
            connection.putheader("Content-Length", str(len(body)))
        connection.endheaders(body)
        answer = connection.getresponse()
        found: dict[str, list[str]] = {}
        for name, value in answer.getheaders():
            found.setdefault(name.lower(), []).append(value)
        return Answer(answer.status, found, answer.read())


def _handshake(front: Front, context: ssl.SSLContext, name: str | None) -> ssl.SSLSocket:
    opened = socket.create_connection(("127.0.0.1", front.port), timeout=30)
    try:
        return context.wrap_socket(opened, server_hostname=name)
    except BaseException:
        opened.close()
        raise


def _old_client(front: Front, version: ssl.TLSVersion) -> ssl.SSLContext:
    context = front.trust()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that it is deprecated is what the test is about
        context.minimum_version = context.maximum_version = version
    if version < ssl.TLSVersion.TLSv1_2:
        context.set_ciphers("DEFAULT:@SECLEVEL=0")
    return context


def _weak_client(front: Front) -> ssl.SSLContext:
    context = front.trust()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(f"{WEAK}:@SECLEVEL=0")
    return context


def _negotiated(front: Front, version: ssl.TLSVersion) -> str | None:
    try:
        with _handshake(front, _old_client(front, version), "localhost") as connection:
            return connection.version()
    except ssl.SSLError:
        return None
