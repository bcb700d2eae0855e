"""Videos of any common format: told apart, looked into, made into what boxes play; and what is refused, and with which words."""

from pathlib import Path

import pytest

from portal.core.errors import Refused
from portal.media.containers import is_video
from portal.media.ffmpeg import Interrupted
from portal.media.sources import Source, look_at
from portal.media.video import VideoInfo, convert_video
from tests.media import videos

FORMATS = {
    "h264.mov": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "pcm_s16le"),
    "hevc10.mp4": ("-c:v", "libx265", "-preset", "ultrafast", "-x265-params", "log-level=none", "-pix_fmt", "yuv420p10le", "-c:a", "aac"),
    "h264.mkv": ("-c:v", "libx264", "-preset", "ultrafast", "-c:a", "libopus"),
    "vp9.webm": ("-c:v", "libvpx-vp9", "-deadline", "realtime", "-c:a", "libvorbis"),
    "mpeg4.avi": ("-c:v", "mpeg4", "-c:a", "libmp3lame"),
    "mpeg2.ts": ("-c:v", "mpeg2video", "-c:a", "mp2"),
    "wmv2.wmv": ("-c:v", "wmv2", "-c:a", "wmav2"),
    "flv1.flv": ("-c:v", "flv", "-c:a", "libmp3lame", "-ar", "44100"),
}  # fmt: skip


@pytest.mark.parametrize("name", FORMATS)
def test_any_common_video_becomes_h264_with_aac(name: str, tmp_path: Path) -> None:
    path = videos.make(tmp_path / name, "-r", "25", *FORMATS[name])
    folder = tmp_path / "work"
    folder.mkdir()

    source = look_at(path)
    made = convert_video(path, source, folder, lambda done: True)

    assert is_video(path.read_bytes()[:1024])
    assert (source.width, source.height) == (320, 180)
    assert (made.info.width, made.info.height, made.info.video_codec, made.info.audio_codec) == (
        320,
        180,
        "h264",
        "aac",
    )
    assert 0.9 <= made.info.seconds <= 1.2
    assert (made.poster.rendition.width, made.poster.rendition.height) == (320, 180)


def test_large_pictures_and_fast_ones_become_1080p_at_thirty(tmp_path: Path) -> None:
    path = tmp_path / "4k.mkv"
    videos.make(path, "-vf", "scale=3840:2160", "-r", "60", "-c:v", "mpeg4", sound=False, seconds=0.2)
    folder = tmp_path / "work"
    folder.mkdir()

    made = convert_video(path, look_at(path), folder, lambda done: True)

    assert made.info == VideoInfo(1920, 1080, made.info.seconds, "h264", None)
    assert made.path.read_bytes().index(b"moov") < made.path.read_bytes().index(b"mdat")


def test_whoever_watches_can_end_a_run(tmp_path: Path) -> None:
    path = videos.make(tmp_path / "long.avi", "-c:v", "mpeg4", seconds=30)
    folder = tmp_path / "work"
    folder.mkdir()

    with pytest.raises(Interrupted):
        convert_video(path, look_at(path), folder, lambda done: False)


def test_a_film_that_ends_before_it_says_is_broken(tmp_path: Path) -> None:
    path = videos.make(tmp_path / "short.avi", "-c:v", "mpeg4", seconds=1)
    folder = tmp_path / "work"
    folder.mkdir()
    source = look_at(path)

    with pytest.raises(Refused) as refused:
        convert_video(path, Source(source.format, source.width, source.height, 60.0), folder, lambda done: True)

    assert refused.value.code == "video_broken"


@pytest.mark.parametrize("name", ["h264.mkv", "mpeg4.avi", "h264.mov"])
def test_a_film_that_was_cut_off_is_broken(name: str, tmp_path: Path) -> None:
    whole = videos.make(tmp_path / name, *FORMATS[name]).read_bytes()
    path = tmp_path / ("cut." + name.rpartition(".")[2])
    path.write_bytes(whole[: len(whole) // 2])

    with pytest.raises(Refused) as refused:
        look_at(path)

    assert refused.value.code == "video_broken"


def test_what_is_no_film_for_a_television_is_named(tmp_path: Path) -> None:
    mpeg4 = ("-c:v", "mpeg4")
    videos.make(tmp_path / "long.mkv", *mpeg4, "-r", "1", seconds=700, sound=False)
    videos.make(tmp_path / "large.mkv", "-vf", "scale=5000:3000", *mpeg4, seconds=0.2, sound=False)
    videos.make(tmp_path / "rare.mkv", "-c:v", "gif", seconds=0.2, sound=False)
    videos.make(tmp_path / "sound.mkv", "-vn", "-c:a", "libvorbis")
    codes = {}

    for path in sorted(tmp_path.glob("*.mkv")):
        with pytest.raises(Refused) as refused:
            look_at(path)
        codes[path.stem] = refused.value.code

    assert codes == {
        "large": "video_too_many_pixels",
        "long": "video_too_long",
        "rare": "video_codec_unknown",
        "sound": "video_without_picture",
    }
