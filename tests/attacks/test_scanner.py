"""A file in which the installation's scanner finds something, and one that it could not look at, at every door through which files come."""

import io
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import Screenshot
from portal.core.database import tenant_session
from portal.media import scanning
from portal.media.models import AppFile, Conversion, MediaAsset, UnfinishedUpload
from portal.media.scanning import Verdict
from tests.attacks.log import newest, recorded
from tests.media import videos
from tests.sweeps.conftest import Swept
from tests.world import apks, building
from tests.world.browser import Browser
from tests.world.fleet import bound_box, tell_box
from tests.world.scanner import KNOWS_THE_MARK, MARK, no_scanner, scan_with

__all__ = ["no_scanner"]

pytestmark = pytest.mark.usefixtures("no_scanner")


def picture(mark: bytes) -> bytes:
    return building.picture((3, 5, 7), (960, 540)) + mark


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A second of what boxes play as it is."""
    return videos.make(tmp_path_factory.mktemp("clip") / "clip.mp4", *videos.H264, "-c:a", "aac").read_bytes()


def app(mark: bytes) -> bytes:
    """The mark stands in the name of an entry: behind the end a byte more would void the signature."""
    entries = (("classes.dex", b"dex\n035\0" + bytes(200)), (f"assets/{mark.decode()}x", b"x"))
    return apks.apk(apks.other(package="cn.com.example.menu", entries=entries))


def form(path: str, field: str, filename: str, made: Callable[[bytes], bytes], /, **more: str) -> Callable[..., str]:
    """A file that goes with the form of an editor."""

    def send(swept: Swept, _clip: bytes, mark: bytes) -> str:
        browser = Browser(swept.app, swept.cast.yunqi.editor)
        where = f"{swept.cast.yunqi.path}/{path.format(**swept.yunqi.ids)}"
        typed = {name: value.format(**swept.yunqi.ids) for name, value in more.items()}
        answer = browser.post(where, {field: (io.BytesIO(made(mark)), filename), **typed}, follow_redirects=True)
        return answer.text

    return send


def film(path: str, field: str, /, **more: str) -> Callable[..., str]:
    """A film that goes with the form of an editor."""
    return lambda swept, clip, mark: form(path, field, "片.mp4", lambda mark: clip + mark, **more)(swept, clip, mark)


def pieces(name: str, kind: Callable[[bytes, bytes], bytes]) -> Callable[..., str]:
    """A file that comes in two pieces."""

    def send(swept: Swept, clip: bytes, mark: bytes) -> str:
        browser, data = Browser(swept.app, swept.cast.yunqi.editor), kind(clip, mark)
        begun = browser.post(
            f"{swept.cast.yunqi.path}/media/uploads",
            {"name": name, "bytes": str(len(data)), "stamp": "7", "purpose": "item"},
        ).json
        assert begun is not None
        if "piece" not in begun:
            return str(begun["message"])
        half = len(data) // 2
        for offset, piece in ((0, data[:half]), (half, data[half:])):
            sent = browser.post(begun["piece"], {"offset": str(offset), "piece": (io.BytesIO(piece), "piece")})
            assert sent.status_code == 200
        return str(browser.post(begun["finish"]).json)

    return send


def screenshot(swept: Swept, _clip: bytes, mark: bytes) -> str:
    """What a box sends where somebody asked for a picture of its screen."""
    tenant = swept.cast.yunqi.tenant
    box = bound_box(swept.app, tenant, serial="BOX-9")
    with tenant_session(tenant.id) as session:
        box_id = session.scalars(select(Box.id).where(Box.serial == "BOX-9")).one()
    return str(box.screenshot(tell_box(tenant, "screenshot", box=box_id), picture(mark)).body)


ITEM = {"column": "{second}", "title": "新条目", "seconds": "10"}
SLOT = {"position": "3", "title": "新", "action": "url", "url": "https://example.com/"}
DOORS: dict[str, Callable[..., str]] = {
    "picture for the library": form("media/upload", "files", "图.png", picture, purpose="item"),
    "film for the library": film("media/upload", "files", purpose="item"),
    "picture in pieces": pieces("图.png", lambda _clip, mark: picture(mark)),
    "film in pieces": pieces("片.mp4", lambda clip, mark: clip + mark),
    "logo": form("content/logo/{logo}", "image_upload", "图.png", picture, version="1"),
    "slot": form("content/slots/new", "image_upload", "图.png", picture, **SLOT),
    "pictures dropped on slots": form("content/slots/arrive", "files", "图.png", picture, position="4"),
    "film behind a slot": film("content/slots/new", "video_upload", **{**SLOT, "action": "video"}),
    "icon of a column": form("content/zone/columns/new", "icon_upload", "图.png", picture, title="新栏目"),
    "picture of an item": form("content/zone/items/new", "asset_upload", "图.png", picture, kind="image", **ITEM),
    "film of an item": film("content/zone/items/new", "video_upload", kind="video", **ITEM),
    "pictures dropped on a column": form("content/zone/{second}/upload", "files", "图.png", picture),
    "splash": form("content/splash/new", "image_upload", "图.png", picture, position="2"),
    "advertisement": form("content/ads/playlists/new", "files_upload", "图.png", picture, title="新的"),
    "app": form("content/apps/new", "asset_upload", "菜单.apk", app),
    "screenshot of a box": screenshot,
}
FOUR = ("picture for the library", "film in pieces", "app", "screenshot of a box")  # one of each kind  # fmt: skip


def kept(swept: Swept) -> int:
    """How many files the tenant has, in the library, as apps, as films that wait, as pictures of boxes."""
    with tenant_session(swept.cast.yunqi.tenant.id) as session:
        tables = (MediaAsset, AppFile, Conversion, Screenshot, UnfinishedUpload)
        return sum(session.scalar(select(func.count()).select_from(table)) or 0 for table in tables)


@pytest.fixture(autouse=True)
def own_temporary_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody else's temporary files lie among those of these tests."""
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))


def lying(folder: Path) -> set[str]:
    """What lies on the disk: in the portal's folders, and as temporary files of ours."""
    places = (folder / "media", folder / "unfinished", Path(tempfile.gettempdir()))
    return {str(path) for place in places for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize("door", DOORS)
def test_file_that_is_clean_comes_in(swept: Swept, clip: bytes, tmp_path: Path, door: str) -> None:
    """So that the refusals below say something."""
    scan_with(tmp_path, KNOWS_THE_MARK)
    before = kept(swept)

    DOORS[door](swept, clip, b"")

    assert kept(swept) == before + 1


@pytest.mark.parametrize("door", DOORS)
def test_file_in_which_something_is_comes_in_nowhere(swept: Swept, clip: bytes, tmp_path: Path, door: str) -> None:
    scan_with(tmp_path, KNOWS_THE_MARK)
    before, held, files = newest(), kept(swept), lying(tmp_path)

    said = DOORS[door](swept, clip, MARK)

    assert "病毒扫描在这个文件里发现了问题" in said
    assert (kept(swept), lying(tmp_path) - files) == (held, set())
    assert recorded("failed", since=before) == ["media.file_kept_out"]


@pytest.mark.parametrize("script", ["exit 2", "kill -9 $$", None], ids=["it fails", "it is killed", "it is gone"])
@pytest.mark.parametrize("door", FOUR)
def test_file_that_could_not_be_looked_at_comes_in_nowhere(
    swept: Swept, clip: bytes, tmp_path: Path, door: str, script: str | None
) -> None:
    if script is None:
        scanning.configure(str(tmp_path / "gone"))
    else:
        scan_with(tmp_path, script)
    before, held, files = newest(), kept(swept), lying(tmp_path)

    said = DOORS[door](swept, clip, b"")

    assert "病毒扫描暂时用不了" in said
    assert (kept(swept), lying(tmp_path) - files) == (held, set())
    assert recorded("failed", since=before) == ["media.file_kept_out"]


def test_refusal_is_told_in_the_readers_language(swept: Swept, clip: bytes, tmp_path: Path) -> None:
    scan_with(tmp_path, "exit 1")
    browser = Browser(swept.app, swept.cast.yunqi.editor)
    browser.post("/preferences", {"lang": "en"})

    data: dict[str, Any] = {"files": (io.BytesIO(picture(b"")), "a.png"), "purpose": "item"}
    answer = browser.post(f"{swept.cast.yunqi.path}/media/upload", data)

    assert (answer.status_code, "The virus scanner found something in this file" in answer.text) == (422, True)


@pytest.mark.parametrize("door", FOUR)
def test_scanner_that_is_believed_whatever_becomes_of_it_would_be_seen(
    swept: Swept, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, door: str
) -> None:
    """The fault planted: what is not a clear no counts as a yes."""
    scan_with(tmp_path, "exit 2")
    asked = scanning.verdict_on
    monkeypatch.setattr(
        scanning, "verdict_on", lambda path: Verdict.FOUND if asked(path) is Verdict.FOUND else Verdict.CLEAN
    )
    before = kept(swept)

    DOORS[door](swept, clip, b"")

    assert kept(swept) == before + 1


def test_door_without_the_scanner_would_be_seen(
    swept: Swept, clip: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: pictures in memory are not shown to it."""
    scan_with(tmp_path, KNOWS_THE_MARK)
    monkeypatch.setattr("portal.media.commands.scan_bytes", lambda *_: None)
    before = kept(swept)

    DOORS["splash"](swept, clip, MARK)

    assert kept(swept) == before + 1
