"""Counting in Redis, for every process of every machine.

Redis gone means that each process counts alone, not that nothing is counted. It is left alone for some seconds then, so that not every
request waits for it.
"""

import time

from redis import Redis, RedisError

from portal.core.counting import WINDOW_SECONDS, Counts, window
from portal.core.logs import get_logger

_PATIENCE_SECONDS = 0.5
_LEFT_ALONE_SECONDS = 5.0
_PREFIX = "zone-portal:"

_log = get_logger()


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
        key = f"{_PREFIX}{window()}:{subject}"
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


def shared_with(url: str, local: Counts) -> SharedCounts:
    """This function will return what counts in the Redis at `url`, and beside it in `local`."""
    return SharedCounts(open_redis(url), local)
