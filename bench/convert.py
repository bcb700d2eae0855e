"""Converting a video: how long a minute of 1080p takes alone, and what boxes feel of it while it runs.

`python -m bench.convert` ends with 1 when the minute takes longer than a minute, or when the 95th percentile of fetches at a fixed 500 a second
is more than twice the quiet one.
"""

import hashlib
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from bench.harness import fsync_milliseconds, report
from bench.load import Asked, Load, paced_process
from bench.pub import CHANNEL, pointer_to, publish, server
from bench.reference import reference_document
from portal.media.ffmpeg import Interrupted, find_ffmpeg
from portal.media.sources import look_at
from portal.media.video import convert_video
from portal.releases.document import document_bytes
from portal.releases.public_names import pointer_path

SECONDS, MOST_SECONDS = 60, 60.0
RATE, LOADED_SECONDS = 500, 12.0
TIMES_QUIET = 2.0
_ROUNDS = 3

# A picture with movement and noise, as a camera's: a still one would flatter the encoder.
_CLIP = (
    *(
        "-f",
        "lavfi",
        "-i",
        f"testsrc2=size=1920x1080:rate=30:duration={SECONDS}",
        "-f",
        "lavfi",
        "-i",
        f"sine=duration={SECONDS}",
    ),
    *(
        "-vf",
        "noise=alls=6:allf=t",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-b:v",
        "8M",
        "-pix_fmt",
        "yuv420p",
        "-c:a",
        "aac",
    ),
)


def main() -> int:
    """This function will measure, print one line per figure and return the exit code."""
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        clip = _clip(folder)
        facts = {"clip": f"{clip.stat().st_size >> 20}MiB", "fsync": f"{fsync_milliseconds(folder):.2f}ms"}
        before = _processor_seconds()
        alone = _convert(clip, folder / "alone", threading.Event())
        facts["processor"] = f"{_processor_seconds() - before:.1f}s"
        report("convert 60 s of 1080p alone", alone, "s", alone / MOST_SECONDS, **facts)
        load = stack.enter_context(_boxes(folder))
        drive = stack.enter_context(paced_process())
        ratio, beside = _beside(partial(drive, load, RATE, LOADED_SECONDS), clip, folder)
        report("fetches beside a conversion, p95", beside, "ms", ratio, rate=RATE, **facts)
    return int(alone > MOST_SECONDS or ratio > TIMES_QUIET)


def _processor_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _beside(drive: Callable[[], float], clip: Path, folder: Path) -> tuple[float, float]:
    """This function will return the p95 beside a conversion, against the quiet one and in milliseconds: the median of some rounds."""
    pairs = []
    for number in range(_ROUNDS):
        quiet = drive()
        stop = threading.Event()
        running = threading.Thread(target=_convert, args=(clip, folder / str(number), stop))
        running.start()
        time.sleep(1)
        loaded = drive()
        stop.set()
        running.join()
        pairs.append((loaded / quiet, loaded))
    return sorted(pairs)[len(pairs) // 2]


def _convert(clip: Path, folder: Path, stop: threading.Event) -> float:
    folder.mkdir()
    started = time.perf_counter()
    try:
        made = convert_video(clip, look_at(clip), folder, lambda done: not stop.is_set())
    except Interrupted:
        return 0.0
    assert abs(made.info.seconds - SECONDS) < 1, made.info
    return time.perf_counter() - started


@contextmanager
def _boxes(folder: Path) -> Iterator[Load]:
    """A public folder behind a server, and what boxes ask of it most: the pointer, when nothing changed."""
    document = document_bytes(reference_document())
    digest = hashlib.sha256(document).hexdigest()
    pointer, public = pointer_to(digest, len(document)), folder / "pub"
    public.mkdir()
    publish(public, document, pointer)
    held = (f'If-None-Match: "{hashlib.sha256(pointer).hexdigest()[:32]}"',)
    with server("portal", public, digest) as port:
        yield Load(port, 304, (Asked(f"/pub/{pointer_path(CHANNEL)}", b"", held),))


def _clip(folder: Path) -> Path:
    program = find_ffmpeg()
    assert program is not None, "no ffmpeg is on this machine"
    path = folder / "clip.mp4"
    subprocess.run([program, "-nostdin", "-loglevel", "error", "-y", *_CLIP, str(path)], check=True)
    return path


if __name__ == "__main__":
    sys.exit(main())
