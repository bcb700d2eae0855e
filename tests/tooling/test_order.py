from pathlib import Path

from portal.core.settings import PROJECT_ROOT
from tests.order import rank


def test_files_that_take_long_come_first_and_then_those_with_the_most_tests() -> None:
    files = {
        "tests/core/test_clock.py": 9,
        "tests/orders/test_views.py": 80,
        "tests/journeys/test_main_job.py": 1,
        "tests/releases/test_kills.py": 90,
        "tests/sweeps/test_acts.py": 170,
    }

    taken = sorted(files, key=lambda name: rank(PROJECT_ROOT / name, files[name]))

    assert taken == [
        "tests/journeys/test_main_job.py",
        "tests/sweeps/test_acts.py",
        "tests/releases/test_kills.py",
        "tests/orders/test_views.py",
        "tests/core/test_clock.py",
    ]


def test_everything_that_is_said_to_take_long_is_there() -> None:
    from tests.order import _LONG

    assert [name for name in _LONG if not Path(PROJECT_ROOT / name).exists()] == []
