"""Half an hour of rotation on one television, wound by a clock: the heap does not grow."""

import pytest

from bench.player import MINUTES, MOST_GROWTH, chromium, heap_growth, running
from tests.services import require_service
from tests.world.broadcast import Station, titled


@pytest.mark.soak
def test_half_an_hour_of_rotation_leaves_the_heap_as_it_was() -> None:
    require_service("chromium")
    with running() as (url, public), chromium() as browser:
        station = Station(public)
        station.put(titled("湖畔"))

        growth = heap_growth(browser, f"{url}/tv/?channel={station.channel}", MINUTES)

    assert growth <= MOST_GROWTH
