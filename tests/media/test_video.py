"""Videos through ffmpeg: rewrapped, measured, with a picture; and every way in which that can fail."""

import os
import stat
from pathlib import Path

import pytest

from portal.core.errors import Refused
from portal.media import ffmpeg
from portal.media.ffmpeg import Bounds, FfmpegFailed, run_ffmpeg
from portal.media.video import VideoInfo, prepare_video, probe_mp4
from tests.media import videos
from tests.media.pictures import decoded

BOUNDS = Bounds(cpu_seconds=10, seconds=10, output_bytes=1 << 20)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "work"
    made.mkdir()
    return made


def test_prepare_video_rewraps_without_what_the_camera_wrote(clip: Path, folder: Path) -> None:
    made = prepare_video(clip, folder)

    data = made.path.read_bytes()
    assert made.info == VideoInfo(320, 180, 1.0, "h264", "aac")
    assert made.bytes == len(data)
    assert b"Geheim" in clip.read_bytes()
    assert b"Geheim" not in data
    assert clip.read_bytes().index(b"mdat") < clip.read_bytes().index(b"moov")
    assert data.index(b"moov") < data.index(b"mdat")


def test_prepare_video_draws_a_poster_of_the_same_size(clip: Path, folder: Path) -> None:
    poster = prepare_video(clip, folder).poster

    shown = decoded(poster.data)
    assert (shown.format, shown.size) == ("JPEG", (320, 180))
    assert len(set(shown.resize((8, 8)).get_flattened_data())) > 8


def test_prepare_video_gives_the_same_bytes_for_the_same_upload(clip: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()

    hashes = {prepare_video(clip, first).sha256, prepare_video(clip, second).sha256}

    assert len(hashes) == 1


def test_prepare_video_measures_what_a_fragmented_file_does_not_say(folder: Path, tmp_path: Path) -> None:
    path = videos.make(
        tmp_path / "live.mp4", *videos.H264, "-movflags", "frag_keyframe+empty_moov", sound=False, seconds=2
    )

    made = prepare_video(path, folder)

    assert probe_mp4(path).seconds == 0
    assert made.info.seconds == 2.0


@pytest.mark.parametrize(
    "arguments",
    [
        ("-c:v", "libx265", "-c:a", "aac"),
        ("-c:v", "mpeg4", "-c:a", "aac"),
        ("-c:v", "libx264", "-pix_fmt", "yuv420p10le", "-c:a", "aac"),
        (*videos.H264, "-c:a", "libmp3lame"),
        (*videos.H264, "-c:a", "ac3"),
    ],
    ids=["H.265", "MPEG-4 part 2", "ten bits", "MP3", "AC-3"],
)
def test_probe_mp4_refuses_other_codecs_in_real_files(arguments: tuple[str, ...], tmp_path: Path) -> None:
    path = videos.make(tmp_path / "other.mp4", *arguments)

    with pytest.raises(Refused) as refusal:
        probe_mp4(path)

    assert refusal.value.code == "video_codec"


@pytest.mark.parametrize("name", ["film.mkv", "film.avi", "film.ts", "film.webm"])
def test_probe_mp4_refuses_other_containers_called_mp4(name: str, tmp_path: Path) -> None:
    codecs = ("-c:v", "libvpx", "-c:a", "libvorbis") if name.endswith("webm") else (*videos.H264, "-c:a", "aac")
    path = videos.make(tmp_path / name, *codecs).rename(tmp_path / "film.mp4")

    with pytest.raises(Refused) as refusal:
        probe_mp4(path)

    assert refusal.value.code == "video_not_mp4"


def test_prepare_video_refuses_a_file_whose_pictures_are_noise(clip: Path, folder: Path, tmp_path: Path) -> None:
    data = bytearray(clip.read_bytes())
    start, end = data.index(b"mdat") + 4, data.index(b"moov") - 4
    data[start:end] = b"\xa5" * (end - start)
    path = tmp_path / "noise.mp4"
    path.write_bytes(data)

    with pytest.raises(Refused) as refusal:
        prepare_video(path, folder)

    assert refusal.value.code == "video_broken"


def test_prepare_video_believes_the_pictures_and_not_the_container(folder: Path, tmp_path: Path, clip: Path) -> None:
    data = clip.read_bytes()
    at = data.index(b"avc1", data.index(b"stsd")) + 4 + 24
    path = tmp_path / "lie.mp4"
    path.write_bytes(data[:at] + (64).to_bytes(2, "big") * 2 + data[at + 4 :])

    made = prepare_video(path, folder)

    assert probe_mp4(path).width == 64
    assert (made.info.width, made.info.height) == (320, 180)


def test_prepare_video_judges_the_length_that_is_found(folder: Path, tmp_path: Path) -> None:
    path = videos.make(
        tmp_path / "long.mp4",
        "-vf",
        "setpts=PTS*1300",
        *videos.H264,
        "-movflags",
        "frag_keyframe+empty_moov",
        sound=False,
    )

    assert probe_mp4(path).seconds == 0
    with pytest.raises(Refused) as refusal:
        prepare_video(path, folder)
    assert refusal.value.code == "video_too_long"


def test_prepare_video_says_so_where_there_is_no_ffmpeg(
    clip: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.media.video.find_ffmpeg", lambda: None)

    with pytest.raises(Refused) as refusal:
        prepare_video(clip, folder)

    assert (refusal.value.code, refusal.value.status) == ("video_tools_missing", 503)


def test_find_ffmpeg_takes_the_systems_where_the_package_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "ffmpeg"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(__import__("sys").modules, "imageio_ffmpeg", None)

    found = ffmpeg.find_ffmpeg.__wrapped__()

    assert found == str(program)


@pytest.fixture
def pretender(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program in the place of ffmpeg, to see how it is run."""
    program = tmp_path / "ffmpeg"
    monkeypatch.setattr(ffmpeg, "find_ffmpeg", lambda: str(program))
    return program


def put_program(path: Path, script: str) -> None:
    path.write_text(f'#!/bin/sh\nfor target; do :; done; target="${{target#file:}}"\n{script}\n')
    path.chmod(stat.S_IRWXU)


def test_run_ffmpeg_limits_memory_processor_and_output(pretender: Path, folder: Path) -> None:
    put_program(pretender, '(ulimit -v; ulimit -t; ulimit -f) > "$target"')

    run_ffmpeg(folder / "in.mp4", (), folder / "out", BOUNDS)

    assert (folder / "out").read_text().split() == [str(ffmpeg.MEMORY_BYTES >> 10), "10", "2048"]


def test_run_ffmpeg_hands_down_no_environment(pretender: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORTAL_SECRET_FILE", "/secret")
    put_program(pretender, 'env > "$target"')

    run_ffmpeg(folder / "in.mp4", (), folder / "out", BOUNDS)

    assert "PORTAL" not in (folder / "out").read_text()


def test_run_ffmpeg_opens_files_only_and_reads_them_as_mp4(pretender: Path, folder: Path) -> None:
    put_program(pretender, 'printf "%s " "$@" > "$target"')

    run_ffmpeg(folder / "-in.mp4", ("-c", "copy"), folder / "out", BOUNDS, seek=0.5)

    arguments = (folder / "out").read_text()
    assert "-protocol_whitelist file -f mp4 -codec_whitelist h264,aac" in arguments
    assert f"-ss 0.500 -i file:{folder}/-in.mp4 -c copy file:{folder}/out" in arguments


@pytest.mark.parametrize(
    "script",
    ["exit 1", "true", ': > "$target"', "kill -9 $$"],
    ids=["fails", "makes nothing", "makes it empty", "dies"],
)
def test_run_ffmpeg_tells_that_it_failed(script: str, pretender: Path, folder: Path) -> None:
    put_program(pretender, script)

    with pytest.raises(FfmpegFailed):
        run_ffmpeg(folder / "in.mp4", (), folder / "out", BOUNDS)


def test_run_ffmpeg_ends_what_takes_too_long(pretender: Path, folder: Path) -> None:
    put_program(pretender, f'echo $$ > "{folder}/pid"; exec sleep 60')

    with pytest.raises(FfmpegFailed, match="not done"):
        run_ffmpeg(folder / "in.mp4", (), folder / "out", Bounds(cpu_seconds=10, seconds=1, output_bytes=1024))

    with pytest.raises(ProcessLookupError):
        os.kill(int((folder / "pid").read_text()), 0)


def test_run_ffmpeg_never_opens_what_a_playlist_names(folder: Path, tmp_path: Path, clip: Path) -> None:
    playlist = tmp_path / "list.mp4"
    playlist.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{clip}\n#EXT-X-ENDLIST\n")

    with pytest.raises(FfmpegFailed):
        run_ffmpeg(playlist, ("-c", "copy", "-f", "mp4"), folder / "out.mp4", BOUNDS)
