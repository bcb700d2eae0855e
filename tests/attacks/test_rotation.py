"""Keys that are rotated by one process while two others answer people: nobody notices, nothing is lost, the new key is in use at once."""

import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, ProxyHandler, build_opener

import pytest
from sqlalchemy import select

from portal.core import crypto
from portal.core import database as databases
from portal.core.database import Database, platform_session
from portal.core.secret_file import KeyFile, read_secret
from portal.tenants.models import Customer
from tests.world.cast import PASSWORD, Cast, code_now
from tests.world.tls import Installation, free_port, make_installation, portal_server

_PATIENCE = 60.0
_AFTER_EACH = 6
PHONE = "13800138000"


class Clerk:
    """Somebody of the center who enters customers, whose phones are sealed, and reads their list, which opens them."""

    def __init__(self, address: str, username: str) -> None:
        self._address = address
        self._opener = build_opener(HTTPCookieProcessor(CookieJar()), ProxyHandler({}))
        self._username = username
        self.answers: list[int] = []
        self.entered: list[str] = []

    def sign_in(self) -> None:
        """This function will sign in with password and code."""
        self._send("/sign-in", {"username": self._username, "password": PASSWORD, "code": code_now()})

    def work(self, stop: threading.Event) -> None:
        """This function will enter one customer after another until it is told to stop."""
        while not stop.is_set():
            name = f"客户{len(self.entered):04}"
            typed = {"name": name, "industry_code": "1401001", "contact_name": "何佳", "contact_phone": PHONE}
            self.answers.append(self._send("/center/customers/new", typed))
            self.entered.append(name)
            self.answers.append(self._get("/center/customers")[0])

    def _get(self, path: str) -> tuple[int, str]:
        try:
            with self._opener.open(self._address + path, timeout=_PATIENCE) as answer:
                return answer.status, answer.read().decode()
        except HTTPError as refused:
            return refused.code, ""

    def _send(self, path: str, typed: dict[str, str]) -> int:
        status, page = self._get(path)
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        if token is None:
            return status
        try:
            body = urlencode({**typed, "csrf_token": token[1]}).encode()
            with self._opener.open(self._address + path, body, timeout=_PATIENCE) as answer:
                return int(answer.status)
        except HTTPError as refused:
            return refused.code


@pytest.fixture
def installation(cast_template: tuple[Path, Cast], tmp_path: Path) -> Installation:
    return make_installation(cast_template, tmp_path)


@contextmanager
def at_work(installation: Installation, secret: Path) -> Iterator[Clerk]:
    """This function will run the portal in two processes with the file of keys `secret`, and have somebody work there."""
    port, stop = free_port(), threading.Event()
    more = {"PORTAL_WORKERS": "2", "PORTAL_SECRET_FILE": str(secret)}
    with portal_server(installation, port, f"http://localhost:{port}", more):
        clerk = Clerk(f"http://localhost:{port}", installation.cast.operator.username)
        clerk.sign_in()
        working = threading.Thread(target=clerk.work, args=(stop,))
        working.start()
        try:
            yield clerk
        finally:
            stop.set()
            working.join()


def rotate(installation: Installation) -> None:
    """This function will rotate as somebody at the server would."""
    environ = {"PATH": os.defpath, "PORTAL_INSTANCE_DIR": str(installation.folder)}
    command = [sys.executable, "-m", "portal.cli.main", "keys", "rotate"]
    subprocess.run(command, env=environ, check=True, capture_output=True, timeout=_PATIENCE)


def wait_for_more(clerk: Clerk) -> None:
    """This function will wait until some more requests were answered."""
    wanted, until = len(clerk.answers) + _AFTER_EACH, time.monotonic() + _PATIENCE
    while len(clerk.answers) < wanted and time.monotonic() < until:
        time.sleep(0.05)


def phones(installation: Installation, names: list[str]) -> list[str | None]:
    """What the file of keys of the installation opens."""
    crypto.configure(read_secret(installation.folder / "secret", may_create=False))
    opened = Database(f"sqlite:///{installation.folder / 'portal.db'}")
    databases.use(opened)
    try:
        with platform_session() as session:
            return [row.contact_phone for row in session.scalars(select(Customer).where(Customer.name.in_(names)))]
    finally:
        opened.dispose()


def key_of_the_newest(installation: Installation) -> str:
    opened = Database(f"sqlite:///{installation.folder / 'portal.db'}")
    with opened.engine.connect() as connection:
        sealed = connection.exec_driver_sql(
            "SELECT contact_phone_sealed FROM customers ORDER BY id DESC LIMIT 1"
        ).scalar_one()
    opened.dispose()
    return next(
        one.id for one in KeyFile(installation.folder / "secret").ring().keys if bytes.fromhex(one.id) in sealed
    )


def test_two_processes_go_on_while_a_third_rotates(installation: Installation) -> None:
    secret = installation.folder / "secret"
    with at_work(installation, secret) as clerk:
        wait_for_more(clerk)
        for _ in range(2):
            rotate(installation)
            wait_for_more(clerk)

    assert len(clerk.answers) >= 3 * _AFTER_EACH
    assert set(clerk.answers) == {200}
    ring = KeyFile(secret).ring()
    assert len(ring.keys) == 3
    assert key_of_the_newest(installation) == ring.active.id
    assert phones(installation, clerk.entered) == [PHONE] * len(clerk.entered)


def test_process_that_does_not_hear_of_it_would_be_seen(installation: Installation) -> None:
    """The fault planted: the portal reads a file of keys that is not the one that is rotated."""
    mine = installation.folder / "kept" / "secret"
    mine.parent.mkdir()
    shutil.copy2(installation.folder / "secret", mine)
    with at_work(installation, mine) as clerk:
        rotate(installation)
        wait_for_more(clerk)

    ring = KeyFile(installation.folder / "secret").ring()
    assert key_of_the_newest(installation) != ring.active.id
