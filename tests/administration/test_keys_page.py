"""The page of keys: what there is, without a secret; changing it takes the door, and leaves a slip."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from portal.core import crypto
from portal.core.secret_file import KeyFile
from tests.conftest import SECRET
from tests.world.browser import Browser
from tests.world.cast import Cast


@pytest.fixture
def file(app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyFile:
    """A file of keys of the test's own, which the application follows."""
    path = tmp_path / "keys" / "secret"
    path.parent.mkdir(mode=0o700)
    path.write_bytes(SECRET)
    path.chmod(0o600)
    settings = app.extensions["portal_settings"]
    monkeypatch.setitem(app.extensions, "portal_settings", replace(settings, secret_file=path))
    with crypto.other_keys():
        crypto.configure(KeyFile(path))
        yield KeyFile(path)


def test_page_shows_every_key_and_no_secret(cast: Cast, app: Flask, file: KeyFile) -> None:
    page = Browser(app, cast.system_admin).get("/admin/keys").text

    ring = crypto.vault().ring
    assert ring.active.id in page
    assert not any(secret in page for secret in (ring.active.key.hex(), ring.secret.hex()))
    assert re.search(r"zone-portal/audit/[0-9a-f-]{36}\+[0-9a-f]{8}\+", page)


def test_rotation_makes_a_new_active_key_and_leaves_a_slip(cast: Cast, app: Flask, file: KeyFile) -> None:
    browser, before = Browser(app, cast.system_admin), crypto.vault().ring.active.id

    answer = browser.post("/admin/keys/rotate")

    assert answer.status_code == 303
    assert file.ring().active.id != before
    page = browser.get("/admin/keys").text
    assert "轮换密钥</h3>" in page
    assert file.ring().active.id in page


def test_audit_key_is_rotated(cast: Cast, app: Flask, file: KeyFile) -> None:
    browser = Browser(app, cast.system_admin)

    browser.post("/admin/keys/audit/rotate")

    page = browser.get("/admin/keys").text
    assert len(re.findall(r"zone-portal/audit/", page)) == 2
    assert "轮换日志签名密钥</h3>" in page


def test_key_that_is_needed_is_not_retired(cast: Cast, app: Flask, file: KeyFile) -> None:
    browser = Browser(app, cast.system_admin)
    browser.post("/admin/keys/rotate")
    old = file.ring().keys[0].id

    answer = browser.post(f"/admin/keys/{old}/retire", follow_redirects=True)

    assert "现在还不能停用" in answer.text
    assert file.ring().find(old) is not None


def test_door_asks_first(cast: Cast, app: Flask, file: KeyFile) -> None:
    before = crypto.vault().ring.active.id

    answer = Browser(app, cast.system_admin, vouched=False).post("/admin/keys/rotate")

    assert answer.status_code == 403
    assert file.ring().active.id == before


@pytest.mark.parametrize("who", ["security_admin", "auditor", "app_admin", "operator"])
def test_page_refuses_others(cast: Cast, app: Flask, who: str) -> None:
    assert Browser(app, getattr(cast, who)).get("/admin/keys").status_code == 403
