"""In which order the workers of xdist take the files, as a pytest plugin: what takes long comes first, browsers and processors in turn.

Files are handed out one by one. Of its own accord xdist begins with those that hold the most tests, so that a journey of one test which
takes a minute comes last, and the other workers wait for it. A browser waits about as long as it works; two of them at once only wait
longer, while one beside a file that computes costs little.
"""

from collections import Counter
from collections.abc import Mapping
from itertools import chain, zip_longest
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[1]
BROWSERS = ("tests/journeys/", "tests/tv/", "tests/web/test_components_browser.py", "tests/sweeps/test_axe.py")
LONG = ("tests/sweeps/", "tests/releases/test_kills.py", "tests/media/conversion/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """This function will sort the tests by file where several workers share them; within a file they stay as they are."""
    if hasattr(config, "workerinput"):
        places = {path: place for place, path in enumerate(in_turn(Counter(item.path for item in items)))}
        items.sort(key=lambda item: places[item.path])


def in_turn(files: Mapping[Path, int]) -> list[Path]:
    """This function will return files, given with how many tests each holds, in the order in which they are taken."""
    named = sorted(files, key=lambda path: (-files[path], path))
    browsers = [path for path in named if _name(path).startswith(BROWSERS)]
    rest = [path for path in named if path not in set(browsers)]
    rest.sort(key=lambda path: not _name(path).startswith(LONG))
    return [path for path in chain.from_iterable(zip_longest(browsers, rest)) if path is not None]


def _name(path: Path) -> str:
    return path.relative_to(_ROOT).as_posix()
