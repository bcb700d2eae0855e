"""Files that are not what they say, at the two doors through which files come: refused in words, nothing kept, no memory taken."""

import io
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from portal.core.database import tenant_session
from portal.media import images
from portal.media.models import MediaAsset
from portal.releases.public_kinds import kind_of
from tests.attacks.log import newest, recorded
from tests.media.pictures import png_chunk, png_claiming, webp_claiming
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast, House

MEBIBYTE = 1 << 20


def flat_png(side: int) -> bytes:
    """A real picture of `side` x `side` pixels that packs into almost nothing."""
    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packed = zlib.compress(bytes((side * 3 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", header) + png_chunk(b"IDAT", packed) + png_chunk(b"IEND", b"")


def text_bomb() -> bytes:
    """A picture whose comment unpacks into 64 MiB."""
    bomb = b"Comment\0\0" + zlib.compress(bytes(64 * MEBIBYTE), 9)
    plain = io.BytesIO()
    Image.new("RGB", (800, 800), "white").save(plain, "PNG")
    data = plain.getvalue()
    return data[:33] + png_chunk(b"zTXt", bomb) + data[33:]


HTML = b"<!doctype html><script>alert(document.domain)</script>"
SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
REFUSED: Mapping[str, bytes | Callable[[], bytes]] = {
    "claims to be huge": png_claiming(60_000, 60_000),
    "is huge": partial(flat_png, 9_000),  # made where it is wanted: every process reads this file before its first test
    "claims to be huge (WebP)": webp_claiming(16_000_000, 16_000_000),
    "is a page": HTML,
    "is a page behind a picture's mark": b"GIF89a" + HTML + bytes(64),
    "is SVG": SVG,
    "is a program": b"\x7fELF" + bytes(200),
    "is an archive": b"PK\x03\x04" + bytes(200),
    "is a playlist": b"#EXTM3U\nfile:///etc/passwd\n" + bytes(100),
    "is nothing": b"",
}


def refused(what: str) -> bytes:
    """The bytes of what is refused."""
    data = REFUSED[what]
    return data if isinstance(data, bytes) else data()


NAMES = ("图.png", "../../../etc/passwd.png", "a.html", "x.png\x00.html", "CON.png", "a" * 300 + ".png", "<script>.png")


def kept(house: House) -> list[str]:
    with tenant_session(house.tenant.id) as session:
        return list(session.scalars(select(MediaAsset.name)))


def files_below(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} if folder.exists() else set()


def upload(browser: Browser, house: House, data: bytes, name: str) -> int:
    form = {"files": (io.BytesIO(data), name), "purpose": "item"}
    return browser.post(f"{house.path}/media/upload", form, content_type="multipart/form-data").status_code


@pytest.mark.parametrize("what", REFUSED)
def test_file_that_is_none_is_refused_and_not_kept(app: Flask, cast: Cast, tmp_path: Path, what: str) -> None:
    browser, before = Browser(app, cast.yunqi.editor), newest()
    folder = files_below(tmp_path / "media")

    data = refused(what)
    tracemalloc.start()
    status = upload(browser, cast.yunqi, data, "图.png")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert (status, kept(cast.yunqi)) == (422, [])
    assert files_below(tmp_path / "media") == folder
    assert recorded("done", since=before) == []
    assert peak < 64 * MEBIBYTE


def test_comment_that_unpacks_into_much_is_not_unpacked(app: Flask, cast: Cast) -> None:
    browser, bomb = Browser(app, cast.yunqi.editor), text_bomb()

    tracemalloc.start()
    status = upload(browser, cast.yunqi, bomb, "图.png")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert status in {303, 422}
    assert peak < 64 * MEBIBYTE


@pytest.mark.parametrize("name", NAMES)
def test_name_leads_nowhere(app: Flask, cast: Cast, tmp_path: Path, name: str) -> None:
    """A file is kept under its hash, and its type is what its bytes are."""
    before = files_below(tmp_path)

    upload(Browser(app, cast.yunqi.editor), cast.yunqi, building.picture(), name)

    made = files_below(tmp_path) - before
    stored = {path for path in made if not path.startswith("portal.db")}
    assert {path.split("/")[0] for path in stored} <= {"media"}
    assert all(len(Path(path).stem) == 64 for path in stored)


def test_what_was_hidden_behind_a_picture_is_served_to_nobody(app: Flask, cast: Cast) -> None:
    """A picture with a page behind its end is drawn anew, and sent as a picture that runs nothing."""
    browser = Browser(app, cast.yunqi.editor)
    assert upload(browser, cast.yunqi, building.picture() + HTML, "a.html") == 303
    with tenant_session(cast.yunqi.tenant.id) as session:
        sha256 = session.scalars(select(MediaAsset.sha256)).one()

    answer = browser.get(f"{cast.yunqi.path}/media/file/{sha256}", buffered=True)

    assert HTML not in answer.data
    assert answer.mimetype in {"image/png", "image/jpeg"}
    assert (answer.headers["X-Content-Type-Options"], "sandbox" in answer.headers["Content-Security-Policy"]) == (
        "nosniff",
        True,
    )


@pytest.mark.parametrize(
    "path",
    [
        "../secret", "..%2fsecret", "%2e%2e%2fsecret", "....//secret", "assets/../../secret", "assets/%2e%2e/%2e%2e/secret", "..\\secret",
        "/etc/passwd", "channels/..%00/current.json", "releases/" + "a" * 63 + "/.json", "./keys.json", "keys.json/", "KEYS.JSON",
    ],
)  # fmt: skip
def test_path_leads_out_of_no_folder(app: Flask, cast: Cast, path: str) -> None:
    """Below /pub/ and behind a media address: only names of the contract are looked for at all."""
    browser = Browser(app, cast.yunqi.editor)

    answers = [browser.get(f"{cast.yunqi.path}/media/file/{path}"), browser.get(f"{cast.yunqi.path}/media/{path}")]

    assert {answer.status_code for answer in answers} <= {404, 308}
    assert kind_of(path) is None


def test_bomb_that_is_drawn_would_be_seen(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: nobody judges the size before the decoder."""
    seen = []
    opened = Image.open
    monkeypatch.setattr(Image, "open", lambda *args, **more: seen.append(1) or opened(*args, **more))

    upload(Browser(app, cast.yunqi.editor), cast.yunqi, refused("claims to be huge"), "图.png")
    honest = len(seen)
    monkeypatch.setattr(images, "read_header", lambda data: images.Header("PNG", 800, 800))
    upload(Browser(app, cast.yunqi.editor), cast.yunqi, refused("claims to be huge"), "图.png")

    assert (honest, len(seen) > honest) == (0, True)
