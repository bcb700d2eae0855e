"""Three laws that no other check sees: who commits, where time comes from, and that an external package is imported in one module.

Each is read off the source, and each is shown a text that breaks it.
"""

import ast
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

import pytest

from portal.core.settings import PROJECT_ROOT

# The portal is written in these: named by the user, or a part of what the user named.
OURS = {
    *("flask", "flask_login", "flask_wtf", "sqlalchemy", "PIL", "bleach", "pyotp"),
    *("click", "itsdangerous", "jinja2", "markupsafe", "werkzeug", "wtforms"),
}

# A vocabulary, not a tool: what it gives stands in the types of many modules. docs/decisions/0030 says why.
SPOKEN = {"cryptography", "flask_babel", "pydantic"}

# A tool of two modules, and why it cannot be one.
OF_TWO = {
    "gunicorn": {
        "cli/public_worker.py",
        "cli/server.py",
    },  # the worker is named by its path and loaded by gunicorn itself
    "prometheus_client": {"cli/prometheus.py", "core/metrics.py"},  # what is counted, and the listener that tells it
}

# Moments of the machine, not of business: a file's age is judged by the clock that dated it, an answer's Date is the server's, and a
# simulated box is another machine.
OWN_TIME = {
    *("cli/public_worker.py", "cli/simulation/box.py", "core/clock.py", "core/files.py"),
    *("media/storage.py", "media/workshop.py", "releases/clearing.py"),
}
MOMENTS = {("datetime", "now"), ("datetime", "utcnow"), ("datetime", "today"), ("date", "today"), ("time", "time")}

# The one place that ends a request's transaction, and the two that end one at all.
COMMITTERS = {"core/database.py", "core/group_commit.py", "web/pipeline.py"}


def sources() -> dict[str, ast.Module]:
    room = PROJECT_ROOT / "portal"
    return {path.relative_to(room).as_posix(): ast.parse(path.read_text()) for path in sorted(room.rglob("*.py"))}


@pytest.fixture(scope="module", name="portal")
def _portal() -> dict[str, ast.Module]:
    return sources()


def packages(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        names: Iterable[str] = ()
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module:
            names = [node.module]
        yield from (name.partition(".")[0] for name in names)


def scattered(trees: Mapping[str, ast.Module]) -> dict[str, set[str]]:
    """Which packages stand in more than one module, though they are neither ours nor spoken."""
    where = defaultdict(set)
    known = OURS | SPOKEN | sys.stdlib_module_names | {"portal", "_typeshed"}
    for name, tree in trees.items():
        for package in set(packages(tree)) - known:
            where[package].add(name)
    return {package: names for package, names in where.items() if len(names) > 1}


def calls(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Every `owner.name(...)`, by the last word of its owner."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", ""), node.func.attr


def own_time(trees: Mapping[str, ast.Module]) -> set[str]:
    return {name for name, tree in trees.items() if MOMENTS & set(calls(tree))}


def committers(trees: Mapping[str, ast.Module]) -> set[str]:
    """Who commits what the same function did not open: a job's or a short transaction of its own is its own to end."""
    return {
        name
        for name, tree in trees.items()
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef) and commits_anothers(function)
    }


def commits_anothers(function: ast.FunctionDef) -> bool:
    inside = list(ast.walk(function))
    opened = {
        item.optional_vars.id
        for node in inside
        if isinstance(node, ast.With)
        for item in node.items
        if isinstance(item.optional_vars, ast.Name)
    }
    for call in inside:
        if isinstance(call, ast.Call) and "commit" in (getattr(call.func, "attr", ""), getattr(call.func, "id", "")):
            given = call.args[0] if len(call.args) == 1 else None
            if not (isinstance(given, ast.Name) and given.id in opened):
                return True
    return False


def test_external_package_is_imported_in_one_module(portal: dict[str, ast.Module]) -> None:
    assert scattered(portal) == OF_TWO, "give the second module a function of the first"


def test_time_comes_from_the_one_clock(portal: dict[str, ast.Module]) -> None:
    assert own_time(portal) == OWN_TIME, "ask portal.core.clock"


def test_only_the_pipeline_commits_what_it_did_not_open(portal: dict[str, ast.Module]) -> None:
    assert committers(portal) == COMMITTERS, "leave it to the pipeline or to run_as_system"


@pytest.mark.parametrize(
    ("law", "text"),
    [
        (lambda trees: "segno" in scattered(trees), "from segno import make_qr"),
        (own_time, "from datetime import UTC, datetime\nNOW = datetime.now(UTC)"),
        (own_time, "import datetime\nTODAY = datetime.date.today()"),
        (own_time, "import time\nNOW = time.time()"),
        (committers, "def save(ctx):\n    ctx.session.commit()"),
        (committers, "def save(ctx):\n    commit(ctx.session)"),
        (committers, "def save(session):\n    with opened() as other:\n        database.commit(session)"),
    ],
)
def test_module_that_breaks_its_law_would_be_seen(law, text: str) -> None:
    own = "import segno\ndef job():\n    with opened() as session:\n        commit(session)"
    module = {"core/qr.py": ast.parse(own)}

    assert not law(module)
    assert law({**module, "gossip/commands.py": ast.parse(text)})
