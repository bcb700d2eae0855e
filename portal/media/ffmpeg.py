"""The one place that knows ffmpeg: finds it, and runs it within limits on files of this machine only."""

import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO

MEMORY_BYTES = 1536 << 20

# The shell sets the limits and becomes ffmpeg: code between fork and exec is not safe in a server with threads.
_LIMITED = 'ulimit -v "$1" && ulimit -t "$2" && ulimit -f "$3" && shift 3 && exec "$@"'
_QUIET = ("-nostdin", "-hide_banner", "-y")
_FILES_ONLY = ("-protocol_whitelist", "file")
_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C"}
_LOOK_SECONDS, _LAST_SECONDS = 0.5, 30
_TOLD_BYTES = 4000
# Each gives way to everything else where the machine has it: first the processor, then the disk; and ffmpeg ends with who started it.
_GIVING_WAY = (("nice", "-n", "19"), ("chrt", "--idle", "0"), ("ionice", "-c", "3"), ("setpriv", "--pdeathsig", "KILL"))


class FfmpegMissing(Exception):
    """No ffmpeg is on this machine."""


class FfmpegFailed(Exception):
    """The program could not make of the file what was asked, or not within its limits."""


class Interrupted(Exception):
    """Whoever watched a long run had it ended."""


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


@dataclass(frozen=True)
class Reading:
    """How a file is read, whatever it claims to be: its format by ffmpeg's name, the decoders that may run, and on how many threads."""

    format: str
    codecs: str
    threads: int = 1
    most_pixels: int | None = None

    @property
    def options(self) -> tuple[str, ...]:
        """The options that stand before the file."""
        bounded = ("-max_pixels", str(self.most_pixels)) if self.most_pixels else ()
        return (
            *_FILES_ONLY,
            *("-f", self.format, "-codec_whitelist", self.codecs, "-threads", str(self.threads)),
            *bounded,
        )


PLAIN_MP4 = Reading("mp4", "h264,aac")


def run_ffmpeg(source: Path, arguments: Sequence[str], target: Path, bounds: Bounds, *, seek: float = 0) -> None:
    """This function will run ffmpeg from the MP4 file `source`, from the second `seek` on, into `target`.

    It may open files only, and reads them as MP4 with H.264 and AAC whatever they claim to be. It works in the folder of
    `target`. Raises `FfmpegMissing` or `FfmpegFailed`.
    """
    before = ("-ss", f"{seek:.3f}") if seek else ()
    command = (*_QUIET, "-loglevel", "error", *PLAIN_MP4.options, *before, "-i", f"file:{source}", *arguments)
    told = _run_out((*command, f"file:{target}"), bounds, target.parent)
    if not target.is_file() or target.stat().st_size == 0:
        raise FfmpegFailed(told)


def look_into(source: Path, reading: Reading, bounds: Bounds) -> str:
    """This function will decode the first picture of `source` and return what ffmpeg says about the file.

    Raises `FfmpegMissing`, and `FfmpegFailed` with what it said where there is no picture to be had.
    """
    command = (*_QUIET, "-loglevel", "info", "-nostats", *reading.options, "-i", f"file:{source}")
    return _run_out((*command, *("-map", "0:V:0", "-frames:v", "1", "-f", "null", "-")), bounds, source.parent)


def run_long(
    source: Path,
    reading: Reading,
    arguments: Sequence[str],
    target: Path,
    bounds: Bounds,
    go_on: Callable[[float], bool],
) -> None:
    """This function will run ffmpeg for as long as it takes, giving way to everything else on the machine.

    `go_on` is called twice a second with how many seconds of the film are done; where it returns False the run is ended and
    `Interrupted` raised. Otherwise as `run_ffmpeg`.
    """
    progress = ("-progress", "pipe:1", "-nostats", "-stats_period", str(_LOOK_SECONDS))
    command = (*_QUIET, "-loglevel", "error", *progress, *reading.options, "-i", f"file:{source}", *arguments)
    with tempfile.TemporaryFile() as told:
        with subprocess.Popen(
            _bounded((*command, f"file:{target}"), bounds, before=_giving_way()),
            cwd=target.parent,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=told,
        ) as process:
            try:
                _watch(process, bounds, go_on)
            finally:
                process.kill()  # nothing, where it has ended
        if process.returncode != 0 or not target.is_file() or target.stat().st_size == 0:
            raise FfmpegFailed(_end_of(told))


def _watch(process: subprocess.Popen[bytes], bounds: Bounds, go_on: Callable[[float], bool]) -> None:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    until, done, read = time.monotonic() + bounds.seconds, 0.0, b""
    with selectors.DefaultSelector() as ready:
        ready.register(process.stdout, selectors.EVENT_READ)
        while True:
            if ready.select(_LOOK_SECONDS):
                chunk = os.read(process.stdout.fileno(), 1 << 16)
                if not chunk:
                    process.wait(_LAST_SECONDS)
                    return
                *lines, read = (read + chunk).split(b"\n")
                done = max([done, *_seconds_done(lines)])
            if not go_on(done):
                raise Interrupted
            if time.monotonic() > until:
                raise FfmpegFailed(f"not done after {bounds.seconds} s")


def _seconds_done(lines: Sequence[bytes]) -> list[float]:
    values = (line.partition(b"=")[2].strip() for line in lines if line.startswith(b"out_time_us="))
    return [int(value) / 1_000_000 for value in values if value.isdigit()]


def _end_of(told: IO[bytes]) -> str:
    told.seek(0, os.SEEK_END)
    told.seek(max(0, told.tell() - _TOLD_BYTES))
    return told.read().decode("utf-8", "replace")


@cache
def _giving_way() -> tuple[str, ...]:
    return tuple(word for command in _GIVING_WAY if shutil.which(command[0]) for word in command)


def _bounded(command: Sequence[str], bounds: Bounds, before: Sequence[str] = ()) -> tuple[str, ...]:
    program = find_ffmpeg()
    if program is None:
        raise FfmpegMissing
    limits = (str(MEMORY_BYTES >> 10), str(bounds.cpu_seconds), str(bounds.output_bytes >> 9))
    return ("/bin/sh", "-c", _LIMITED, "sh", *limits, *before, program, *command)


def _run_out(command: Sequence[str], bounds: Bounds, folder: Path) -> str:
    """This function will run ffmpeg to its end and return what it said; raises `FfmpegFailed` with the same."""
    try:
        ended = subprocess.run(
            _bounded(command, bounds),
            cwd=folder,
            env=_ENVIRONMENT,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=bounds.seconds,
        )
    except subprocess.TimeoutExpired as late:
        raise FfmpegFailed(f"not done after {bounds.seconds} s") from late
    told = ended.stderr[-_TOLD_BYTES:].decode("utf-8", "replace")
    if ended.returncode != 0:
        raise FfmpegFailed(told)
    return told
