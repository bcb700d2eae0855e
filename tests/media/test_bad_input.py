"""Every kind of broken file that people upload: refused in seconds, in bounded memory, with what is wrong and what to do, and nothing left lying.

One table for all of them. Each goes the way of an upload over the web: as pictures and videos come in, or as apps do.
"""

import resource
import struct
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.core.errors import Refused
from portal.core.messages import Message
from portal.media.apk.commands import take_app
from portal.media.intake import take_file
from portal.media.states import Purpose
from portal.media.storage import FolderStorage
from tests.media import pictures, videos
from tests.media.conftest import Space
from tests.world import apks

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)  # nothing here is written

MOST_SECONDS = 5
MOST_MEMORY = 700 << 20
LIST = b"#EXTM3U\n#EXT-X-VERSION:3\n#EXTINF:10,\nhttp://169.254.169.254/latest/meta-data\n"


def made(folder: Path, name: str, *arguments: str, **more: float | bool) -> bytes:
    return videos.make(folder / name, *arguments, **more).read_bytes()  # type: ignore[arg-type]


def half(data: bytes) -> bytes:
    return data[: len(data) // 2]


def altered(data: bytes) -> bytes:
    at = data.index(b"classes.dex") + 60
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def _crowded() -> bytes:
    """An end record that promises more entries than anybody reads."""
    data = bytearray(apks.apk())
    data[-14:-10] = struct.pack("<HH", 65_000, 65_000)
    return bytes(data)


# name -> (what it is called, how it is made, a word of what is wrong, a word of what to do)
PICTURES: dict[str, tuple[str, Callable[[Path], bytes], str, str]] = {
    "empty": ("图.png", lambda folder: b"", "空的", "重新选择"),
    "truncated picture": ("图.png", lambda folder: half(pictures.encoded(pictures.drawing(900, 600))), "损坏", "重新"),
    "a page called a picture": ("图.png", lambda folder: b"<html><script>alert(1)</script>" * 50, "不是图片", "请上传"),
    "vector picture": ("图.png", lambda folder: b'<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG", "导出为 PNG"),
    "absurd dimensions": ("图.png", lambda folder: pictures.png_claiming(60_000, 60_000), "尺寸太大", "缩小"),
    "absurd WebP": ("图.webp", lambda folder: pictures.webp_claiming(16_000_000, 16_000_000), "尺寸太大", "缩小"),
    "playlist posing as MP4": ("片.mp4", lambda folder: LIST, "播放列表", "请上传视频文件"),
    "script for ffmpeg": ("片.mp4", lambda folder: b"ffconcat version 1.0\nfile /etc/passwd\n", "播放列表", "请上传视频文件"),
    "text called a video": ("片.mkv", lambda folder: b"hello " * 1000, "不是能识别的视频", "请上传"),
    "playlist inside MP4": ("片.mp4", lambda folder: videos.FTYP + LIST, "损坏", "重新"),
    "truncated MP4": ("片.mp4", lambda folder: half(made(folder, "a.mp4", *videos.H264)), "损坏", "重新"),
    "truncated MKV": ("片.mkv", lambda folder: half(made(folder, "a.mkv", *videos.H264, "-c:a", "libopus")), "损坏", "重新"),
    "truncated AVI": ("片.avi", lambda folder: half(made(folder, "a.avi", "-c:v", "mpeg4")), "损坏", "重新"),
    "film of absurd length": ("片.mkv", lambda folder: made(folder, "l.mkv", "-c:v", "mpeg4", "-r", "1", seconds=700, sound=False), "太长", "剪短"),
    "film of absurd size": ("片.mkv", lambda folder: made(folder, "w.mkv", "-vf", "scale=5000:3000", "-c:v", "mpeg4", seconds=0.2, sound=False), "尺寸太大", "1080p"),
    "MP4 that lies about its size": ("片.mp4", lambda folder: videos.movie(videos.track(videos.avc1(60_000, 60_000))), "损坏", "重新"),
    "sound alone": ("片.mkv", lambda folder: made(folder, "s.mkv", "-vn", "-c:a", "libvorbis"), "没有画面", "有画面"),
    "app called a picture": ("图.png", lambda folder: apks.apk(), "不是图片", "请上传"),
}  # fmt: skip

APPS: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "empty": (lambda: b"", "空的", "重新选择"),
    "mislabelled": (lambda: pictures.encoded(pictures.drawing(64, 64)), "不是安卓安装包", "请上传"),
    "truncated": (lambda: half(apks.apk()), "损坏", "重新"),
    "unsigned": (lambda: apks.unsigned(apks.App()), "没有 v2 或 v3 签名", "签名后再上传"),
    "altered": (lambda: altered(apks.apk()), "改动", "重新要一份"),
    "signed by a stranger in the developer's name": (
        lambda: apks.apk(signer=apks.Key(apks.key("stranger").private, apks.key().certificate)),
        "对不上",
        "重新要一份",
    ),
    "zip bomb": (lambda: apks.bomb(64 << 20), "大得不正常", "正式构建"),
    "a directory of too many": (_crowded, "大得不正常", "正式构建"),
}


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Everything temporary of the process lies in one folder, which has to be empty afterwards."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def judged(message: Message, wrong: str, remedy: str) -> None:
    assert wrong in str(message)
    assert remedy in str(message)


def bounded(act: Callable[[], object]) -> None:
    """Run `act` and hold it to the seconds and the memory; what ffmpeg takes has a limit of its own."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10
    started = time.process_time()
    act()
    assert time.process_time() - started < MOST_SECONDS
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10) - before < MOST_MEMORY


@pytest.mark.parametrize("name", PICTURES)
def test_broken_file_is_refused(
    name: str, hotel: Space, temporary: Path, tmp_path: Path, store: FolderStorage, database: object
) -> None:
    filename, make, wrong, remedy = PICTURES[name]
    path = tmp_path / "upload"
    path.write_bytes(make(tmp_path))
    refusals = []

    def act() -> None:
        with hotel.work() as ctx:
            refusals.append(take_file(ctx, path, filename, Purpose.ITEM).refusal)

    bounded(act)

    assert refusals[0] is not None
    judged(refusals[0], wrong, remedy)
    assert list(temporary.iterdir()) == []
    assert [*store.folder.rglob("*")] == [] if store.folder.exists() else True
    assert sorted(one.name for one in tmp_path.iterdir() if one.is_dir()) in (["temporary"], ["media", "temporary"])


@pytest.mark.parametrize("name", APPS)
def test_broken_app_is_refused(name: str, hotel: Space, temporary: Path, tmp_path: Path, store: FolderStorage) -> None:
    make, wrong, remedy = APPS[name]
    path = tmp_path / "upload.apk"
    path.write_bytes(make())
    refusals = []

    def act() -> None:
        with pytest.raises(Refused) as refused, hotel.work() as ctx:
            take_app(ctx, path)
        refusals.append(refused.value.message)

    bounded(act)

    judged(refusals[0], wrong, remedy)
    assert list(temporary.iterdir()) == []
    assert not store.folder.exists()
