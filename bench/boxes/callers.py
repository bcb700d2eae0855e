"""Boxes that call a server over many kept connections, in a process of their own; every call is signed before the clock runs."""

import heapq
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context

from bench.boxes.calls import Call
from bench.harness import WrongAnswer

_PATIENCE = 60.0


@dataclass(frozen=True)
class Answered:
    """One answer: which call, its status, when it came, how long it took from the moment at which it was due, and `Retry-After`."""

    index: int
    status: int
    at: float
    seconds: float
    retry_after: int = 0
    nonce: str = ""


@dataclass
class _Line:
    """One connection, open while `sock` is there, and the call that is under way on it."""

    sock: socket.socket | None = None
    index: int = -1
    due: float = 0.0
    data: bytearray = field(default_factory=bytearray)


class Callers:
    """Makes calls when they are due; what is late counts from when it was due."""

    def __init__(self, port: int, lines: int) -> None:
        self._port = port
        self._selector = selectors.DefaultSelector()
        self._free = deque(_Line() for _ in range(lines))

    def run(
        self, calls: Sequence[Call], due: Sequence[float], again: Callable[[Answered], tuple[float, Call] | None]
    ) -> list[Answered]:
        """This function will make each call so many seconds from now and return all answers in the order in which they came.

        `again` is asked after each answer whether the box calls once more: in so many seconds, and with which call.
        """
        self._calls = list(calls)
        self._waiting = [(at, index) for index, at in enumerate(due)]
        heapq.heapify(self._waiting)
        answers: list[Answered] = []
        self._began = time.perf_counter()
        busy, last = 0, self._began
        while busy or self._waiting:
            now = time.perf_counter()
            while self._waiting and self._free and self._waiting[0][0] <= now - self._began:
                at, index = heapq.heappop(self._waiting)
                self._send(self._free.popleft(), index, self._began + at)
                busy += 1
            for line in self._readable():
                if (answer := self._read(line)) is not None:
                    answers.append(answer)
                    busy, last = busy - 1, time.perf_counter()
                    if (more := again(answer)) is not None:
                        self._calls.append(more[1])
                        heapq.heappush(self._waiting, (answer.at + more[0], len(self._calls) - 1))
            if busy and time.perf_counter() - max(last, now) > _PATIENCE:
                raise WrongAnswer(f"{busy} calls were not answered within {_PATIENCE:g} s")
        return answers

    def _readable(self) -> Iterator[_Line]:
        wait = 0.2
        if self._waiting and self._free:
            wait = max(0.0, min(wait, self._waiting[0][0] - (time.perf_counter() - self._began)))
        for key, _ in self._selector.select(wait):
            yield key.data

    def _open(self, line: _Line) -> socket.socket:
        line.sock = socket.create_connection(("127.0.0.1", self._port), timeout=_PATIENCE)
        line.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._selector.register(line.sock, selectors.EVENT_READ, line)
        return line.sock

    def _close(self, line: _Line) -> None:
        if line.sock is not None:
            self._selector.unregister(line.sock)
            line.sock.close()
            line.sock = None

    def _send(self, line: _Line, index: int, due: float) -> None:
        line.index, line.due = index, due
        line.data.clear()
        (line.sock or self._open(line)).sendall(self._calls[index].request)

    def _read(self, line: _Line) -> Answered | None:
        got = line.sock.recv(1 << 16) if line.sock is not None else b""
        if (
            line.index < 0 or not got
        ):  # the server let go of a connection that was kept, perhaps as a call was sent on it
            self._close(line)
            if line.index >= 0:
                self._send(line, line.index, line.due)
            return None
        line.data += got
        head, end, body = bytes(line.data).partition(b"\r\n\r\n")
        if not end:
            return None
        told = {
            name.strip().lower(): value.strip()
            for name, _, value in (one.partition(":") for one in head.decode().split("\r\n")[1:])
        }
        if len(body) < int(told.get("content-length", "0")):
            return None
        now = time.perf_counter()
        answer = Answered(
            line.index,
            int(head[9:12]),
            now - self._began,
            now - line.due,
            int(told.get("retry-after", "0")),
            told.get("dpop-nonce", ""),
        )
        line.index = -1
        if told.get("connection") == "close":
            self._close(line)
        self._free.append(line)
        return answer


def never(_answer: Answered) -> None:
    """This function will have no box call again."""


@contextmanager
def beside() -> Iterator[Callable[..., Callable[[], list[Answered]]]]:
    """This function will start a process and yield what begins a load in it: that takes a function and its arguments, and returns what waits for the answers."""
    with get_context("spawn").Pool(1) as pool:

        def begin(load: Callable[..., list[Answered]], *arguments: object) -> Callable[[], list[Answered]]:
            return pool.apply_async(load, arguments).get

        yield begin
