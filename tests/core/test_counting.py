"""Counts of one process and of all: in Redis for real, over TLS, and alone when it is gone."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from redis import Redis, RedisError

from portal.core import counting, shared_counts
from portal.core.counting import LocalCounts, counts_for, seconds_left
from portal.core.shared_counts import SharedCounts, open_redis
from tests.releases.test_push import certificate
from tests.services import needs_service
from tests.world.redis import Place, redis_server

NOON = datetime(2027, 3, 9, 4, 0, 20, tzinfo=UTC)


def test_local_counts_are_forgotten_with_the_minute() -> None:
    counts = LocalCounts()
    with time_machine.travel(NOON, tick=False) as traveller:
        counted = [counts.count("a"), counts.count("a"), counts.count("b")]
        left = seconds_left()
        traveller.shift(timedelta(seconds=left))

        assert (counted, left, counts.count("a")) == ([1, 2, 1], 40, 1)


def test_without_redis_each_process_counts_alone() -> None:
    assert isinstance(counts_for(None), LocalCounts)


@needs_service("redis")
def test_two_processes_count_together_and_redis_forgets(tmp_path: Path) -> None:
    with redis_server(tmp_path) as place, Redis.from_url(place.url) as client:
        one, other = counts_for(place.url), counts_for(place.url)

        counted = [one.count("a"), other.count("a"), one.count("a"), other.count("b")]

        assert counted == [1, 2, 3, 1]
        lives = [client.ttl(key) for key in client.keys("zone-portal:*")]
        assert lives
        assert all(0 < seconds <= 2 * counting.WINDOW_SECONDS for seconds in lives)


@needs_service("redis")
def test_redis_is_spoken_to_over_tls_with_its_certificate_proven(tmp_path: Path) -> None:
    known, stranger = tmp_path / "known", tmp_path / "stranger"
    known.mkdir()
    stranger.mkdir()
    with redis_server(tmp_path, certificate(known)) as place:
        assert open_redis(place.url).ping()
        assert [counts_for(place.url).count("a"), counts_for(place.url).count("a")] == [1, 2]
        with pytest.raises(RedisError):
            open_redis(Place(place.port, certificate(stranger)).url).ping()


@needs_service("redis")
def test_redis_that_goes_leaves_the_local_count_and_is_asked_again_when_it_is_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_counts, "_LEFT_ALONE_SECONDS", 0.0)
    with redis_server(tmp_path) as place:
        counts = counts_for(place.url)
        before = [counts.count("a"), counts.count("a")]

    assert (before, [counts.count("a"), counts.count("a")]) == ([1, 2], [3, 4])


def test_redis_that_is_gone_is_left_alone_for_a_while() -> None:
    asked: list[str] = []

    class Gone:
        def pipeline(self) -> object:
            asked.append("asked")
            raise RedisError("gone")

    counts = SharedCounts(Gone(), LocalCounts())  # type: ignore[arg-type]

    assert [counts.count("a") for _ in range(3)] == [1, 2, 3]
    assert asked == ["asked"]
