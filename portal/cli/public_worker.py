"""The worker of the web server: gunicorn's threads, with a short way for the small files that boxes ask for again and again.

WSGI costs the server more than the answer itself: an environment of thirty keys, headers checked one by one, two writes to the socket.
A pointer, a document or a key set has all its bytes in memory already, so they go out in one write. Whatever is not the plainest of
requests goes gunicorn's way, through the same `PublicFiles`, which knows the rules; a test holds the two ways against each other byte for byte.
"""

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from gunicorn.config import PostRequest, PreRequest
from gunicorn.http.wsgi import SERVER
from gunicorn.util import http_date, unquote_to_wsgi_str
from gunicorn.workers.gthread import ThreadWorker

from portal.releases.fetch import METHODS, PREFIX, PublicFiles
from portal.releases.public_answers import Answer, header_lines

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_READ = frozenset({"ACCEPT-ENCODING", "IF-NONE-MATCH", "IF-MODIFIED-SINCE"})
_ELSEWHERE = frozenset({"CONTENT-LENGTH", "TRANSFER-ENCODING", "EXPECT", "SCRIPT_NAME"})
"""Fields whose requests go gunicorn's way: bodies, and what changes what the path means."""


class PublicWorker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """Answers small files below /pub/ itself where nothing that is configured wants to see the request on WSGI's way."""

    def load_wsgi(self) -> None:
        """This function will make the application, and see whether the short way may be gone."""
        super().load_wsgi()
        self._now = threading.local()
        self._public: PublicFiles | None = None
        made: WSGIApplication = self.wsgi
        if isinstance(made, PublicFiles) and self._nobody_listens():
            self._public = made
            self._more = header_lines(made.more)
        self.wsgi: WSGIApplication = self._heeding(made)

    def handle_request(self, req: Any, conn: Any) -> bool:
        """This function will answer one request and say whether the connection may stay open."""
        answer = self._short_answer(req)
        if answer is None:
            self._now.req = req
            kept: bool = super().handle_request(req, conn)
            return kept
        self.nr += 1
        head = b"".join((_beginning(answer.status, int(time.time())), answer.lines, self._more, b"\r\n"))
        _send(conn.sock, head, answer.body if req.method == "GET" else b"", at_once=not self.cfg.is_ssl)
        return True

    def _heeding(self, wsgi: "WSGIApplication") -> "WSGIApplication":
        """The application, whose `Connection: close` counts: gunicorn leaves it out of the answer, and would keep the connection."""

        def heed(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
            def start(status: str, headers: list[tuple[str, str]], *raised: Any) -> Any:
                if any(name.lower() == "connection" and value.lower() == "close" for name, value in headers):
                    self._now.req.force_close()
                return start_response(status, headers, *raised)

            return wsgi(environ, start)

        return heed

    def _nobody_listens(self) -> bool:
        """Whether no log and no hook sees single requests, connections are kept, and no setting changes the path or the fields."""
        cfg = self.cfg
        return (
            not self.log.access_log_enabled
            and not self.log.error_log.isEnabledFor(logging.DEBUG)
            and cfg.pre_request is PreRequest.default
            and cfg.post_request is PostRequest.default
            and bool(cfg.keepalive)
            and cfg.header_map != "dangerous"
            and "*" not in cfg.forwarder_headers
            and not os.environ.get("SCRIPT_NAME")
        )

    def _short_answer(self, req: Any) -> Answer | None:
        """What to send, None for gunicorn's way: another path, whatever ends the connection, no such file, a disk that fails."""
        path: str = req.path
        if (
            self._public is None
            or not path.startswith(PREFIX)
            or req.method not in METHODS
            or req.version != (1, 1)
            or req.should_close()
            or not self.alive
            or self.nr + 1 >= self.max_requests
            or len(self.keepalived_conns) >= self.max_keepalived
        ):
            return None
        fields = _fields(req.headers)
        if fields is None:
            return None
        name = path[len(PREFIX) :]
        try:
            return self._public.small_answer(
                unquote_to_wsgi_str(name) if "%" in name else name,
                fields.get("ACCEPT-ENCODING"),
                fields.get("IF-NONE-MATCH"),
                fields.get("IF-MODIFIED-SINCE"),
            )
        except OSError:
            return None


def _fields(headers: Sequence[tuple[str, str]]) -> dict[str, str] | None:
    """The fields that choose the answer, a repeated one joined as gunicorn joins it; None where another field needs gunicorn's way."""
    fields: dict[str, str] = {}
    for name, value in headers:
        if name in _READ:
            fields[name] = f"{fields[name]},{value}" if name in fields else value
        elif name in _ELSEWHERE:
            return None
    return fields


@lru_cache(maxsize=4)
def _beginning(status: str, second: int) -> bytes:
    """The lines that gunicorn writes before the application's, for a connection that stays open."""
    own = header_lines((("Server", SERVER), ("Date", http_date(second)), ("Connection", "keep-alive")))
    return f"HTTP/1.1 {status}\r\n".encode("latin-1") + own


def _send(sock: Any, head: bytes, body: bytes, *, at_once: bool) -> None:
    """One write for all. An encrypted socket takes no two pieces at once, and a full buffer may take less than all."""
    if not body or not at_once:
        sock.sendall(head + body)
        return
    sent = sock.sendmsg((head, body))
    if sent < len(head) + len(body):
        sock.sendall((head + body)[sent:])
