"""The server's short way for small public files, over gunicorn's own parser and connection: the same bytes as WSGI, and only where it may be gone."""

import gzip
import hashlib
import os
import re
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIEnvironment

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.workers.gthread import TConn, ThreadWorker

from portal.cli.public_worker import PublicWorker
from portal.cli.server import Server, listen
from portal.core.settings import load_settings
from portal.releases.fetch import PublicFiles
from portal.releases.store import PublicFolder
from portal.web.headers import of_tls

CHANNEL = "0123456789abcdef" * 2
AT = 1_700_000_000
POINTER = b'{"schema":"pointer/1"}'
DOCUMENT = '{"schema":"zone/1","text":"欢迎光临"}'.encode() * 5_000
DIGEST = hashlib.sha256(DOCUMENT).hexdigest()
CURRENT = f"/pub/channels/{CHANNEL}/current.json"
RELEASE = f"/pub/releases/{DIGEST}.json"
TAG = f'"{hashlib.sha256(POINTER).hexdigest()[:32]}"'
SQUEEZED_TAG = f'"{DIGEST[:32]}-gzip"'
DATE = re.compile(rb"\r\nDate: [A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT\r\n")


class OnlyTheShortWay(PublicFiles):
    """Knows the files, and says so where it is asked as WSGI asks."""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        start_response("418 I'm a teapot", [("Content-Length", "0")])
        return ()


def behind(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("410 Gone", [("Content-Length", "0")])
    return ()


class Application:
    """What gunicorn gives a worker to load."""

    def __init__(self, app: Any) -> None:
        self._app = app

    def wsgi(self) -> Any:
        return self._app


@pytest.fixture(scope="module")
def pub(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("short")
    folder = PublicFolder(root / "pub")
    folder.put_document(DIGEST, DOCUMENT)
    folder.put_pointer(CHANNEL, POINTER, AT, b"signed")
    (root / "picture").write_bytes(b"\x89PNG")
    folder.put_asset(hashlib.sha256(b"\x89PNG").hexdigest(), "png", root / "picture")
    for path in (root / "pub").glob("releases/*"):
        os.utime(path, (AT, AT))
    return root / "pub"


class Asked:
    """A worker of one class without its processes and threads, one connection of it, and what it answers to raw bytes."""

    def __init__(self, kind: type[ThreadWorker], app: Any, **options: Any) -> None:
        cfg = Config()
        for name, value in {"loglevel": "warning", "forwarded_allow_ips": "", **options}.items():
            cfg.set(name, value)
        self.worker = kind(1, os.getpid(), [], Application(app), 30, cfg, Logger(cfg))
        self.worker.load_wsgi()
        self.worker.tmp.close()

    def __call__(self, request: bytes) -> tuple[bool, bytes]:
        ours, theirs = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        with ours, theirs:
            theirs.sendall(request)
            theirs.settimeout(0.0)
            connection = TConn(self.worker.cfg, ours, ("192.0.2.7", 4711), ("192.0.2.1", 80))
            kept = self.worker.handle(connection)
            received = b""
            try:
                while part := theirs.recv(1 << 20):
                    received += part
            except BlockingIOError:
                pass
        return kept, received


def request(target: str, *fields: str, method: str = "GET", version: str = "1.1", body: str = "") -> bytes:
    return "\r\n".join([f"{method} {target} HTTP/{version}", "Host: x", *fields, "", body]).encode("latin-1")


SHORT = {
    "pointer": request(CURRENT),
    "pointer, HEAD": request(CURRENT, method="HEAD"),
    "pointer, signed": request(CURRENT.replace(".json", ".jws")),
    "pointer, held": request(CURRENT, f"If-None-Match: {TAG}"),
    "pointer, held, HEAD": request(CURRENT, f"If-None-Match: {TAG}", method="HEAD"),
    "pointer, another held": request(CURRENT, 'If-None-Match: "other"'),
    "pointer, tags in two fields": request(CURRENT, 'If-None-Match: "other"', f"If-None-Match: W/{TAG}"),
    "pointer, tags in two fields, the first holds": request(CURRENT, f"If-None-Match: {TAG}", 'If-None-Match: "other"'),
    "pointer, any held": request(CURRENT, "if-none-match: *"),
    "pointer, empty field": request(CURRENT, "If-None-Match:"),
    "pointer, no date": request(CURRENT, "If-Modified-Since: yesterday"),
    "pointer, unmodified": request(CURRENT, "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT"),
    "pointer, date in two fields": request(CURRENT, *2 * ["If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT"]),
    "pointer, modified": request(CURRENT, "If-Modified-Since: Tue, 14 Nov 2023 22:13:19 GMT"),
    "pointer, tag before date": request(
        CURRENT, 'If-None-Match: "other"', "If-Modified-Since: Tue, 14 Nov 2023 22:13:20 GMT"
    ),
    "pointer, query": request(f"{CURRENT}?at=1%20&x#y"),
    "pointer, whole address": request(f"http://x{CURRENT}"),
    "pointer, encoded letter": request(CURRENT.replace("current", "%63urrent")),
    "pointer, range": request(CURRENT, "Range: bytes=0-1"),
    "pointer, kept alive": request(CURRENT, "Connection: keep-alive"),
    "pointer, cookie and strange bytes": request(CURRENT, "Cookie: a=\xe4", "X-Forwarded-For: 1.2.3.4"),
    "pointer, field that gunicorn drops": request(CURRENT, "IF_NONE_MATCH: *"),
    "release": request(RELEASE),
    "release, HEAD": request(RELEASE, method="HEAD"),
    "release, gzip": request(RELEASE, "Accept-Encoding: br, gzip"),
    "release, gzip, HEAD": request(RELEASE, "Accept-Encoding: gzip", method="HEAD"),
    "release, gzip in the second field": request(RELEASE, "Accept-Encoding: br", "Accept-Encoding: gzip"),
    "release, gzip in the first field": request(RELEASE, "Accept-Encoding: gzip", "Accept-Encoding: br"),
    "release, gzip refused": request(RELEASE, "Accept-Encoding: gzip;q=0"),
    "release, gzip held": request(RELEASE, "Accept-Encoding: gzip", f"If-None-Match: {SQUEEZED_TAG}"),
    "release, gzip held, plain wanted": request(RELEASE, f"If-None-Match: {SQUEEZED_TAG}"),
    "release, the gzip file itself": request(f"{RELEASE}.gz"),
}
ELSEWHERE = {
    "no such channel": request(CURRENT.replace("0", "f")),
    "no such name": request("/pub/nothing"),
    "folder": request("/pub/"),
    "way out": request("/pub/../releases"),
    "encoded way out": request("/pub/%2e%2e/releases"),
    "bytes that are no text": request("/pub/%ff%fe"),
    "asset": request(f"/pub/assets/{hashlib.sha256(bytes.fromhex('89504e47')).hexdigest()}.png"),
    "encoded prefix": request(CURRENT.replace("pub", "p%75b")),
    "other path": request("/e/10001"),
    "DELETE": request(CURRENT, method="DELETE"),
    "HTTP/1.0": request(CURRENT, version="1.0"),
    "HTTP/1.0, kept alive": request(CURRENT, "Connection: keep-alive", version="1.0"),
    "last of the connection": request(CURRENT, "Connection: close"),
    "last of the connection, in capitals": request(CURRENT, "CONNECTION: Close"),
    "body": request(CURRENT, "Content-Length: 2", body="{}"),
    "body in chunks": request(CURRENT, "Transfer-Encoding: chunked", body="2\r\n{}\r\n0\r\n\r\n"),
    "body expected": request(CURRENT, "Expect: 100-continue", "Content-Length: 2", body="{}"),
    "no body expected": request(CURRENT, "Expect: 100-continue"),
    "no request": b"GET\r\n\r\n",
    "two hosts": request(CURRENT, "Host: y"),
    "two lengths": request(CURRENT, "Content-Length: 0", "Content-Length: 2"),
}


@pytest.fixture(scope="module", params=[(), of_tls()], ids=["http", "more headers"])
def both(request: pytest.FixtureRequest, pub: Path) -> tuple[Asked, Asked]:
    app = PublicFiles(pub, behind, more=request.param)
    return Asked(ThreadWorker, app), Asked(PublicWorker, app)


@pytest.fixture(scope="module")
def only_short(pub: Path) -> Asked:
    return Asked(PublicWorker, OnlyTheShortWay(pub, behind))


@pytest.mark.parametrize("case", [*SHORT, *ELSEWHERE])
def test_both_ways_answer_with_the_same_bytes(both: tuple[Asked, Asked], case: str) -> None:
    asked = (SHORT | ELSEWHERE)[case]

    (kept_by_wsgi, by_wsgi), (kept, answered) = (way(asked) for way in both)

    assert (kept, DATE.sub(b"\r\nDate\r\n", answered)) == (kept_by_wsgi, DATE.sub(b"\r\nDate\r\n", by_wsgi))
    assert len(answered) > 80


@pytest.mark.parametrize("case", SHORT)
def test_plain_request_goes_the_short_way(only_short: Asked, case: str) -> None:
    kept, answered = only_short(SHORT[case])

    assert (kept, answered[:12] in {b"HTTP/1.1 200", b"HTTP/1.1 304"}) == (True, True)


@pytest.mark.parametrize("case", ELSEWHERE)
def test_any_other_request_goes_gunicorns_way(only_short: Asked, case: str) -> None:
    _, answered = only_short(ELSEWHERE[case])

    assert re.search(rb"^HTTP/1\.[01] (418|400) ", answered, re.MULTILINE)


def heard_after(_worker: object, _request: object, _environ: object, _response: object) -> None:
    """A hook that somebody installed."""


@pytest.mark.parametrize(
    "options",
    [
        {"accesslog": "-"},
        {"loglevel": "debug"},
        {"pre_request": lambda _worker, _request: None},
        {"post_request": heard_after},
        {"keepalive": 0},
        {"max_requests": 1},
        {"header_map": "dangerous"},
        {"forwarder_headers": "*"},
        {"worker_connections": 1, "threads": 1},
    ],
    ids=lambda options: next(iter(options)),
)
def test_what_is_configured_sees_every_request(pub: Path, options: dict[str, Any]) -> None:
    worker = Asked(PublicWorker, OnlyTheShortWay(pub, behind), **options)

    assert worker(SHORT["pointer"])[1].startswith(b"HTTP/1.1 418")


def test_script_name_of_the_environment_is_minded(pub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCRIPT_NAME", "/pub")

    assert Asked(PublicWorker, OnlyTheShortWay(pub, behind))(SHORT["pointer"])[1].startswith(b"HTTP/1.1 418")


def test_worker_that_ends_closes_the_connection(pub: Path) -> None:
    asked = Asked(PublicWorker, PublicFiles(pub, behind))
    asked.worker.alive = False

    kept, answered = asked(SHORT["pointer"])

    assert (kept, b"\r\nConnection: close\r\n" in answered) == (False, True)


def test_last_request_before_the_limit_ends_the_worker(pub: Path) -> None:
    asked = Asked(PublicWorker, PublicFiles(pub, behind), max_requests=3)

    kept = [asked(SHORT["pointer"])[0] for _ in range(3)]

    assert (kept, asked.worker.alive) == ([True, True, False], False)


def test_other_applications_are_served_as_ever() -> None:
    kept, answered = Asked(PublicWorker, behind)(SHORT["pointer"])

    assert (kept, answered[:12]) == (True, b"HTTP/1.1 410")


def test_receiver_that_takes_little_at_once_gets_all(pub: Path) -> None:
    """The kernel takes less than all of a large answer in one call when a signal comes in between, or a time limit."""
    asked = Asked(PublicWorker, PublicFiles(pub, behind))
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(SHORT["release"])
        connection = TConn(asked.worker.cfg, Stingy(ours), ("192.0.2.7", 4711), ("192.0.2.1", 80))
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)

        kept = asked.worker.handle(connection)

        ours.shutdown(socket.SHUT_WR)
        answered = theirs.makefile("rb").read()
    head, _, body = answered.partition(b"\r\n\r\n")
    assert (kept, head[:15], body) == (True, b"HTTP/1.1 200 OK", DOCUMENT)


class Stingy:
    """A socket whose `sendmsg` takes a thousand bytes."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock

    def sendmsg(self, pieces: Iterable[bytes]) -> int:
        return self._sock.send(b"".join(pieces)[:1000])

    def __getattr__(self, name: str) -> Any:
        return getattr(self._sock, name)


def test_portal_serves_with_this_worker(tmp_path: Path) -> None:
    server = Server(
        load_settings({"PORTAL_INSTANCE_DIR": str(tmp_path)}), listen("127.0.0.1", 0), lambda _settings: behind, 1
    )
    (address,) = server.cfg.bind
    os.close(int(address.removeprefix("fd://")))

    assert server.cfg.worker_class is PublicWorker


def test_compressed_answer_is_the_document(only_short: Asked) -> None:
    body = only_short(SHORT["release, gzip"])[1].partition(b"\r\n\r\n")[2]

    assert gzip.decompress(body) == DOCUMENT
