"""The one place that knows ffmpeg: finds it, and runs it within limits on files of this machine only."""

import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

MEMORY_BYTES = 1536 << 20

# The shell sets the limits and becomes ffmpeg: code between fork and exec is not safe in a server with threads.
_LIMITED = 'ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && shift 3 && exec "$@"'
_QUIET = ("-nostdin", "-hide_banner", "-loglevel", "error", "-y")
_FILES_ONLY = ("-protocol_whitelist", "file", "-f", "mp4", "-codec_whitelist", "h264,aac", "-threads", "1")


class FfmpegMissing(Exception):
    """No ffmpeg is on this machine."""


class FfmpegFailed(Exception):
    """The program could not make of the file what was asked, or not within its limits."""


@dataclass(frozen=True)
class Bounds:
    """What one run may take: seconds of processor, seconds by the clock, bytes it writes."""

    cpu_seconds: int
    seconds: int
    output_bytes: int


@cache
def find_ffmpeg() -> str | None:
    """This function will return the path of the ffmpeg that comes as a package, or else of the system's, or None."""
    try:
        import imageio_ffmpeg  # noqa: PLC0415 - large, optional, and wanted only where a video is handled

        return str(imageio_ffmpeg.get_ffmpeg_exe())
    except (ImportError, RuntimeError):
        return shutil.which("ffmpeg")


def run_ffmpeg(source: Path, arguments: Sequence[str], target: Path, bounds: Bounds, *, seek: float = 0) -> None:
    """This function will run ffmpeg from the MP4 file `source`, from the second `seek` on, into `target`.

    It may open files only, and reads them as MP4 with H.264 and AAC whatever they claim to be. It works in the folder of
    `target`. Raises `FfmpegMissing` or `FfmpegFailed`.
    """
    program = find_ffmpeg()
    if program is None:
        raise FfmpegMissing
    before = ("-ss", f"{seek:.3f}") if seek else ()
    limits = (str(MEMORY_BYTES >> 10), str(bounds.cpu_seconds), str(bounds.output_bytes >> 9))
    command = (program, *_QUIET, *_FILES_ONLY, *before, "-i", f"file:{source}", *arguments, f"file:{target}")
    try:
        ended = subprocess.run(
            ("/bin/sh", "-c", _LIMITED, "sh", *limits, *command),
            cwd=target.parent,
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=bounds.seconds,
        )
    except subprocess.TimeoutExpired as late:
        raise FfmpegFailed(f"not done after {bounds.seconds} s") from late
    if ended.returncode != 0 or not target.is_file() or target.stat().st_size == 0:
        raise FfmpegFailed(ended.stderr[-500:].decode("utf-8", "replace"))
