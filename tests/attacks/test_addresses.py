"""Addresses in content that lead boxes and players elsewhere: refused by their form, and kept from by the pages that play."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from portal.catalog.features import Feature
from portal.content.models import ContentObject
from portal.core.database import tenant_session
from portal.tv import policy
from tests.attacks.log import newest, recorded
from tests.world import packages
from tests.world.browser import Browser
from tests.world.cast import Cast, House
from tests.world.content import field_errors, upload

LIVE = [
    "http://live.example.com/a.m3u8", "javascript:alert(1)", "file:///etc/passwd", "data:text/html,x", "//live.example.com/a.m3u8", "live.example.com",
    "https://", "https:///a.m3u8", "https://admin:12345@live.example.com/a.m3u8", "https://live.example.com@evil.example/a.m3u8",
    "https://live.example.com\\@evil.example/", "https://live..example.com/", "https://live.example.com:99999/a", "https://live.example.com/a b",
    "https://<script>", "udp://239.1.1.1", "rtmp://live.example.com/a", "rtsp://", "gopher://127.0.0.1:6379/_x", "https://live.example.com/\x00",
]  # fmt: skip
PAGES = [one for one in LIVE if not one.startswith("rts")]
GOOD = {"live": "https://live.example.com/a.m3u8", "url": "https://example.com/"}
HOSTS = ("live.example.com", "*.cdn.example.com")


@pytest.fixture
def house(app: Flask, cast: Cast) -> House:
    """An enterprise that may show live channels."""
    packages.grant(cast.yunqi.tenant, Feature.LIVE)
    return cast.yunqi


def send(app: Flask, house: House, action: str, address: str) -> tuple[int, list[str], int]:
    """The editor makes a slot that opens an address; status, fields with a sentence, and how many slots there are."""
    form = {"position": "2", "title": "直播", "image_upload": upload(), "action": action, action: address}
    answer = Browser(app, house.editor).post(f"{house.path}/content/slots/new", form)
    with tenant_session(house.tenant.id) as session:
        slots = session.scalar(select(func.count()).select_from(ContentObject)) or 0
    return answer.status_code, list(field_errors(answer.text)), slots


@pytest.mark.parametrize("address", LIVE)
def test_channel_that_is_none_is_not_kept(app: Flask, house: House, address: str) -> None:
    before = newest()

    assert send(app, house, "live", address) == (422, ["live"], 0)
    assert "content.draft_saved" not in recorded("done", since=before)


@pytest.mark.parametrize("address", PAGES)
def test_page_that_is_none_is_not_kept(app: Flask, house: House, address: str) -> None:
    assert send(app, house, "url", address) == (422, ["url"], 0)


@pytest.mark.parametrize("action", GOOD)
def test_good_one_is_kept(app: Flask, house: House, action: str) -> None:
    """So that the refusals above say something."""
    assert send(app, house, action, GOOD[action])[::2] in {(302, 1), (303, 1)}


@pytest.mark.parametrize(("action", "check"), [("live", "live_address_fault"), ("url", "web_address_fault")])
def test_address_that_nobody_judges_would_be_seen(
    app: Flask, house: House, monkeypatch: pytest.MonkeyPatch, action: str, check: str
) -> None:
    """The fault planted: every address will do."""
    monkeypatch.setattr(f"portal.content.fields.{check}", lambda _: None)

    assert send(app, house, action, "javascript:alert(1)")[2] == 1


def reachable(app: Flask, cast: Cast) -> dict[str, set[str]]:
    """From where the pages that play may fetch films and playlists, but for the portal itself and what is in memory."""
    browser = Browser(app, cast.yunqi.editor)
    found = {}
    for path in ("/tv/", f"{cast.yunqi.path}/preview/player"):
        answer = browser.get(path)
        assert answer.status_code == 200
        rules = dict(rule.strip().partition(" ")[::2] for rule in answer.headers["Content-Security-Policy"].split(";"))
        for name in ("media-src", "connect-src"):
            found[f"{path} {name}"] = set(rules.get(name, "*").split()) - {"'self'", "blob:"}
    return found


def test_player_reaches_the_hosts_of_the_settings_alone(
    app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever an editor typed, and whatever stands in a document: a browser asks no other host for a channel."""
    none = reachable(app, cast)
    monkeypatch.setitem(app.config, "LIVE_HOSTS", HOSTS)

    named = reachable(app, cast)

    assert set(map(frozenset, none.values())) == {frozenset()}
    assert set(map(frozenset, named.values())) == {frozenset(f"https://{host}" for host in HOSTS)}


def test_player_that_asks_any_host_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: channels are played from wherever they are."""
    open_to_all = policy.player_policy(("*",), framed_by="'none'")
    monkeypatch.setattr("portal.tv.views.player_policy", lambda *_, **__: open_to_all)

    assert {"https://*"} in reachable(app, cast).values()
