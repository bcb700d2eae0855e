"""Videos that boxes cannot play as they are: looked into within bounds, and made into what boxes play.

Two gates before the long run: the format by its first bytes (`containers`), then ffmpeg itself, which has to decode the first
picture within a few seconds, with the decoders named here and no other.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from portal.core.errors import Refused
from portal.core.messages import N_
from portal.media.containers import broken, container_of
from portal.media.ffmpeg import Bounds, FfmpegFailed, FfmpegMissing, Reading, look_into
from portal.media.limits import MEBIBYTE, SOURCES, VIDEOS

_DECODERS = (
    "h264,hevc,mpeg4,mpeg2video,mpeg1video,vp8,vp9,libdav1d,av1,mjpeg,prores,dnxhd,h263,flv,theora,"
    "wmv1,wmv2,wmv3,vc1,msmpeg4v1,msmpeg4v2,msmpeg4,rawvideo,"
    "aac,mp3float,mp3,mp2float,mp2,ac3,eac3,opus,vorbis,flac,alac,dca,wmav1,wmav2,wmapro,amrnb,amrwb,adpcm_ms,adpcm_ima_wav,"
    "pcm_s16le,pcm_s16be,pcm_s24le,pcm_s24be,pcm_s32le,pcm_f32le,pcm_u8,pcm_alaw,pcm_mulaw"
)
_PROBING = Bounds(cpu_seconds=SOURCES.probing_seconds, seconds=SOURCES.probing_seconds, output_bytes=MEBIBYTE)
_LENGTH = re.compile(r"^  Duration: (\d+):(\d\d):(\d\d(?:\.\d+)?)", re.MULTILINE)
_PICTURE = re.compile(r"^  Stream #0:\d+.*?: Video: (.*)$", re.MULTILINE)
_SIZE = re.compile(r", (\d{1,6})x(\d{1,6})[ ,\[]")
_WIDE_RANGE = re.compile(r"smpte2084|arib-std-b67")
_THREADS = 2

# The wide range of brightness of newer telephones and cameras, brought into the one that a television of today shows.
_NARROWED = "zscale=t=linear:npl=100,format=gbrpf32le,zscale=p=bt709,tonemap=hable:desat=0,zscale=t=bt709:m=bt709:r=tv,"
_SCALED = "scale=w='min({w},trunc(iw*sar/2)*2)':h='min({h},ih)':force_original_aspect_ratio=decrease:force_divisible_by=2,setsar=1,"
_ENCODED = (
    *("-filter_threads", "1", "-fpsmax", "30", "-c:v", "libx264", "-preset", "veryfast", "-profile:v", "high"),
    *("-crf", "23", "-maxrate", "6M", "-bufsize", "12M", "-g", "60", "-threads", str(_THREADS)),
    *(
        "-c:a",
        "aac",
        "-b:a",
        "128k",
        "-ac",
        "2",
        "-ar",
        "48000",
        "-sn",
        "-dn",
        "-map_metadata",
        "-1",
        "-map_chapters",
        "-1",
    ),
    *("-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart", "-f", "mp4"),
)


@dataclass(frozen=True)
class Source:
    """What an upload is: its format by ffmpeg's name, its size as coded, its length where it says so, whether its range is wide."""

    format: str
    width: int
    height: int
    seconds: float | None
    wide_range: bool = False

    @property
    def reading(self) -> Reading:
        """How ffmpeg reads it."""
        return Reading(self.format, _DECODERS, _THREADS, SOURCES.width * SOURCES.height)

    @property
    def arguments(self) -> tuple[str, ...]:
        """What makes of it an MP4 with H.264 and AAC, at most 1080p and 30 pictures a second."""
        scaled = _SCALED.format(w=VIDEOS.width, h=VIDEOS.height)
        filters = scaled + (_NARROWED if self.wide_range else "") + "format=yuv420p"
        longest = str(SOURCES.seconds + 1)  # a longer one is not cut in silence: the result is judged
        return ("-map", "0:V:0", "-map", "0:a:0?", "-t", longest, "-vf", filters, *_ENCODED)

    @property
    def bounds(self) -> Bounds:
        """What the long run may take: many times what it takes, as everything else goes first."""
        seconds = int(self.seconds or SOURCES.seconds)
        return Bounds(300 + 30 * seconds, 1800 + 60 * seconds, VIDEOS.bytes + 32 * MEBIBYTE)


def look_at(path: Path) -> Source:
    """This function will say what the uploaded video at `path` is and refuse what cannot be made into one that boxes play.

    Takes every format of `containers` within `limits.SOURCES`, in at most 5 s and within bounds. Raises `Refused` with a code that
    begins `video_` and a sentence that says what is wrong and what to do.
    """
    _judge_bytes(path.stat().st_size)
    name = container_of(path).name
    try:
        told = look_into(path, Reading(name, _DECODERS), _PROBING)
    except FfmpegMissing as missing:
        raise tools_missing() from missing
    except FfmpegFailed as failed:
        raise _why(str(failed)) from failed
    return _judged(name, told)


def tools_missing() -> Refused:
    """This function will return the refusal of every video where the server has no ffmpeg."""
    return Refused(
        "video_tools_missing",
        N_("这台服务器没有装视频工具 ffmpeg，暂时不能上传视频。请联系运营中心。"),
        status=503,
    )


def _judged(name: str, told: str) -> Source:
    picture = _PICTURE.search(told)
    size = _SIZE.search(picture[1]) if picture else None
    if picture is None or size is None:
        raise broken()
    width, height = int(size[1]), int(size[2])
    _judge_size(width, height)
    seconds = _length(told)
    if seconds is not None and seconds > SOURCES.seconds:
        raise too_long()
    return Source(name, width, height, seconds, bool(_WIDE_RANGE.search(picture[1])))


def _why(told: str) -> Refused:
    """This function will return why no picture could be had, as far as what ffmpeg said tells it."""
    picture = _PICTURE.search(told)
    size = _SIZE.search(picture[1]) if picture else None
    try:
        if size is not None:
            _judge_size(int(size[1]), int(size[2]))
    except Refused as refused:
        return refused
    if "not on whitelist" in told or "Decoder not found" in told:
        return Refused(
            "video_codec_unknown",
            N_("画面或声音的编码很少见，系统不认识。请用播放器或剪辑软件导出为 MP4（H.264 + AAC）再上传。"),
        )
    if picture is None and "Stream #0:" in told:
        return Refused("video_without_picture", N_("这个文件里没有画面，只有声音或字幕。请上传有画面的视频。"))
    return broken()


def _length(told: str) -> float | None:
    found = _LENGTH.search(told)
    return int(found[1]) * 3600 + int(found[2]) * 60 + float(found[3]) if found else None


def _judge_bytes(size: int) -> None:
    if size == 0:
        raise Refused("video_empty", N_("这个文件是空的。请重新选择视频。"))
    if size > SOURCES.bytes:
        raise Refused(
            "video_too_many_bytes",
            N_("视频文件太大，最多 %(limit)d MB。请压缩或剪短后再上传。", limit=SOURCES.bytes // MEBIBYTE),
        )


def _judge_size(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise broken()
    if max(width, height) > SOURCES.width or min(width, height) > SOURCES.height:
        raise _too_many_pixels(width, height)


def _too_many_pixels(width: int, height: int) -> Refused:
    return Refused(
        "video_too_many_pixels",
        N_(
            "视频尺寸太大（%(width)d×%(height)d），最大 %(most)s。请导出为 4K 或 1080p 再上传。",
            width=width,
            height=height,
            most=f"{SOURCES.width}×{SOURCES.height}",
        ),
    )


def too_long() -> Refused:
    """This function will return the refusal of a video that is too long."""
    return Refused("video_too_long", N_("视频太长，最多 %(limit)d 分钟。请剪短后再上传。", limit=SOURCES.seconds // 60))
