"""The map of security requirements is whole, and every test that it names is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MAP = ROOT / "docs" / "security.md"
REQUIREMENTS = ROOT / "tests" / "golden" / "asvs-5.0.0.txt"

_LINE = re.compile(
    r"^\| (V\d+\.\d+\.\d+) \(L([12])\) \| (proven|does not apply|deviates|open) \| (.+) \|$", re.MULTILINE
)
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


def test_every_requirement_of_the_two_levels_has_one_line() -> None:
    wanted = [tuple(line.split()) for line in REQUIREMENTS.read_text(encoding="utf-8").splitlines()]

    assert [(requirement, level) for requirement, level, _, _ in lines()] == wanted


def test_every_test_that_is_named_is_there() -> None:
    assert {requirement: lost for requirement, _, _, words in lines() if (lost := missing_tests(words))} == {}


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
