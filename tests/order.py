"""In which order the workers of xdist take the files, as a pytest plugin: what takes long comes first.

Files are handed out one by one. Of its own accord xdist begins with those that hold the most tests, so that a journey of one test which
takes a minute comes last, and the other workers wait for it.
"""

from collections import Counter
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
_LONG = (
    "tests/journeys/",
    "tests/sweeps/",
    "tests/releases/test_kills.py",
    "tests/web/test_components_browser.py",
    "tests/tv/",
)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """This function will sort the tests by file where several workers share them; within a file they stay as they are."""
    if hasattr(config, "workerinput"):
        tests = Counter(item.path for item in items)
        items.sort(key=lambda item: rank(item.path, tests[item.path]))


def rank(path: Path, tests: int) -> tuple[int, int, str]:
    """This function will return by what a file is sorted: its kind, how many tests it holds, its name."""
    name = path.relative_to(_ROOT).as_posix()
    kind = next((number for number, start in enumerate(_LONG) if name.startswith(start)), len(_LONG))
    return kind, -tests, name
