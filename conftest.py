"""Loads the tests' own plugins before any test is collected, and what a start of the portal makes first."""

import gc
from pathlib import Path

import pytest

from portal.web.i18n import compile_stale

pytest_plugins = ["tests.services", "tests.browsers", "tests.order"]

# Collecting makes ten thousand tests, of which nothing is garbage: looking for it takes a quarter of the time.
gc.disable()


def pytest_configure(config: pytest.Config) -> None:
    """Compile the catalogues, as every start does, once and not by each worker: a fresh clone holds their text only."""
    if not hasattr(config, "workerinput"):
        compile_stale(Path(__file__).parent / "translations")


def pytest_collection_finish() -> None:
    """Leave what collecting made out of every later collection of garbage, and collect more seldom: tests soon end."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 50)
    gc.enable()
