"""A small server for the player's modules: the static folder and an empty page with a stage, under the policy of the real page."""

import mimetypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from portal.core.settings import PROJECT_ROOT
from portal.tv.policy import REACH_POLICY, player_policy

STATIC = PROJECT_ROOT / "static"
_SHEETS = sorted(path.name for path in (STATIC / "tv" / "css").glob("*.css"))
_PAGE = (
    '<!doctype html><html lang="zh-CN" data-theme="dark"><meta charset="utf-8"><title>TV</title><link rel="icon" href="/static/img/mark.svg">'
    + "".join(f'<link rel="stylesheet" href="/static/tv/css/{name}">' for name in _SHEETS)
    + '<main class="stage"></main></html>'
)


class Handler(BaseHTTPRequestHandler):
    """Answers with the page, a static file or 404."""

    live_hosts: tuple[str, ...] = ()

    def do_GET(self) -> None:
        """This function will answer one request."""
        path = urlsplit(self.path).path
        file = (PROJECT_ROOT / path.lstrip("/")).resolve()
        if path == "/":
            self._send(200, "text/html; charset=utf-8", _PAGE.encode())
        elif path == "/tv/reach.js":
            self._send(200, "text/javascript", (STATIC / "tv-reach.js").read_bytes(), REACH_POLICY)
        elif file.is_relative_to(STATIC) and file.is_file():
            self._send(200, mimetypes.guess_type(file.name)[0] or "application/octet-stream", file.read_bytes())
        else:
            self._send(404, "text/plain", b"")

    def _send(self, status: int, kind: str, body: bytes, policy: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", policy or player_policy(self.live_hosts, framed_by="'none'"))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """This function will say nothing: the server is a test's."""


@contextmanager
def serving(live_hosts: tuple[str, ...] = ()) -> Iterator[str]:
    """This function will serve the studio in a thread, with these live hosts in its policy, and yield its base address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Configured", (Handler,), {"live_hosts": live_hosts}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
