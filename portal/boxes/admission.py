"""How many calls of boxes a process answers at once: so many that some of its threads are always left for people.

Whoever finds no place waits for one, a moment and only while few others do: a busy disk or a page that takes long lets calls come close
upon each other that are all answered soon. After an outage a whole fleet calls within a second. Whoever finds no room to wait, or waits in vain, is sent away before anything is read or looked up, with a
moment of its own to come back at, so that the fleet returns spread out; nothing of the call was kept, and the box makes it again. It is
given a nonce too: after an outage nobody has a good one, and the next call is then the last.
"""

import json
import random
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from threading import Event, Lock
from typing import Final
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portal.boxes.nonces import new_nonce
from portal.core import clock, metrics

PREFIX: Final = "/box/v1/"
COME_BACK: Final = (5, 30)
"""Between so many seconds a box that found no place is told to come back."""

PATIENCE: Final = 0.15
"""For so many seconds a box waits for a place."""

_LONGEST: Final = 16 * 1024
_PROBLEM: Final = {
    "type": "about:blank",
    "title": "Service Unavailable",
    "status": 503,
    "code": "unavailable",
    "detail": "Too many boxes call at this moment.",
}
_BODY: Final = json.dumps(_PROBLEM).encode()


def places_of(threads: int) -> int:
    """This function will return how many of a process's threads boxes may take: all but a quarter, and never less than one."""
    return max(1, threads - max(1, threads // 4))


def room_beside(threads: int) -> int:
    """This function will return how many boxes may wait for a place: each holds a thread, which the server has beside `threads`, and does nothing with it."""
    return 2 * threads


class BoxAdmission:
    """Hands calls of boxes on to `app` while one of `places` is free, and everything else always; `room` of them may wait for a place."""

    def __init__(self, app: WSGIApplication, places: int, room: int = 0, patience: float = PATIENCE) -> None:
        self._app = app
        self._free = places
        self._room, self._patience = room, patience
        self._waiting: deque[Event] = deque()
        self._lock = Lock()

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """This function will answer one request as PEP 3333 says."""
        if not environ.get("PATH_INFO", "").startswith(PREFIX):
            return self._app(environ, start_response)
        if not self._enter():
            metrics.count_turned_away()
            return _sent_away(environ, start_response)
        try:
            answer = self._app(environ, start_response)
        except BaseException:
            self._leave()
            raise
        return _Answer(answer, self._leave)

    def _enter(self) -> bool:
        with self._lock:
            if self._free > 0:
                self._free -= 1
                return True
            if len(self._waiting) >= self._room:
                return False
            turn = Event()
            self._waiting.append(turn)
        if turn.wait(self._patience):
            return True
        with self._lock:
            if turn.is_set():  # it was given a place at the last moment
                return True
            self._waiting.remove(turn)
            return False

    def _leave(self) -> None:
        """Whoever waits longest has the place."""
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._free += 1


class _Answer:
    """The body of an answer; the place is free again when the server has closed it."""

    def __init__(self, parts: Iterable[bytes], leave: Callable[[], None]) -> None:
        self._parts, self._leave = parts, leave

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """This function will close the body and give the place back."""
        try:
            if (close := getattr(self._parts, "close", None)) is not None:
                close()
        finally:
            self._leave()


def _sent_away(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    headers = [
        ("Content-Type", "application/problem+json"),
        ("Content-Length", str(len(_BODY))),
        ("Retry-After", str(random.randint(*COME_BACK))),  # noqa: S311 - it has to be spread, not secret
        ("DPoP-Nonce", new_nonce(clock.now())),
        ("Cache-Control", "no-store"),
        ("X-Content-Type-Options", "nosniff"),
    ]
    if not environ.get("CONTENT_LENGTH", "").isdigit() or int(environ["CONTENT_LENGTH"]) > _LONGEST:
        headers.append(("Connection", "close"))  # the server would have to read all that was sent
    start_response("503 Service Unavailable", headers)
    return (_BODY,)
