from portal.core.settings import PROJECT_ROOT
from tests import order


def test_what_takes_long_comes_first_with_a_browser_in_every_other_place() -> None:
    files = {
        "tests/core/test_clock.py": 9,
        "tests/orders/test_views.py": 80,
        "tests/journeys/test_main_job.py": 1,
        "tests/tv/test_player.py": 12,
        "tests/sweeps/test_acts.py": 70,
    }

    taken = order.in_turn({PROJECT_ROOT / name: tests for name, tests in files.items()})

    assert [path.relative_to(PROJECT_ROOT).as_posix() for path in taken] == [
        "tests/tv/test_player.py",
        "tests/sweeps/test_acts.py",
        "tests/journeys/test_main_job.py",
        "tests/orders/test_views.py",
        "tests/core/test_clock.py",
    ]


def test_everything_that_is_said_to_take_long_is_there() -> None:
    said = [*order.BROWSERS, *order.LONG]

    assert [name for name in said if not (PROJECT_ROOT / name).exists()] == []
