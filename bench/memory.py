"""The memory of one server worker that has drawn every page of the console once, each for somebody who may open it, on the demo's data.

RSS is what the bound is about: all that the process has in memory. It counts whole what the worker shares with the processes it was
forked from; PSS shares that out among them, so that the sum over all is what the machine has to have, and USS leaves it out.
"""

import tempfile
import urllib.request
from pathlib import Path

from bench.harness import WrongAnswer, fsync_milliseconds, report
from bench.process import descendants
from portal.core.settings import load_settings
from portal.factory import create_app
from tests.sweeps.demo import Demo, pages_by_account, serving_demo

MOST_MEGABYTES = 150.0
_KILO = 1024


def main() -> int:
    """This function will print what the worker has in memory and return 1 where that is over the bound."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder, serving_demo(Path(folder)) as demo:
        pages = _draw_all(demo)
        found = max((_memory(pid) for pid in descendants(demo.pid)), key=lambda one: one["Rss"])
        report(
            "memory of one worker", found["Rss"], "MB", found["Rss"] / MOST_MEGABYTES, bound=f"{MOST_MEGABYTES:g}MB",
            pss=f"{found['Pss']:.1f}MB", uss=f"{found['Private_Dirty'] + found['Private_Clean']:.1f}MB", pages=pages, rows="demo",
            database="sqlite", fsync=f"{fsync_milliseconds(Path(folder)):.2f}ms",
        )  # fmt: skip
    return int(found["Rss"] > MOST_MEGABYTES)


def _draw_all(demo: Demo) -> int:
    """Open every page once and return how many there are."""
    count = 0
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        app = create_app(load_settings({"PORTAL_INSTANCE_DIR": folder}))
        accounts = pages_by_account(demo, app, once=True)
    for who, pages in accounts.items():
        cookie = f"portal_session={demo.cookie(who)}"
        for name, path in pages:
            asked = urllib.request.Request(demo.url + path, headers={"Cookie": cookie})  # noqa: S310 - our own server
            with urllib.request.urlopen(asked, timeout=60) as answer:  # noqa: S310
                answer.read()
            if answer.status != 200 or "/sign-in" in answer.url:  # noqa: PLR2004 - anything else is not the page
                raise WrongAnswer(f"{name} answers {answer.status} at {answer.url}")
            count += 1
    return count


def _memory(pid: int) -> dict[str, float]:
    """What the kernel says that a process has in memory, in megabytes; nothing of one that has ended."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except OSError:
        return dict.fromkeys(("Rss", "Pss", "Private_Dirty", "Private_Clean"), 0.0)
    return {name: int(rest.split()[0]) / _KILO for name, _, rest in (line.partition(":") for line in lines)}


if __name__ == "__main__":
    raise SystemExit(main())
