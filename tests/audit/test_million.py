"""A million records: the figures that the log is promised at that size."""

from pathlib import Path

import pytest

from bench import audit as bench
from portal.core.database import Database


@pytest.mark.soak
def test_million_records_are_checked_in_time(sqlite: Database, tmp_path: Path) -> None:
    bench.checkpoints.configure(tmp_path / "checkpoints")

    assert bench.measure_log(bench.MILLION) == [True, True, True]
