"""More than there is room for: files beyond the quota, pages, files and searches of any length, archives that unpack into much."""

import io
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import func, select

from portal.core.database import tenant_session
from portal.media import queries as media_queries
from portal.media.apk import archive
from portal.media.limits import APKS
from portal.media.models import AppFile
from portal.search import views as search_views
from portal.web import exports, paging
from portal.web.paging import Paging
from tests.attacks.log import newest, recorded
from tests.attacks.test_scanner import DOORS, clip, kept
from tests.media.apk.test_reading import BAD
from tests.sweeps.conftest import Swept
from tests.world import apks
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.content import field_errors
from tests.world.fleet import put_box

__all__ = ["clip"]

MEBIBYTE = 1 << 20
MENU = "cn.com.example.menu"
COUNTED = sorted(
    set(DOORS) - {"screenshot of a box"}
)  # what a box shows is no file of the library, and only the last few are kept


class TestQuota:
    @pytest.mark.parametrize("door", COUNTED)
    def test_full_library_takes_nothing_in(
        self, swept: Swept, clip: bytes, monkeypatch: pytest.MonkeyPatch, door: str
    ) -> None:
        monkeypatch.setattr(media_queries, "TENANT_BYTES", 1)
        before, held = newest(), kept(swept)

        said = DOORS[door](swept, clip, b"")

        assert ("素材空间不够" in said, kept(swept)) == (True, held)
        assert [event for event in recorded("done", since=before) if event.startswith("media.")] == []

    @pytest.mark.parametrize("door", ["picture for the library", "film in pieces", "app"])
    def test_quota_that_nobody_checks_would_be_seen(
        self, swept: Swept, clip: bytes, monkeypatch: pytest.MonkeyPatch, door: str
    ) -> None:
        """The fault planted: every file has room."""
        monkeypatch.setattr(media_queries, "TENANT_BYTES", 1)
        for module in ("commands", "uploading.commands", "apk.commands"):
            monkeypatch.setattr(f"portal.media.{module}.check_quota", lambda *_: None)
        held = kept(swept)

        DOORS[door](swept, clip, b"")

        assert kept(swept) == held + 1


class TestLists:
    @pytest.mark.parametrize("size", ["1000000", "-1", "0", "1e9", "9" * 400, "500 OR 1=1"])
    def test_page_is_of_a_size_that_is_offered(self, swept: Swept, monkeypatch: pytest.MonkeyPatch, size: str) -> None:
        assert self.shown(swept, monkeypatch, size) == 2

    def test_page_of_any_size_would_be_seen(self, swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: a page is as long as its address asks."""

        def whatever(sorts: Any, *, default: str, descending: bool = False) -> Paging:
            return Paging(1, int(request.args["size"]), default, descending)

        monkeypatch.setattr(Paging, "from_request", whatever)

        assert self.shown(swept, monkeypatch, "1000000") > 2

    def shown(self, swept: Swept, monkeypatch: pytest.MonkeyPatch, size: str) -> int:
        """How many files of the library are on its page, where two at most are offered."""
        monkeypatch.setattr(paging, "SIZES", (2,))
        browser = Browser(swept.app, swept.cast.yunqi.editor)
        page = browser.get(f"{swept.cast.yunqi.path}/media", query_string={"size": size})
        return page.text.count('name="chosen"')

    def test_list_that_is_too_long_goes_into_no_file(self, swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(exports, "MOST_ROWS", 2)
        browser, before = Browser(swept.app, swept.cast.yunqi.editor), newest()

        answer = browser.post(f"{swept.cast.yunqi.path}/media")

        assert (answer.status_code, recorded("done", since=before)) == (303, [])

    def test_file_of_any_length_would_be_seen(self, swept: Swept) -> None:
        """The fault planted: the bound is beyond what anybody has."""
        answer = Browser(swept.app, swept.cast.yunqi.editor).post(f"{swept.cast.yunqi.path}/media")

        assert (answer.status_code, answer.mimetype) == (200, exports.WORKBOOK)

    def found(self, app: Flask, cast: Cast, words: str) -> int:
        for number in range(9):
            put_box(cast.yunqi.tenant, cast.yunqi.root, f"MANY-{number:02d}")
        page = Browser(app, cast.yunqi.admin).get(f"{cast.yunqi.path}/search", query_string={"q": words})
        assert page.status_code == 200
        return page.text.count("MANY-0")

    def test_search_shows_so_many(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(search_views, "_ON_PAGE", 7)

        assert self.found(app, cast, "MANY") == 7

    def test_search_of_any_length_would_be_seen(self, app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
        """The fault planted: everything that is found is shown."""
        monkeypatch.setattr(search_views, "_ON_PAGE", 10_000)

        assert self.found(app, cast, "MANY") == 9


def send_app(swept: Swept, data: bytes) -> tuple[int, list[str], int]:
    """The editor uploads an app; status, fields with a sentence, and how many apps the enterprise has more than before."""
    before, browser = apps_of(swept), Browser(swept.app, swept.cast.yunqi.editor)
    form = {"asset_upload": (io.BytesIO(data), "../../menu.apk")}
    answer = browser.post(f"{swept.cast.yunqi.path}/content/apps/new", form)
    return answer.status_code, list(field_errors(answer.text)), apps_of(swept) - before


def apps_of(swept: Swept) -> int:
    with tenant_session(swept.cast.yunqi.tenant.id) as session:
        return session.scalar(select(func.count()).select_from(AppFile)) or 0


def named(*names: str) -> bytes:
    """An app that is whole, with entries of these names."""
    entries = (("classes.dex", b"dex\n035\0" + bytes(200)), *((name, b"x") for name in names))
    return apks.apk(apks.other(package=MENU, entries=entries))


def nested() -> bytes:
    """An app in an app, which is a bomb."""
    inner = apks.bomb(64 * MEBIBYTE)
    return apks.apk(apks.other(package=MENU, entries=(("classes.dex", b"dex\n035\0"), ("assets/inner.apk", inner))))


ARCHIVES: dict[str, Callable[[], bytes]] = {name: make for name, (make, _code) in BAD.items()} | {
    "a name that climbs, in a whole app": lambda: named("assets/../../../etc/passwd"),
    "a name with a backslash": lambda: named("assets\\..\\x"),
    "more entries than are read": lambda: named(*(f"assets/{number}" for number in range(APKS.entries))),
}


@pytest.mark.parametrize("what", ARCHIVES)
def test_archive_that_is_none_is_refused_and_not_unpacked(swept: Swept, what: str) -> None:
    data, before = ARCHIVES[what](), newest()

    tracemalloc.start()
    status, errors, apps = send_app(swept, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (status, errors, apps) == (422, ["asset_upload"], 0)
    assert recorded("done", since=before) == ["account.signed_in"]
    assert peak < 32 * MEBIBYTE


def test_archive_in_an_archive_is_not_opened(swept: Swept) -> None:
    data = nested()

    tracemalloc.start()
    status, _errors, _apps = send_app(swept, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (status, peak < 32 * MEBIBYTE) == (303, True)


def test_archive_whose_entries_nobody_judges_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: names of entries are taken as they come."""
    monkeypatch.setattr(archive, "_judge_entry", lambda _: None)

    assert send_app(swept, ARCHIVES["a name that climbs, in a whole app"]())[::2] == (303, 1)


def test_bomb_that_is_unpacked_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: an entry is read to its end, however long it is."""

    def read(self: archive.Archive, name: str, most: int) -> bytes:
        self._zip.read("assets/zero")
        return genuine(self, name, most)

    genuine = archive.Archive.read
    monkeypatch.setattr(archive, "_judge_entry", lambda _: None)
    monkeypatch.setattr(archive.Archive, "read", read)
    data = ARCHIVES["a bomb"]()

    tracemalloc.start()
    send_app(swept, data)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert peak > 32 * MEBIBYTE
