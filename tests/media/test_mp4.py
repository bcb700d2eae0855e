"""MP4 files read box by box: what is understood, and that no file makes the reader do more than it may."""

import random
from pathlib import Path

import pytest

from portal.core.errors import Refused
from portal.media.mp4 import BrokenMp4, NotAnMp4, Track, read_movie
from portal.media.video import VideoInfo, probe_mp4
from tests.media.videos import FTYP, MDAT, ON_ITS_SIDE, avc1, box, movie, mp4a, track, words

INDEX = 1 << 20
PICTURE, SOUND = track(avc1(1280, 720)), track(mp4a(), handler=b"soun")
WHOLE = movie(PICTURE, SOUND)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "upload.mp4"


def test_read_movie_reads_the_tracks(path: Path) -> None:
    path.write_bytes(WHOLE)

    found = read_movie(path, INDEX)

    assert found.tracks == (
        Track("vide", "avc1", 5.0, 1280, 720, profile=100),
        Track("soun", "mp4a", 5.0, profile=0x40),
    )


def test_read_movie_shows_a_turned_picture_as_it_is_seen(path: Path) -> None:
    path.write_bytes(movie(track(avc1(1280, 720), matrix=ON_ITS_SIDE)))

    found = read_movie(path, INDEX).tracks[0]

    assert (found.width, found.height) == (720, 1280)


def test_read_movie_takes_long_boxes_and_an_open_end(path: Path) -> None:
    moov = box(b"moov", box(b"mvhd", bytes(100)), PICTURE)
    long_moov = words(1) + b"moov" + (len(moov) + 8).to_bytes(8, "big") + moov[8:]
    path.write_bytes(FTYP + long_moov + words(0) + b"mdat" + bytes(100))

    assert len(read_movie(path, INDEX).tracks) == 1


NOT_MP4 = {
    "nothing": b"",
    "a text": b"plain text, and rather long so that nothing is cut" * 3,
    "an HLS playlist": b"#EXTM3U\n#EXT-X-TARGETDURATION:10\n#EXTINF:10,\nfile:///etc/passwd\n",
    "a concat list": b"ffconcat version 1.0\nfile /etc/passwd\n",
    "a DASH manifest": b'<?xml version="1.0"?><MPD><BaseURL>file:///etc/passwd</BaseURL></MPD>',
    "a playlist behind an ftyp of a foreign brand": box(b"ftyp", b"#EXT", words(0), b"M3U\n") + b"#EXTM3U\n",
    "a QuickTime film": box(b"ftyp", b"qt  ", words(512), b"qt  ") + MDAT,
    "an iPhone's HEIC": box(b"ftyp", b"heic", words(0), b"mif1heic"),
    "a film without ftyp": WHOLE[len(FTYP) :],
    "an ftyp of absurd length": words(1 << 20) + b"ftyp" + b"isom" * 1000,
}
BROKEN = {
    "cut in the media": WHOLE[:-10],
    "cut in the index": WHOLE[: len(FTYP) + 100],
    "cut in the first box": FTYP[:18],
    "nothing but the first box": FTYP,
    "no index": FTYP + MDAT,
    "no media": movie(PICTURE)[: -len(MDAT)],
    "two indexes": movie(PICTURE, after=box(b"moov")),
    "bytes left over": WHOLE + b"abc",
    "a box shorter than its header": movie(PICTURE, before=words(4) + b"free"),
    "a box longer than 64 bits": movie(PICTURE, before=words(1) + b"free" + b"\xff" * 8),
    "an index of absurd length": FTYP + box(b"moov", bytes(INDEX + 1)) + MDAT,
    "a hundred thousand empty boxes": movie(PICTURE, before=box(b"free") * 100_000),
    "a hundred thousand boxes in the index": movie(PICTURE, box(b"free") * 100_000),
    "a track without media": movie(box(b"trak", box(b"tkhd", bytes(92)))),
    "a box that outgrows its parent": movie(box(b"trak", words(5000) + b"mdia")),
    "H.264 without parameters": movie(track(box(b"avc1", bytes(78)))),
    "a sample entry of no length": movie(track(box(b"avc1"))),
    "two sample entries": movie(track(avc1(640, 360) + avc1(320, 180))),
    "a sound described without end": movie(
        track(box(b"mp4a", bytes(28), box(b"esds", bytes(4), b"\x03" + b"\x80" * 9)), handler=b"soun")
    ),
    "a second of no length": movie(PICTURE.replace(words(1000, 5000), words(0, 5000))),
}


@pytest.mark.parametrize("data", NOT_MP4.values(), ids=NOT_MP4.keys())
def test_read_movie_tells_what_is_no_mp4(data: bytes, path: Path) -> None:
    path.write_bytes(data)

    with pytest.raises(NotAnMp4):
        read_movie(path, INDEX)


@pytest.mark.parametrize("data", BROKEN.values(), ids=BROKEN.keys())
def test_read_movie_tells_what_does_not_hold_together(data: bytes, path: Path) -> None:
    path.write_bytes(data)

    with pytest.raises(BrokenMp4):
        read_movie(path, INDEX)


def test_read_movie_answers_for_every_beginning_of_a_file(path: Path) -> None:
    for length in range(0, len(WHOLE), 3):
        path.write_bytes(WHOLE[:length])
        with pytest.raises((NotAnMp4, BrokenMp4)):
            read_movie(path, INDEX)


def test_read_movie_answers_for_files_with_any_byte_changed(path: Path) -> None:
    chance = random.Random(2016)  # noqa: S311 - the same files in every run

    for _ in range(400):
        data = bytearray(WHOLE)
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        path.write_bytes(data)
        try:
            read_movie(path, INDEX)
        except (NotAnMp4, BrokenMp4):
            continue


REFUSED = {
    "nothing": (b"", "video_empty"),
    "a playlist": (NOT_MP4["an HLS playlist"], "video_not_mp4"),
    "a cut file": (WHOLE[:-10], "video_broken"),
    "no picture": (movie(SOUND), "video_tracks"),
    "two pictures": (movie(PICTURE, PICTURE), "video_tracks"),
    "two sounds": (movie(PICTURE, SOUND, SOUND), "video_tracks"),
    "pictures in another file": (movie(track(avc1(640, 360), contained=0)), "video_elsewhere"),
    "H.265": (movie(track(avc1(640, 360, kind=b"hvc1"))), "video_codec"),
    "AV1": (movie(track(avc1(640, 360, kind=b"av01"))), "video_codec"),
    "ten bits": (movie(track(avc1(640, 360, profile=110))), "video_codec"),
    "4:4:4": (movie(track(avc1(640, 360, profile=244))), "video_codec"),
    "MP3": (movie(PICTURE, track(mp4a(0x6B), handler=b"soun")), "video_codec"),
    "AC-3": (movie(PICTURE, track(box(b"ac-3", bytes(28)), handler=b"soun")), "video_codec"),
    "a sound without description": (movie(PICTURE, track(box(b"mp4a", bytes(28)), handler=b"soun")), "video_codec"),
    "4K": (movie(track(avc1(3840, 2160))), "video_too_many_pixels"),
    "one line too high": (movie(track(avc1(1920, 1081))), "video_too_many_pixels"),
    "no width": (movie(track(avc1(0, 1080))), "video_broken"),
    "ten minutes and a second": (movie(track(avc1(640, 360), seconds=601)), "video_too_long"),
    "a month": (movie(track(avc1(640, 360), seconds=2_592_000)), "video_too_long"),
}


@pytest.mark.parametrize(("data", "code"), REFUSED.values(), ids=REFUSED.keys())
def test_probe_mp4_refuses_with_a_code_and_what_to_do(data: bytes, code: str, path: Path) -> None:
    path.write_bytes(data)

    with pytest.raises(Refused) as refusal:
        probe_mp4(path)

    sentence = str(refusal.value.message)
    assert refusal.value.code == code
    assert "请" in sentence
    assert sentence.endswith("。")
    assert "%(" not in sentence


def test_probe_mp4_refuses_a_file_of_too_many_bytes(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(500 * 1024 * 1024 + 1)

    with pytest.raises(Refused) as refusal:
        probe_mp4(path)

    assert refusal.value.code == "video_too_many_bytes"


@pytest.mark.parametrize(
    ("data", "info"),
    [
        (WHOLE, VideoInfo(1280, 720, 5.0, "h264", "aac")),
        (movie(PICTURE), VideoInfo(1280, 720, 5.0, "h264", None)),
        (movie(track(avc1(1920, 1080, kind=b"avc3"), seconds=600)), VideoInfo(1920, 1080, 600.0, "h264", None)),
        (
            movie(PICTURE, track(box(b"mebx", bytes(8)), handler=b"meta"), SOUND),
            VideoInfo(1280, 720, 5.0, "h264", "aac"),
        ),
    ],
    ids=["with sound", "silent", "at every limit", "with a camera's notes"],
)
def test_probe_mp4_takes_what_boxes_can_play(data: bytes, info: VideoInfo, path: Path) -> None:
    path.write_bytes(data)

    assert probe_mp4(path) == info
