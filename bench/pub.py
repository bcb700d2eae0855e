"""The path of the boxes: pointer 304 and release 200 below /pub/, as a ratio to a bare Flask view on the same server.

Once of one tenant, and once of a thousand at random, whose pointers and documents are all different.

`python -m bench.pub` ends with 1 when a ratio is below the one promised, or an answer is wrong.
"""

import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from bench.harness import against_reference, fsync_milliseconds, report
from bench.load import Asked, Load, load_process
from bench.reference import ENTERPRISE, ROOT, reference_document
from portal.releases.document import document_bytes
from portal.releases.pointer import VALIDITY, Pointer, PointerGroup, moment_text, pointer_bytes
from portal.releases.public_gzip import gzip_of
from portal.releases.public_names import document_path, pointer_path
from portal.releases.store import PublicFolder

TENANTS = 1_000
CHANNEL = hashlib.sha256(b"bench").hexdigest()[:32]
PROMISED = 1.5
SECONDS, ROUNDS = 0.5, 15


@dataclass(frozen=True, slots=True)
class Figure:
    """What is measured, against which reference, and the ratio that is promised (None: shown only)."""

    name: str
    measured: Load
    reference: Load
    promised: float | None = PROMISED


def main() -> int:
    """This function will measure, print one line per figure and return the exit code."""
    document = document_bytes(reference_document())
    digest = hashlib.sha256(document).hexdigest()
    pointer = pointer_to(digest, len(document))
    with tempfile.TemporaryDirectory() as name, ExitStack() as stack:
        folder = Path(name)
        publish(folder, document, pointer)
        many = _tenants(folder)
        ports = {app: stack.enter_context(server(app, folder, digest)) for app in ("portal", "bare", "plain")}
        drive = stack.enter_context(load_process())
        facts = {"bytes": len(document), "rows": 0, "database": "none", "fsync": f"{fsync_milliseconds(folder):.2f}ms"}
        ratios = {}
        for figure in (*_figures(document, pointer, ports), *_of_many(many, document, pointer, ports)):
            run, reference = partial(drive, figure.measured, SECONDS), partial(drive, figure.reference, SECONDS)
            value, ratios[figure] = against_reference(run, reference, ROUNDS)
            report(figure.name, value, "requests/s", ratios[figure], **facts)
    return int(any(figure.promised is not None and ratio < figure.promised for figure, ratio in ratios.items()))


def publish(folder: Path, document: bytes, pointer: bytes) -> None:
    """This function will put a document and the pointer of the channel into a public folder."""
    PublicFolder(folder).put_document(hashlib.sha256(document).hexdigest(), document)
    PublicFolder(folder).put_pointer(CHANNEL, pointer, int(time.time()), b"signed")


@dataclass(frozen=True, slots=True)
class Published:
    """One tenant's files."""

    channel: str
    pointer: bytes
    document: bytes


def _tenants(folder: Path) -> list[Published]:
    """Many tenants, each with the reference document under a name of its own; written without forcing, as only reading counts."""
    return [_publish(folder, number) for number in range(TENANTS)]


def _publish(folder: Path, number: int) -> Published:
    channel = hashlib.sha256(b"bench %d" % number).hexdigest()[:32]
    document = document_bytes(
        reference_document() | {"enterprise": {"id": f"{10**11 + number}", "name": ENTERPRISE.name}}
    )
    digest = hashlib.sha256(document).hexdigest()
    pointer = pointer_to(digest, len(document), channel)
    for path, data in ((document_path(digest), document), (pointer_path(channel), pointer)):
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    (folder / f"{document_path(digest)}.gz").write_bytes(gzip_of(document))
    return Published(channel, pointer, document)


def _of_many(many: list[Published], document: bytes, pointer: bytes, ports: dict[str, int]) -> tuple[Figure, ...]:
    pointers = tuple(Asked(f"/pub/{pointer_path(one.channel)}", b"", _held(one.pointer)) for one in many)
    releases = tuple(
        Asked(f"/pub/{document_path(hashlib.sha256(one.document).hexdigest())}", one.document) for one in many
    )
    return (
        Figure(
            f"pub pointer 304, {TENANTS:,} tenants",
            Load(ports["portal"], 304, pointers),
            Load(ports["bare"], 200, (Asked("/pointer", pointer, _held(pointer)),)),
        ),
        Figure(
            f"pub release 200, {TENANTS:,} tenants",
            Load(ports["portal"], 200, releases),
            Load(ports["bare"], 200, (Asked("/document", document),)),
        ),
    )


def _held(pointer: bytes) -> tuple[str, ...]:
    return (f'If-None-Match: "{hashlib.sha256(pointer).hexdigest()[:32]}"',)


def pointer_to(digest: str, size: int, channel: str = CHANNEL) -> bytes:
    """This function will return the bytes of the channel's pointer to a document."""
    now = datetime.now(UTC)
    fields = {
        "schema": "pointer/1",
        "enterprise_id": ENTERPRISE.id,
        "channel": channel,
        "group": PointerGroup(id=ROOT, name=ENTERPRISE.name),
        "sequence": 7,
        "release": digest,
        "url": f"/pub/{document_path(digest)}",
        "bytes": size,
        "release_number": 7,
        "previous": None,
        "compiled_at": moment_text(now),
        "published_at": moment_text(now),
        "valid_until": moment_text(now + VALIDITY),
    }
    return pointer_bytes(Pointer.model_validate(fields))


def _figures(document: bytes, pointer: bytes, ports: dict[str, int]) -> tuple[Figure, ...]:
    """Measured and reference get the same request fields, because the server's parsing of them is part of both."""
    release = f"/pub/{document_path(hashlib.sha256(document).hexdigest())}"
    held = _held(pointer)
    gzip = ("Accept-Encoding: gzip",)
    bare = Load(ports["bare"], 200, (Asked("/document", document),))
    return (
        Figure(
            "pub pointer 304",
            Load(ports["portal"], 304, (Asked(f"/pub/{pointer_path(CHANNEL)}", b"", held),)),
            Load(ports["bare"], 200, (Asked("/pointer", pointer, held),)),
        ),
        Figure("pub release 200", Load(ports["portal"], 200, (Asked(release, document),)), bare),
        Figure(
            "pub release 200 gzip",
            Load(ports["portal"], 200, (Asked(release, gzip_of(document), gzip),)),
            Load(ports["bare"], 200, (Asked("/document.gz", gzip_of(document), gzip),)),
        ),
        Figure("pub nothing but WSGI", Load(ports["plain"], 200, (Asked("/", document),)), bare, promised=None),
    )


@contextmanager
def server(app: str, folder: Path, digest: str) -> Iterator[int]:
    """This function will run a gunicorn of one worker with four threads, as the portal runs it, on a free port of loopback, and give the port."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(128)
        listener.set_inheritable(True)
        port = int(listener.getsockname()[1])
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--worker-class", "portal.cli.public_worker.PublicWorker", "--workers", "1", "--threads", "4",
             "--keep-alive", "30", "--log-level", "warning", "--no-control-socket", "--bind", f"fd://{listener.fileno()}", f"bench.pub_apps:{app}"],
            env=os.environ | {"BENCH_PUBLIC_DIR": str(folder), "BENCH_DOCUMENT": digest, "BENCH_CHANNEL": CHANNEL},
            pass_fds=(listener.fileno(),),
        )  # fmt: skip
    try:
        yield port
    finally:
        process.terminate()
        process.wait(10)


if __name__ == "__main__":
    sys.exit(main())
