"""A load generator in a process of its own: a few kept connections, each answer compared byte for byte."""

import random
import socket
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

from bench.harness import WrongAnswer

_PATIENCE = 5
"""Seconds after which an answer that has not come whole is a wrong one."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, and the body that its answer must have."""

    path: str
    body: bytes
    headers: tuple[str, ...] = ()

    @property
    def request(self) -> bytes:
        """The bytes of the request."""
        lines = (f"GET {self.path} HTTP/1.1", "Host: localhost", *self.headers)
        return ("\r\n".join(lines) + "\r\n\r\n").encode("ascii")


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked over and over of a server on loopback: one thing, or several at random whose answers are all as long."""

    port: int
    status: int
    asked: tuple[Asked, ...]
    connections: int = 4


@contextmanager
def load_process() -> Iterator[Callable[[Load, float], float]]:
    """This function will start the process and yield what drives a server with it.

    That takes a load and seconds and returns how many right answers came a second. Raises WrongAnswer.
    """
    with get_context("spawn").Pool(1) as pool:
        yield lambda load, seconds: pool.apply(_drive, (load, seconds))


@contextmanager
def paced_process() -> Iterator[Callable[[Load, int, float], float]]:
    """This function will start the process and yield what asks a server at a fixed rate.

    That takes a load, requests a second and seconds, and returns the 95th percentile of the answers' times in milliseconds, each counted from
    the moment at which it was to be asked: an answer that is late makes those behind it late too. Raises WrongAnswer.
    """
    with get_context("spawn").Pool(1) as pool:
        yield lambda load, rate, seconds: pool.apply(_pace, (load, rate, seconds))


def _pace(load: Load, rate: int, seconds: float) -> float:
    connection = _connect(load.port)
    try:
        length = _first_answer(connection, load)
        first, buffer, times = load.asked[0], bytearray(length), []
        started = time.perf_counter()
        for number in range(int(rate * seconds)):
            due = started + number / rate
            if (early := due - time.perf_counter()) > 0:
                time.sleep(early)
            connection.sendall(first.request)
            received = connection.recv_into(buffer, length, socket.MSG_WAITALL)
            _check(buffer if received == length else buffer[:received], length, load.status, first)
            times.append(time.perf_counter() - due)
        return sorted(times)[int(len(times) * 0.95)] * 1000
    finally:
        connection.close()


def _drive(load: Load, seconds: float) -> float:
    connections = [_connect(load.port) for _ in range(load.connections)]
    try:
        length = _first_answer(connections[0], load)
        for each in load.asked:  # what a server keeps in memory it has to have met once
            _ask(connections[0], each, bytearray(length), load.status)
        _count(load, connections, length, seconds / 10)
        return _count(load, connections, length, seconds) / seconds
    finally:
        for connection in connections:
            connection.close()


def _connect(port: int) -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port))
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _PATIENCE, 0))
    return connection


def _first_answer(connection: socket.socket, load: Load) -> int:
    """Ask once and return the length of the whole answer, head included: all others are as long, as a date's length is fixed."""
    first = load.asked[0]
    connection.sendall(first.request)
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += _some(connection, load)
    length = answer.index(b"\r\n\r\n") + 4 + len(first.body)
    while len(answer) < length:
        answer += _some(connection, load)
    _check(answer, length, load.status, first)
    return length


def _some(connection: socket.socket, load: Load) -> bytes:
    received = connection.recv(1 << 16)
    if not received:
        raise WrongAnswer(f"{load.asked[0].path}: the connection ended")
    return received


def _count(load: Load, connections: list[socket.socket], length: int, seconds: float) -> int:
    requests, buffer = [(each, each.request) for each in load.asked], bytearray(length)
    dice = random.Random(20261127)  # noqa: S311 - the same order in every run
    answered, end = 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        chosen = dice.choices(requests, k=len(connections)) if len(requests) > 1 else requests * len(connections)
        for connection, (_, request) in zip(connections, chosen, strict=True):
            connection.sendall(request)
        for connection, (each, _) in zip(connections, chosen, strict=True):
            _take(connection, each, buffer, load.status)
        answered += len(connections)
    return answered


def _ask(connection: socket.socket, each: Asked, buffer: bytearray, status: int) -> None:
    connection.sendall(each.request)
    _take(connection, each, buffer, status)


def _take(connection: socket.socket, each: Asked, buffer: bytearray, status: int) -> None:
    """One system call for a whole answer, so that this side is never the slower one."""
    received = connection.recv_into(buffer, len(buffer), socket.MSG_WAITALL)
    _check(buffer if received == len(buffer) else buffer[:received], len(buffer), status, each)


def _check(answer: bytes | bytearray, length: int, status: int, each: Asked) -> None:
    start = length - len(each.body)
    if len(answer) != length or answer[9:12] != b"%d" % status or answer[start:] != each.body:
        raise WrongAnswer(f"{each.path}: {bytes(answer[:start])!r} and {len(answer) - start} bytes of body")
