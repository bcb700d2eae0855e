"""A running portal, as `portal serve` starts it, on a copy of the cast's database, and browsers that look at it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page
from sqlalchemy import create_engine, text

from portal.cli.migrations import head_revision
from tests.conftest import SECRET
from tests.services import require_service
from tests.world.cast import PASSWORD, Cast, Person, code_now

_ANSWERS_WITHIN = 120.0


@dataclass(frozen=True)
class Site:
    """The running portal: its address, its folder, and who has an account."""

    url: str
    folder: Path
    cast: Cast
    entered: dict[str, Any] = field(default_factory=dict)

    def fetch(self, path: str) -> Any:
        """This function will fetch a JSON file as a box does."""
        with urllib.request.urlopen(self.url + path, timeout=10) as answer:  # noqa: S310 - the test's own server
            return json.load(answer)


@pytest.fixture(scope="module")
def site(cast_template: tuple[Path, Cast], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A portal of its own for every module of journeys."""
    require_service("chromium")
    folder = tmp_path_factory.mktemp("site")
    database, cast = cast_template
    shutil.copyfile(database, folder / "portal.db")
    _stamp(folder / "portal.db")
    (folder / "secret").write_bytes(SECRET)
    (folder / "secret").chmod(0o600)
    port = _free_port()
    environ = {**os.environ, "PORTAL_INSTANCE_DIR": str(folder), "PORTAL_PORT": str(port), "PORTAL_WORKERS": "1"}
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli.main", "serve"], env=environ, stdout=log, stderr=subprocess.STDOUT
        )
    try:
        _wait(port, process, folder / "log")
        yield Site(f"http://localhost:{port}", folder, cast)
    finally:
        process.terminate()
        process.wait(30)


class Visitor:
    """One person at one browser; whatever the console complains about is remembered and fails the journey."""

    def __init__(self, browser: Browser, site: Site, person: Person, *, stays: bool = False, **more: Any) -> None:
        self.site = site
        known = site.entered.get(person.id) if stays else None
        self.context: BrowserContext = browser.new_context(
            base_url=site.url, locale="zh-CN", timezone_id="Asia/Shanghai", storage_state=known, **more
        )
        self.page: Page = self.context.new_page()
        self.complaints: list[str] = []
        self.page.on("console", self._note)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        if known is None:
            self._sign_in(person)
            site.entered[person.id] = self.context.storage_state()

    def _sign_in(self, person: Person) -> None:
        self.page.goto("/sign-in")
        self.page.fill("input[name=username]", person.username)
        self.page.fill("input[name=password]", PASSWORD)
        self.page.press("input[name=password]", "Enter")
        self.page.wait_for_selector("input[name=code]")
        self.page.fill("input[name=code]", code_now())
        self.page.press("input[name=code]", "Enter")
        self.page.wait_for_selector("nav.rail")

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{self.page.url}: {message.text}")


@pytest.fixture
def visit(browser: Browser, site: Site) -> Iterator[Any]:
    """A function that signs somebody of the cast in at a browser of their own; who `stays` is still signed in from an earlier journey.

    A dynamic token is good for one sign-in.
    """
    visitors: list[Visitor] = []

    def come(person: Person, *, stays: bool = False) -> Visitor:
        visitors.append(Visitor(browser, site, person, stays=stays))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.context.close()
    assert [complaint for visitor in visitors for complaint in visitor.complaints] == []


def _stamp(path: Path) -> None:
    engine = create_engine(f"sqlite:///{path}")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE IF NOT EXISTS alembic_version (version_num VARCHAR(32) NOT NULL)"))
        connection.execute(text("DELETE FROM alembic_version"))
        connection.execute(text("INSERT INTO alembic_version VALUES (:head)"), {"head": head_revision()})
    engine.dispose()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + _ANSWERS_WITHIN
    while time.monotonic() < until:
        if process.poll() is not None:
            pytest.fail(f"the portal did not start:\n{log.read_text()}")
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=5).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail(f"the portal does not answer:\n{log.read_text()}")
