"""Renders every layout and component with sample data, for the tests and for people who want to look.

``python -m tests.web.gallery`` serves the gallery on 127.0.0.1:8899 with the portal's content security policy;
``python -m tests.web.gallery shots FOLDER`` takes pictures of every page, wide, middle and narrow, light and dark.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

from jinja2 import ChoiceLoader, Environment, FileSystemLoader, StrictUndefined

from portal.access.permissions import Permission
from portal.web.formats import ground, masked_phone, money, second, short_moment
from portal.web.rendering import icon_of, role_label
from portal.web.static_files import SHEETS
from tests.web import gallery_data as data
from tests.web import gallery_forms as forms

ROOT: Final = Path(__file__).resolve().parents[2]
POLICY: Final = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:"
)
TYPES: Final = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".json": "application/json",
}
WIDTHS: Final = ((1440, 900), (768, 1024), (360, 780))


def environment() -> Environment:
    """This function will return a strict environment with the globals that the web layer gives to every rendering."""
    loader = ChoiceLoader([FileSystemLoader(ROOT / "templates"), FileSystemLoader(ROOT / "tests" / "web" / "gallery")])
    env = Environment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    env.install_null_translations(newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(
        asset=lambda path: f"/static/{path}",
        sheets=lambda: [f"/static/{sheet}" for sheet in SHEETS],
        draw_icon=partial(icon_of, "/static/icons.svg"),
        csrf_token=lambda: "token",
        url_for=lambda endpoint, **_values: f"/{endpoint}",
        role_label=role_label,
        page_sizes=lambda _total: [(50, "?size=50", True), (500, "?size=500", False)],
        hidden_columns=lambda _listing: (),
        request=SimpleNamespace(script_root="", full_path="/list?"),
        help_sentence=lambda: "联系省公司客服时，请告诉他们这个编号",
        upload_limits={"piece": 4 << 20, "video": 2 << 30, "image": 10 << 20},
        may=lambda permission: permission is Permission.AUDIT_VIEW,
        Permission=Permission,
        get_flashed_messages=lambda **_options: [],
    )
    env.filters["ground"] = ground
    env.filters["masked_phone"] = masked_phone
    env.filters["money"] = money
    env.filters["money"] = money
    env.filters["second"] = second
    env.filters["short_moment"] = short_moment
    env.filters["translate"] = str
    return env


def context(theme: str = "light", lang: str = "zh-CN", **more: Any) -> dict[str, Any]:
    """This function will return what every rendering has, as the architecture's template contract says."""
    return {
        "prefs": SimpleNamespace(theme=theme, density="comfortable", lang=lang),
        "actor": data.ACTOR,
        "tenant": data.TENANT,
        "navigation": data.navigation(),
        "crumbs": [("内容", "#"), ("跑马灯", None)],
        "idle_minutes": 15,
        "data": data,
        "forms": forms,
        "asset_url": data.asset_url,
        **more,
    }


def pages() -> list[str]:
    """This function will return the names of all gallery pages and error pages."""
    gallery = sorted(path.stem for path in (ROOT / "tests" / "web" / "gallery").glob("*.html"))
    errors = sorted(f"errors/{path.stem}" for path in (ROOT / "templates" / "errors").glob("*.html"))
    return gallery + errors


def render(page: str, theme: str = "light") -> str:
    """This function will render one page of the gallery as HTML."""
    more: dict[str, Any] = {}
    if page.startswith("errors/"):
        more = {
            "actor": None,
            "tenant": None,
            "request_id": "0197f3a2-7c11",
            "lock": data.lock(),
        }
    env = environment()
    if page == "parts":
        env.globals["get_flashed_messages"] = lambda **_options: [
            ("ok", "已保存，3 处更改待送审"),
            ("message", "网络慢"),
        ]
    return env.get_template(f"{page}.html").render(context(theme, **more))


class Handler(BaseHTTPRequestHandler):
    """Serves gallery pages and static files, with the policy that the portal sends."""

    def do_GET(self) -> None:
        """This function will answer one request with a page, a file, or 404."""
        split = urlsplit(self.path)
        path = split.path.strip("/")
        if path.startswith("static/"):
            self.send_file(ROOT / path)
        elif path in pages():
            theme = parse_qs(split.query).get("theme", ["light"])[0]
            self.send_body(200, "text/html; charset=utf-8", render(path, theme).encode())
        elif path == "session/status":
            self.send_body(200, "application/json", b'{"seconds_left": 900}')
        elif path == "preview.player":
            self.send_body(200, "text/html; charset=utf-8", b"<!doctype html><html lang=zh><title>TV</title></html>")
        else:
            self.send_body(404, "text/plain", b"")

    def send_file(self, path: Path) -> None:
        """This function will send a static file, or 404."""
        if path.resolve().is_relative_to(ROOT / "static") and path.is_file():
            self.send_body(200, TYPES.get(path.suffix, "application/octet-stream"), path.read_bytes())
        else:
            self.send_body(404, "text/plain", b"")

    def send_body(self, status: int, kind: str, body: bytes) -> None:
        """This function will send status, headers and body."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        """This function will say nothing: the server is a test's."""


@contextmanager
def serving(port: int = 0) -> Iterator[str]:
    """This function will serve the gallery in a thread and yield its base address."""
    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def shots(folder: Path, only: list[str]) -> None:
    """This function will write one picture per page, width and theme into the folder."""
    from playwright.sync_api import sync_playwright

    from tools.services import browser_path

    folder.mkdir(parents=True, exist_ok=True)
    with serving() as base, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=browser_path(), args=["--no-sandbox"])
        for width, height in WIDTHS:
            tab = browser.new_page(viewport={"width": width, "height": height})
            for page in only or pages():
                for theme in ("light", "dark"):
                    tab.goto(f"{base}/{page}?theme={theme}")
                    tab.wait_for_timeout(200)
                    tab.screenshot(
                        path=folder / f"{page.replace('/', '-')}-{width}-{theme}.png", full_page=width < 1440
                    )
        browser.close()


if __name__ == "__main__":
    if sys.argv[1:2] == ["shots"]:
        shots(Path(sys.argv[2]), sys.argv[3:])
    else:
        with serving(8899) as address:
            sys.stdout.write("\n  ".join([address, *pages()]) + "\n")
            sys.stdout.flush()
            threading.Event().wait()
