"""The map of security requirements is whole, and every test that it names is there, as pytest would collect it."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = ROOT / "docs" / "security.md"
REQUIREMENTS = ROOT / "tests" / "golden" / "asvs-5.0.0.txt"

# Proven by what the page itself says, or by what is not there.
SAID_HERE: frozenset[str] = frozenset()
_LINE = re.compile(
    r"^\| (V\d+\.\d+\.\d+) \(L([12])\) \| (proven|does not apply|deviates|open) \| (.+) \|$", re.MULTILINE
)
_THIRD = re.compile(r"^\| (V\d+\.\d+\.\d+) \(L3\) \| (proven|does not apply|deviates) \| (.+) \|$", re.MULTILINE)
_TEST = re.compile(r"tests/[\w/]+\.py|::(?:[A-Z]\w+|test_\w+)")


def lines() -> list[tuple[str, str, str, str]]:
    return _LINE.findall(MAP.read_text(encoding="utf-8"))


def missing_tests(words: str, root: Path = ROOT) -> list[str]:
    """The files and names in a line that are not there; a name belongs to the file named before it."""
    missing, text = [], ""
    for found in _TEST.findall(words):
        if found.startswith("tests/"):
            path = root / found
            text = path.read_text(encoding="utf-8") if path.is_file() else ""
            if not text:
                missing.append(found)
        elif not re.search(rf"(def|class) {found.removeprefix('::')}\b", text):
            missing.append(found)
    return missing


def promises(text: str) -> list[tuple[str, str, str, str]]:
    """The lines about promises: promise, attack, the tests that refuse it, the tests that plant a fault."""
    part = text.partition("## Promises and their attacks")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| (.+) \|$", part, re.MULTILINE)
    return [tuple(row.split(" | ")) for row in rows if not row.startswith(("promise", "-"))]  # type: ignore[misc]


@cache
def collected(path: Path) -> frozenset[str]:
    """The ids that pytest would collect in a file, of classes too; read and not imported."""
    if not (path.is_file() and path.name.startswith("test_")):
        return frozenset()
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = set(_tests_of(tree.body, ""))
    return frozenset(found | {name.rpartition("::")[0] for name in found} - {""})


def _tests_of(body: list[ast.stmt], prefix: str) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            yield prefix + node.name
        elif isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            yield from _tests_of(node.body, f"{prefix}{node.name}::")


def not_collected(cell: str) -> list[str]:
    """The tests of a cell that pytest would not find; the whole cell where it names none."""
    named = [one.strip() for one in cell.split(",")]
    lost = [one for one in named if one.partition("::")[2] not in collected(ROOT / one.partition("::")[0])]
    return lost if named else [cell]


def test_every_promise_has_an_attack_and_a_planted_fault() -> None:
    lines_ = promises(MAP.read_text(encoding="utf-8"))

    assert len(lines_) > 40
    assert {line[0]: lost for line in lines_ for cell in line[2:] if (lost := not_collected(cell))} == {}
    assert [line[0] for line in lines_ if len(line) != 4 or not all(line)] == []


def test_every_attack_is_named_by_a_promise() -> None:
    """What stands below tests/attacks/ is there for a promise; one that no line names is not known to anybody."""
    named = {
        one.strip()
        for line in promises(MAP.read_text(encoding="utf-8"))
        for cell in line[2:]
        for one in cell.split(",")
    }
    written = {
        f"tests/attacks/{path.name}::{test}"
        for path in (ROOT / "tests" / "attacks").glob("test_*.py")
        for test in collected(path)
        if "would_be_seen" in test
    }

    assert sorted(one for one in written if one not in named) == []


@pytest.mark.parametrize(
    "cell",
    [
        "tests/attacks/test_log.py::test_that_nobody_wrote",
        "tests/attacks/test_signing_in.py::test_failures_are_alike",  # it stands in a class
        "tests/attacks/log.py::recorded",
        "",
    ],
)
def test_attack_that_is_gone_would_be_seen(cell: str) -> None:
    assert not_collected(cell) != []


def test_every_requirement_of_the_two_levels_has_one_line() -> None:
    wanted = [tuple(line.split()) for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()]

    assert [(requirement, level) for requirement, level, _, _ in lines()] == wanted


def test_every_test_that_is_named_is_there() -> None:
    assert {requirement: lost for requirement, _, _, words in lines() if (lost := missing_tests(words))} == {}


def test_tests_of_the_third_level_are_there_too() -> None:
    third = _THIRD.findall(MAP.read_text(encoding="utf-8"))

    assert len(third) >= 15
    assert {requirement: lost for requirement, _, words in third if (lost := missing_tests(words))} == {}


def test_line_that_counts_them_counts_right() -> None:
    kinds = [kind for _, _, kind, _ in lines()]
    counted = [kinds.count(kind) for kind in ("proven", "does not apply", "deviates", "open")]

    said = re.search(
        r"^253 requirements[^:]*: (\d+) proven, (\d+) do not apply, (\d+) deviate, (\d+) open",
        MAP.read_text(),
        re.MULTILINE,
    )
    assert said is not None
    assert [int(number) for number in said.groups()] == counted


def test_proven_line_names_a_test_or_a_page() -> None:
    bare = [
        requirement
        for requirement, _, kind, words in lines()
        if kind == "proven" and "tests/" not in words and "docs/" not in words
    ]

    assert [one for one in bare if one not in SAID_HERE] == []


def whole_files(words: str) -> list[str]:
    """The files of tests that a line names without saying which of their tests."""
    return re.findall(r"tests/[\w/]+\.py(?!::)", words)


def test_proven_line_names_tests_and_no_whole_files() -> None:
    text = MAP.read_text(encoding="utf-8")
    proven = [(one, words) for one, _, kind, words in lines() if kind == "proven"]
    proven += [(one, words) for one, kind, words in _THIRD.findall(text) if kind == "proven"]

    assert {one: whole for one, words in proven if (whole := whole_files(words))} == {}


def test_whole_file_would_be_seen() -> None:
    assert whole_files("tests/a/test_b.py::test_c, tests/a/test_d.py: e") == ["tests/a/test_d.py"]


def test_every_other_line_says_why() -> None:
    assert [requirement for requirement, _, kind, words in lines() if kind != "proven" and len(words) < 12] == []


@pytest.mark.parametrize(
    "words",
    [
        "tests/nowhere/test_nothing.py",
        "tests/tooling/test_security_map.py::test_that_nobody_wrote",
        "::test_without_a_file",
    ],
)
def test_test_that_is_gone_would_be_seen(words: str) -> None:
    assert missing_tests(words) != []
