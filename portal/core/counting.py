"""Counting how often something happens within a minute: in this process, or in Redis, for every process of every machine.

Redis gone means that each process counts alone, not that nothing is counted. It is left alone for some seconds then, so that not every
request waits for it.
"""

import threading
import time
from typing import Protocol

from redis import Redis, RedisError

from portal.core import clock
from portal.core.logs import get_logger

WINDOW_SECONDS = 60
_PATIENCE_SECONDS = 0.5
_LEFT_ALONE_SECONDS = 5.0
_PREFIX = "zone-portal:"

_log = get_logger()


class Counts(Protocol):
    """Something that counts."""

    def count(self, subject: str) -> int:
        """This function will count `subject` once more and return how often it was counted in the current minute."""


class LocalCounts:
    """Counts of this process; those of a minute are forgotten with the next one."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._window = 0
        self._counts: dict[str, int] = {}

    def count(self, subject: str) -> int:
        """This function will do what `Counts.count` says."""
        with self._lock:
            if self._window != _window():
                self._window, self._counts = _window(), {}
            self._counts[subject] = self._counts.get(subject, 0) + 1
            return self._counts[subject]


class SharedCounts:
    """Counts in Redis; `local` counts as well, and alone where Redis does not answer."""

    def __init__(self, redis: Redis, local: Counts) -> None:
        self._redis = redis
        self._local = local
        self._back_at = 0.0

    def count(self, subject: str) -> int:
        """This function will do what `Counts.count` says."""
        alone = self._local.count(subject)
        if time.monotonic() < self._back_at:
            return alone
        try:
            return max(alone, self._count(subject))
        except RedisError as error:
            self._back_at = time.monotonic() + _LEFT_ALONE_SECONDS
            _log.warning("redis does not answer, each process counts alone", error=str(error))
            return alone

    def _count(self, subject: str) -> int:
        key = f"{_PREFIX}{_window()}:{subject}"
        with self._redis.pipeline() as both:
            both.incr(key)
            both.expire(key, 2 * WINDOW_SECONDS)
            return int(both.execute()[0])


def open_redis(url: str) -> Redis:
    """This function will return a client of the Redis at `url`, which waits only a little; it connects when it is used."""
    return Redis.from_url(url, socket_timeout=_PATIENCE_SECONDS, socket_connect_timeout=_PATIENCE_SECONDS)


class RedisAway(Exception):
    """Redis does not answer, or not to us."""


def check_redis(url: str) -> None:
    """This function will raise `RedisAway`, with the reason, where the Redis at `url` does not answer."""
    try:
        open_redis(url).ping()
    except RedisError as error:
        raise RedisAway(str(error)) from error


def counts_for(redis_url: str | None) -> Counts:
    """This function will return what counts in this installation."""
    local = LocalCounts()
    return local if redis_url is None else SharedCounts(open_redis(redis_url), local)


def seconds_left() -> int:
    """This function will return in how many seconds the current minute is over."""
    return WINDOW_SECONDS - int(clock.now().timestamp()) % WINDOW_SECONDS


def _window() -> int:
    return int(clock.now().timestamp()) // WINDOW_SECONDS
