"""Whether time tells what an answer does not: is there such a user name, is there such an enterprise.

What is compared comes in turns, each round in another order, so that whatever else the machine does meets all alike; each is held against
its neighbours of the same round. The tests count work instead (hashes), which no noise hides; this looks for what nobody thought of counting.
"""

import os
import random
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from itertools import combinations, count
from pathlib import Path

from flask import Flask

from bench.harness import WrongAnswer, report
from bench.world import open_world
from portal.accounts.commands.users import disable_user
from portal.accounts.models import User
from portal.accounts.passwords import hash_password
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session
from tests.world.browser import Browser
from tests.world.cast import PASSWORD, Cast

_ROUNDS = 41
_MOST_APART = 0.1  # of the median, on a machine that does much else; a hash that is left out is nearly all of it
_APART = timedelta(hours=2)  # nobody waits, and no page code is due
Ask = Callable[[], float]


def main() -> int:
    """This function will print how far apart the medians are and return 1 where that is more than noise."""
    with tempfile.TemporaryDirectory(prefix="portal-bench-") as folder:
        world = open_world(Path(folder))
        later = count(1)
        names = _compare(_names(world.app, world.cast), before_each=lambda: clock.shift(next(later) * _APART))
        tenants = _compare(_tenants(world.app, world.cast))
    apart = [_report("user names", names), _report("enterprises", tenants)]
    return 0 if max(apart) <= _MOST_APART else 1


def _names(app: Flask, cast: Cast) -> Mapping[str, Ask]:
    """Failed sign-ins: nobody's name, a wrong password, a disabled account."""
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        for person in (cast.operator, cast.support):  # the cast's own hashes are quick ones
            session.get_one(User, person.id).password_hash = hash_password(PASSWORD)
        disable_user(ctx, cast.support.id)
        commit(session)
    return {
        name: lambda name=name: _fail(app, name) for name in ("nobody", cast.operator.username, cast.support.username)
    }  # type: ignore[misc]


def _tenants(app: Flask, cast: Cast) -> Mapping[str, Ask]:
    """Pages of an enterprise that is another's and of one that is made up."""
    browser, other = Browser(app, cast.yunqi.admin), cast.jiangzhou.tenant.enterprise_id
    made_up = other[:-1] + str((int(other[-1]) + 1) % 10)
    return {each: lambda each=each: _miss(browser, f"/e/{each}/media") for each in (other, made_up)}  # type: ignore[misc]


def _fail(app: Flask, username: str) -> float:
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/sign-in").text)
    assert token is not None
    typed = {"csrf_token": token[1], "username": username, "password": "not the right one"}
    return _timed(lambda: client.post("/sign-in", data=typed).status_code, 401)


def _miss(browser: Browser, path: str) -> float:
    return _timed(lambda: browser.get(path).status_code, 404)


def _timed(ask: Callable[[], int], wanted: int) -> float:
    started = time.perf_counter()
    status = ask()
    milliseconds = (time.perf_counter() - started) * 1000
    if status != wanted:
        raise WrongAnswer(f"answered {status}, not {wanted}")
    return milliseconds


def _compare(asks: Mapping[str, Ask], before_each: Callable[[], object] = lambda: None) -> list[list[float]]:
    """What each took, round by round."""
    taken: dict[str, list[float]] = {name: [] for name in asks}
    for _round in range(_ROUNDS):
        for name in random.sample(list(asks), len(asks)):  # the order matters, not that nobody could guess it
            before_each()
            taken[name].append(asks[name]())
    return list(taken.values())


def _report(name: str, taken: list[list[float]]) -> float:
    medians = [statistics.median(each) for each in taken]
    differences = [
        statistics.median(here - there for here, there in zip(*pair, strict=True)) for pair in combinations(taken, 2)
    ]
    apart = max(map(abs, differences)) / statistics.median(medians)
    said, load = "/".join(f"{each:.1f}" for each in medians), f"{os.getloadavg()[0]:.1f}"
    report(
        f"told apart by time, {name}", apart * 100, "%", apart / _MOST_APART, medians_ms=said, rounds=_ROUNDS, load=load
    )
    return apart


if __name__ == "__main__":
    raise SystemExit(main())
