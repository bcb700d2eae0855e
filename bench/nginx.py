"""The public folder behind the nginx of deploy/, as a ratio to a bare nginx with the same file: pointer 304, document 200 and gzip, picture.

Both stand in one process with as many workers, on plain http, and are asked in turn; TLS costs the same for either and is left out.
"""

import hashlib
import os
import shutil
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from bench.boxes.server import free_port
from bench.harness import WrongAnswer, against_reference, fsync_milliseconds, report
from bench.load import Asked, Load, load_process
from bench.pub import CHANNEL, pointer_to, publish
from bench.reference import reference_document
from portal.core.settings import PROJECT_ROOT
from portal.releases.document import document_bytes
from portal.releases.public_gzip import gzip_of
from portal.releases.public_names import document_path, pointer_path

LEAST = 0.95
SECONDS, ROUNDS = 0.5, 15
_DEPLOY = PROJECT_ROOT / "deploy" / "nginx"
_PATH = "/usr/sbin:/usr/bin:/bin"
_PICTURE = b"\xff\xd8" + bytes(210_000)


def main() -> int:
    """This function will print one line per figure and return 1 where a ratio is below the one promised."""
    document = document_bytes(reference_document())
    digest = hashlib.sha256(document).hexdigest()
    pointer = pointer_to(digest, len(document))
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        publish(folder / "pub", document, pointer)
        picture = folder / "pub" / "assets" / f"{'ab' * 32}.jpg"
        picture.parent.mkdir(parents=True)
        picture.write_bytes(_PICTURE)
        fsync = fsync_milliseconds(folder)
        with nginx(folder) as (ours, bare), load_process() as drive:
            tag = _tag_of(bare, f"/pub/{pointer_path(CHANNEL)}")
            asked = {
                "pointer 304": (304, Asked(f"/pub/{pointer_path(CHANNEL)}", b"", (f"If-None-Match: {tag}",))),
                "pointer 200": (200, Asked(f"/pub/{pointer_path(CHANNEL)}", pointer)),
                "release 200": (200, Asked(f"/pub/{document_path(digest)}", document)),
                "release 200 gzip": (
                    200,
                    Asked(f"/pub/{document_path(digest)}", gzip_of(document), ("Accept-Encoding: gzip",)),
                ),
                "picture 200": (200, Asked(f"/pub/assets/{picture.name}", _PICTURE)),
            }
            ratios = []
            for figure, (status, request) in asked.items():
                runs = [partial(drive, Load(port, status, (request,)), SECONDS) for port in (ours, bare)]
                rate, ratio = against_reference(runs[0], runs[1], ROUNDS)
                ratios.append(ratio)
                facts = {
                    "bound": LEAST,
                    "bytes": len(request.body),
                    "rows": 0,
                    "database": "none",
                    "fsync": f"{fsync:.2f}ms",
                }
                report(
                    f"pub through nginx, {figure}", rate, "requests/s", ratio, **facts, load=f"{os.getloadavg()[0]:.1f}"
                )
    return int(min(ratios) < LEAST)


@contextmanager
def nginx(folder: Path) -> Iterator[tuple[int, int]]:
    """This function will run one nginx on the folder with two servers, ours and a bare one, and give their ports."""
    ours, bare = free_port(), free_port()
    for name in ("pub.conf", "pub-file.conf"):
        text = (
            (_DEPLOY / name)
            .read_text()
            .replace("/etc/nginx/portal/", f"{folder}/")
            .replace("/srv/portal/", f"{folder}/")
        )
        (folder / name).write_text(text)
    temporary = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    # What is beside the location of a file counts for both: one server with the portal's locations, one with a root alone.
    (folder / "nginx.conf").write_text(
        f"daemon off; {'user root;' if os.geteuid() == 0 else ''} worker_processes 1; pid {folder}/nginx.pid;\n"
        f"error_log {folder}/error.log; events {{}}\n"
        f"http {{ {temporary} access_log off; keepalive_requests 1000000; server_tokens off; sendfile on;\n"
        f"server {{ listen 127.0.0.1:{ours}; include {folder}/pub.conf; }}\n"
        f"server {{ listen 127.0.0.1:{bare}; default_type application/json; gzip_static on; root {folder}; }} }}\n"
    )
    process = subprocess.Popen(
        [shutil.which("nginx", path=_PATH) or "nginx", "-p", str(folder), "-c", str(folder / "nginx.conf")],
        env={"PATH": _PATH},
    )
    try:
        _wait_for(ours)
        yield ours, bare
    finally:
        process.terminate()
        process.wait(30)


def _wait_for(port: int) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/pub/{pointer_path(CHANNEL)}", timeout=5).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise WrongAnswer("nginx does not start")


def _tag_of(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5) as answer:
        return str(answer.headers["ETag"])


if __name__ == "__main__":
    raise SystemExit(main())
