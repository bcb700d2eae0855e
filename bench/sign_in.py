"""What signing in costs: user name, password and code in one post, one after the other, and two at a time."""

import os
import re
import statistics
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from flask import Flask

from bench.harness import WrongAnswer, report
from bench.world import open_world
from portal.core import clock
from tests.world.cast import PASSWORD, Cast, code_now

MOST = 250.0
_STEP = timedelta(seconds=30)
_FOUND = 302


def main() -> int:
    """This function will print the medians and return 1 where a sign-in alone takes longer than it may."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        world = open_world(Path(folder))
        app, people = world.app, _people(world.cast)
        alone = statistics.median(_sign_in(app, name) for name in people)
        clock.shift(_STEP)  # everybody's next code
        with ThreadPoolExecutor(2) as pool:
            pairs = statistics.median(pool.map(lambda name: _sign_in(app, name), people))
    load = f"{os.getloadavg()[0]:.1f}"
    report("sign-in", alone, "ms", alone / MOST, bound=f"{MOST:g}ms", people=len(people), database="sqlite", load=load)
    report("sign-in, two at a time", pairs, "ms", pairs / MOST, people=len(people), database="sqlite", load=load)
    return 0 if alone <= MOST else 1


def _people(cast: Cast) -> list[str]:
    houses = [(house.admin, house.editor, house.group_editor, house.province) for house in (cast.yunqi, cast.jiangzhou)]
    staff = (cast.app_admin, cast.operator, cast.reviewer, cast.second_reviewer, cast.support, cast.stranger)
    return [person.username for person in (*houses[0], *houses[1], *staff)]


def _sign_in(app: Flask, username: str) -> float:
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token is not None
    typed = {"csrf_token": token[1], "username": username, "password": PASSWORD, "code": code_now()}
    started = time.perf_counter()
    answer = client.post("/sign-in", data=typed)
    milliseconds = (time.perf_counter() - started) * 1000
    if answer.status_code != _FOUND:
        raise WrongAnswer(f"{username} was answered {answer.status_code}")
    return milliseconds


if __name__ == "__main__":
    raise SystemExit(main())
