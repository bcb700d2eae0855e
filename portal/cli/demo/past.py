"""The demo's past: orders, releases and boxes carry the moment at which they are made, so the clock is put back for each."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta


@contextmanager
def ago(past: timedelta) -> Iterator[None]:
    """This function will let the clock stand so far in the past inside the block; blocks do not nest."""
    from portal.core import clock

    clock.shift(-past)
    try:
        yield
    finally:
        clock.shift(timedelta())
