"""What a publication costs in a large enterprise: with 10,000 boxes, and with 500 box groups, where it may cost 500 pointers and no more.

It is compared in processor time, which says the same on a busy machine as on a quiet one.
"""

import os
import sys
import tempfile
import time
from pathlib import Path

from bench.boxes.world import bind_boxes
from bench.harness import fsync_milliseconds, report
from bench.publish import GROUPS, add_groups, build, measure
from portal.content.commands import Saved
from portal.core import database as databases
from tests.world.airing import Desk

BOXES, MANY_GROUPS, ROUNDS = 10_000, 500, 7
MOST_RATIO = 1.25
"""What lies between two medians of the same thing on a machine that does other things too."""


def main() -> int:
    """This function will print both figures against the small enterprise and return 1 where one is over its bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-", dir=os.environ.get("PORTAL_BENCH_DIR")) as name:
        folder = Path(name)
        desk, marquee = build(folder)
        facts = {"database": "sqlite", "fsync": f"{fsync_milliseconds(folder):.2f}ms", "rounds": ROUNDS}
        one = _processor(desk, marquee, "一")
        bind_boxes(databases.database().engine, desk.tenant.id, BOXES)
        boxes = _processor(desk, marquee, "盒")
        report(f"publish, 1 group with {BOXES:,} boxes", boxes, "ms of processor", boxes / one, rows=BOXES, **facts)
        add_groups(desk.tenant, GROUPS - 1)
        some = _processor(desk, marquee, "多")
        add_groups(desk.tenant, MANY_GROUPS - GROUPS, GROUPS)
        many = _processor(desk, marquee, "众")
        first, further = (some - boxes) / (GROUPS - 1), (many - some) / (MANY_GROUPS - GROUPS)
        report(
            f"publish, each group of {MANY_GROUPS}",
            further,
            "ms of processor",
            further / first,
            rows=MANY_GROUPS,
            **facts,
        )
    return int(boxes / one > MOST_RATIO or further / first > MOST_RATIO)


def _processor(desk: Desk, marquee: Saved, mark: str) -> float:
    return measure(desk, marquee, mark, ROUNDS, time.process_time)


if __name__ == "__main__":
    sys.exit(main())
