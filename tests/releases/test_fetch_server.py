"""The public files over the sockets of a real gunicorn: framing, large files, slow clients, raw request lines.

Once with gunicorn's own worker, where all is WSGI, and once with the portal's, which goes a short way for small files.
"""

import hashlib
import http.client
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from portal.releases.store import PublicFolder

CHANNEL = "0123456789abcdef" * 2
CURRENT = f"/pub/channels/{CHANNEL}/current.json"
BLOCK = hashlib.sha256(b"video").digest()
VIDEO_BYTES = 96 * 1024 * 1024
MEMORY_GROWTH_KB = 24 * 1024
APP = """
from pathlib import Path
from portal.releases.fetch import PublicFiles

def behind(environ, start_response):
    start_response("418 I'm a teapot", [("Content-Length", "0")])
    return []

app = PublicFiles(Path({root!r}), behind)
"""


@dataclass(frozen=True)
class Server:
    """A gunicorn of one worker with four threads and the folder that it serves."""

    port: int
    pid: int
    pub: Path
    video: str

    def connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        connection = self.connection()
        try:
            connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in headers.items()})
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def raw(self, request: bytes) -> bytes:
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(request)
            received = b""
            while part := connection.recv(1 << 16):
                received += part
            return received

    def peak_memory(self) -> int:
        """The most memory that the worker has ever taken, in KB."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        lines = Path(f"/proc/{children[0]}/status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmHWM")))


def video_slice(start: int, end: int) -> bytes:
    first = start // len(BLOCK)
    return (BLOCK * ((end - start) // len(BLOCK) + 2))[start - first * len(BLOCK) :][: end - start]


@pytest.fixture(scope="module", params=["gthread", "portal.cli.public_worker.PublicWorker"], ids=["wsgi", "portal"])
def server(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("server")
    folder, video = PublicFolder(root / "pub"), root / "video"
    video.write_bytes(BLOCK * (VIDEO_BYTES // len(BLOCK)))
    with video.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    folder.put_asset(sha256, "mp4", video)
    folder.put_pointer(CHANNEL, b"{}", 1_700_000_000, b"signed")
    (root / "served.py").write_text(APP.format(root=str(root / "pub")))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--worker-class", request.param, "--threads", "4", "--log-level", "warning",
             "--bind", f"fd://{listener.fileno()}", "--pythonpath", str(root), "served:app"],
            pass_fds=(listener.fileno(),),
            cwd=Path(__file__).parents[2],
        )  # fmt: skip
        port = listener.getsockname()[1]
    try:
        yield Server(port, process.pid, root / "pub", f"/pub/assets/{sha256}.mp4")
    finally:
        process.terminate()
        process.wait(30)


@pytest.mark.parametrize(
    ("field", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=1000-1999", 1000, 2000),
        ("bytes=262143-524289", 262_143, 524_290),
        (f"bytes={VIDEO_BYTES - 7}-", VIDEO_BYTES - 7, VIDEO_BYTES),
        ("bytes=-5", VIDEO_BYTES - 5, VIDEO_BYTES),
        (f"bytes={VIDEO_BYTES - 3}-{VIDEO_BYTES + 100}", VIDEO_BYTES - 3, VIDEO_BYTES),
    ],
)
def test_range_over_the_socket_is_the_slice(server: Server, field: str, start: int, end: int) -> None:
    assert server.get(server.video, Range=field) == (206, video_slice(start, end))


def test_large_file_is_streamed_whole_and_in_little_memory(server: Server) -> None:
    server.get(CURRENT)
    before = server.peak_memory()

    whole = server.get(server.video)
    nearly_whole = server.get(server.video, Range=f"bytes=0-{VIDEO_BYTES - 2}")

    assert (whole[0], len(whole[1]), hashlib.sha256(whole[1]).hexdigest()) == (
        200,
        VIDEO_BYTES,
        Path(server.video).stem,
    )
    assert (nearly_whole[0], nearly_whole[1]) == (206, whole[1][:-1])
    assert server.peak_memory() - before < MEMORY_GROWTH_KB


def test_answers_on_one_connection_do_not_run_into_each_other(server: Server) -> None:
    connection = server.connection()
    asked = [
        ("HEAD", CURRENT, {}),
        ("GET", CURRENT, {"If-None-Match": "*"}),
        ("HEAD", server.video, {}),
        ("GET", server.video, {"Range": "bytes=5-9"}),
        ("GET", server.video, {"Range": f"bytes={VIDEO_BYTES}-"}),
        ("GET", "/pub/nothing", {}),
        ("DELETE", CURRENT, {}),
        ("GET", CURRENT, {}),
    ]

    answers = []
    for method, path, headers in asked:
        connection.request(method, path, headers=headers)
        answer = connection.getresponse()
        answers.append((answer.status, answer.read()))
    connection.close()

    assert answers == [
        (200, b""),
        (304, b""),
        (200, b""),
        (206, video_slice(5, 10)),
        (416, b"416 Range Not Satisfiable\n"),
        (404, b"404 Not Found\n"),
        (405, b"405 Method Not Allowed\n"),
        (200, b"{}"),
    ]


@pytest.mark.parametrize(
    "target",
    [
        "/pub/../served.py",
        "/pub/%2e%2e/served.py",
        "/pub/..%2fserved.py",
        "/pub/%2e%2e%2fserved.py",
        "/pub/assets/..%2f..%2fserved.py",
        "/pub/%252e%252e/served.py",
        "/pub/\\..\\served.py",
        "/pub//served.py",
        f"{CURRENT}%00",
        f"{CURRENT}%0a",
        "/pub/%ff%fe",
        "/pub/" + "../" * 50 + "etc/passwd",
    ],
)
def test_raw_targets_reach_nothing(server: Server, target: str) -> None:
    answer = server.raw(f"GET {target} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".encode())

    assert answer.partition(b"\r\n")[0] == b"HTTP/1.1 404 Not Found"


def test_encoded_letters_of_a_name_are_the_name(server: Server) -> None:
    assert server.get(CURRENT.replace("current", "%63urrent")) == (200, b"{}")


def test_slow_readers_of_a_large_file_leave_room_for_pointers(server: Server) -> None:
    slow = [socket.create_connection(("127.0.0.1", server.port), timeout=30) for _ in range(3)]
    for connection in slow:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.sendall(f"GET {server.video} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        connection.recv(100)

    started = time.monotonic()
    answers = {server.get(CURRENT) for _ in range(20)}

    assert answers == {(200, b"{}")}
    assert time.monotonic() - started < 5
    for connection in slow:
        connection.close()


def test_client_that_leaves_in_the_middle_leaves_no_file_open(server: Server) -> None:
    children = Path(f"/proc/{server.pid}/task/{server.pid}/children").read_text().split()
    for field in ("bytes=0-", f"bytes=0-{VIDEO_BYTES - 2}"):
        for _ in range(5):
            with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
                connection.sendall(f"GET {server.video} HTTP/1.1\r\nHost: x\r\nRange: {field}\r\n\r\n".encode())
                connection.recv(1000)
    server.get(CURRENT)

    def open_videos() -> int:
        links = Path(f"/proc/{children[0]}/fd").iterdir()
        return sum(os.path.realpath(link).endswith(".mp4") for link in links)

    deadline = time.monotonic() + 20
    while open_videos() and time.monotonic() < deadline:
        time.sleep(0.1)
    assert open_videos() == 0


def test_new_pointer_is_seen_by_the_next_request_on_the_same_connection(server: Server) -> None:
    connection = server.connection()
    bodies = []
    for number in range(3):
        PublicFolder(server.pub).put_pointer("f" * 32, b"%d" % number, 1_700_000_000, b"signed")
        connection.request("GET", f"/pub/channels/{'f' * 32}/current.json")
        bodies.append(connection.getresponse().read())
    connection.close()

    assert bodies == [b"0", b"1", b"2"]
