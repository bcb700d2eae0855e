"""Videos: MP4 with H.264 and AAC, judged by their content, rewrapped, with a picture that stands for them.

Two gates: the strict reading of `mp4`, so that a playlist or another format posing as MP4 never reaches ffmpeg, then ffmpeg
itself within limits. Pictures and sound are not touched, but the container is written anew: the index comes first, so that a
box starts at once, and places, names and whatever else the camera wrote are gone.
"""

import hashlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from portal.core.errors import Refused
from portal.core.messages import N_, Message
from portal.media.containers import broken
from portal.media.ffmpeg import Bounds, FfmpegFailed, FfmpegMissing, find_ffmpeg, run_ffmpeg, run_long
from portal.media.images import prepare_poster
from portal.media.limits import MEBIBYTE, POSTER_AT_SECONDS, VIDEOS
from portal.media.mp4 import BrokenMp4, Movie, NotAnMp4, Track, read_movie
from portal.media.renditions import Picture
from portal.media.sources import Source, too_long, tools_missing

_H264 = frozenset({"avc1", "avc3"})
_EIGHT_BIT_PROFILES = frozenset({66, 77, 88, 100})  # Baseline, Main, Extended, High (ITU-T H.264, annex A)
_AAC = frozenset({0x40, 0x67})  # object types of MPEG-4 audio and MPEG-2 AAC LC (ISO/IEC 14496-1)
_OVER_A_LIMIT = frozenset({"video_too_many_bytes", "video_too_many_pixels", "video_too_long"})

_REWRAP = (
    *("-map", "0:v:0", "-map", "0:a:0?", "-c", "copy", "-map_metadata", "-1", "-map_chapters", "-1"),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
)
_FRAME = ("-map", "0:v:0", "-frames:v", "1", "-pix_fmt", "rgb24", "-c:v", "png", "-f", "image2", "-update", "1")
_REWRAPPING = Bounds(cpu_seconds=60, seconds=120, output_bytes=VIDEOS.bytes + 32 * MEBIBYTE)
_DRAWING = Bounds(cpu_seconds=20, seconds=30, output_bytes=16 * MEBIBYTE)

_LEAST_PART, _SECONDS_LOST = 0.9, 2.0

_handling = threading.BoundedSemaphore(VIDEOS.handled_at_once)


@dataclass(frozen=True)
class VideoInfo:
    """What a video is: its size in pixels as shown, its length, its codecs; `audio_codec` is None without sound.

    `seconds` is 0 where a fragmented file does not say; `prepare_video` always knows.
    """

    width: int
    height: int
    seconds: float
    video_codec: str
    audio_codec: str | None


@dataclass(frozen=True)
class PreparedVideo:
    """A video ready for boxes: the file written anew (the caller's to move), its hash and length, its picture."""

    info: VideoInfo
    path: Path
    sha256: str
    bytes: int
    poster: Picture


def probe_mp4(path: Path) -> VideoInfo:
    """This function will say what the MP4 file at `path` is, by its content, and refuse what boxes cannot play.

    Takes one H.264 track of 8 bits and at most one AAC track, within `limits.VIDEOS`. Raises `Refused` with a code that
    begins `video_` and a sentence that says what is wrong and what to do.
    """
    _judge_bytes(path.stat().st_size)
    try:
        movie = read_movie(path, VIDEOS.index_bytes)
    except NotAnMp4 as wrong:
        raise Refused(
            "video_not_mp4",
            N_("这个文件的内容不是 MP4 视频，文件名的后缀不算数。别的格式请传到媒体库，系统会转换，再从媒体库选。"),
        ) from wrong
    except BrokenMp4 as wrong:
        raise broken() from wrong
    picture, sound = _judge_tracks(movie)
    _judge_size(picture)
    return VideoInfo(picture.width, picture.height, picture.seconds, "h264", "aac" if sound else None)


def prepare_video(path: Path, folder: Path) -> PreparedVideo:
    """This function will check the uploaded file at `path` and write into `folder` what boxes get.

    The folder is the caller's, empty and temporary. Raises `Refused`, also (503,
    `video_tools_missing`) where the server has no ffmpeg.
    """
    probe_mp4(path)
    if find_ffmpeg() is None:
        raise tools_missing()
    rewrapped = folder / "video.mp4"
    with _handling:
        try:
            run_ffmpeg(path, _REWRAP, rewrapped, _REWRAPPING)
        except (FfmpegFailed, FfmpegMissing) as failed:
            raise broken() from failed
        return _with_poster(rewrapped)


def convert_video(path: Path, source: Source, folder: Path, go_on: Callable[[float], bool]) -> PreparedVideo:
    """This function will make of any video that `look_at` took what boxes get, however long it takes, at the lowest priority.

    `go_on` is told how many seconds are done, and ends it with False (`Interrupted`). The folder is as for `prepare_video`.
    Raises `Refused`.
    """
    made = folder / "video.mp4"
    try:
        run_long(path, source.reading, source.arguments, made, source.bounds, go_on)
    except FfmpegMissing as missing:
        raise tools_missing() from missing
    except FfmpegFailed as failed:
        raise broken() from failed
    prepared = _with_poster(made)
    if source.seconds and prepared.info.seconds < source.seconds * _LEAST_PART - _SECONDS_LOST:
        raise broken()  # it ended long before the end that it claims
    return prepared


def _with_poster(made: Path) -> PreparedVideo:
    info, frame = _probe_again(made), made.with_name("frame.png")
    try:
        run_ffmpeg(made, _FRAME, frame, _DRAWING, seek=min(POSTER_AT_SECONDS, info.seconds / 2))
    except (FfmpegFailed, FfmpegMissing) as failed:
        raise broken() from failed
    poster = prepare_poster(frame.read_bytes())
    if (poster.rendition.width, poster.rendition.height) != (info.width, info.height):
        raise broken()  # the container says one size, the pictures in it have another
    return PreparedVideo(info, made, _sha256(made), made.stat().st_size, poster)


def _probe_again(rewrapped: Path) -> VideoInfo:
    """This function will judge what ffmpeg found in an upload, whatever the upload itself claimed."""
    try:
        return probe_mp4(rewrapped)
    except Refused as refusal:
        if refusal.code in _OVER_A_LIMIT:
            raise
        raise broken() from refusal  # a track of the upload had nothing in it that could be read


def _judge_bytes(size: int) -> None:
    if size == 0:
        raise Refused("video_empty", N_("这个文件是空的。请重新选择视频。"))
    if size > VIDEOS.bytes:
        raise Refused(
            "video_too_many_bytes",
            N_("视频文件太大，最多 %(limit)d MB。请压缩或剪短后再上传。", limit=VIDEOS.bytes // MEBIBYTE),
        )


def _judge_tracks(movie: Movie) -> tuple[Track, Track | None]:
    pictures, sounds = movie.of("vide"), movie.of("soun")
    if len(pictures) != 1 or len(sounds) > 1:
        raise Refused(
            "video_tracks", N_("视频里要有一路画面、最多一路声音。请把它传到媒体库，系统会转换，再从媒体库选。")
        )
    if not all(track.self_contained for track in movie.tracks):
        raise Refused("video_elsewhere", N_("这个视频的内容存放在别的文件里。请导出为完整的 MP4 再上传。"))
    picture, sound = pictures[0], sounds[0] if sounds else None
    if picture.codec not in _H264:
        raise _wrong_codec(N_("画面编码是 %(codec)s", codec=_shown(picture.codec)))
    if picture.profile not in _EIGHT_BIT_PROFILES:
        raise _wrong_codec(N_("画面是 10 位色或 4:2:2、4:4:4 格式"))
    if sound and (sound.codec != "mp4a" or sound.profile not in _AAC):
        raise _wrong_codec(N_("声音不是 AAC 编码"))
    return picture, sound


def _wrong_codec(found: Message) -> Refused:
    return Refused(
        "video_codec", N_("%(found)s，机顶盒放不了。请把它传到媒体库，系统会转换，再从媒体库选。", found=found)
    )


def _shown(codec: str) -> str:
    return "".join(letter for letter in codec if letter.isascii() and letter.isprintable()).strip() or "?"


def _judge_size(track: Track) -> None:
    if track.width == 0 or track.height == 0:
        raise broken()
    if track.width > VIDEOS.width or track.height > VIDEOS.height:
        raise Refused(
            "video_too_many_pixels",
            N_(
                "视频尺寸太大（%(width)d×%(height)d），最大 %(most)s。请把它传到媒体库，系统会转换，再从媒体库选。",
                width=track.width,
                height=track.height,
                most=f"{VIDEOS.width}×{VIDEOS.height}",
            ),
        )
    if track.seconds > VIDEOS.seconds:
        raise too_long()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
