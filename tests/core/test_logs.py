"""What the portal writes for those who run it: one line for each event, and nothing in it that is nobody's business."""

import json
import logging
import subprocess
import sys
from typing import Any

import pytest

from portal.core.logs import formatter

SAY = """
import logging, sys, structlog
from portal.core import logs

logs.configure()
{code}
print("the command's answer")
"""


def said(code: str) -> tuple[list[dict[str, Any]], str]:
    """The lines that a process writes for its administrator, and what it answers, when it runs `code`."""
    ran = subprocess.run([sys.executable, "-c", SAY.format(code=code)], capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ran.stderr.splitlines()], ran.stdout


def test_event_is_one_line_of_json_beside_the_answer_of_a_command() -> None:
    lines, answer = said('structlog.get_logger().warning("什么", where="这里", count=3)')

    assert [(line["event"], line["where"], line["count"], line["level"]) for line in lines] == [
        ("什么", "这里", 3, "warning")
    ]
    assert lines[0]["timestamp"].endswith("Z")
    assert answer == "the command's answer\n"


def test_library_speaks_the_same_language() -> None:
    lines, _ = said('logging.getLogger("somebody").error("no %s", "way")')

    assert [(line["event"], line["level"]) for line in lines] == [("no way", "error")]


def test_traceback_tells_where_and_never_with_what() -> None:
    code = """
def sign_in(password):
    raise ValueError("no")
try:
    sign_in("hunter" + "2")
except ValueError:
    structlog.get_logger().exception("failed")
"""
    lines, _ = said(code)

    assert lines[0]["exception"][0]["exc_type"] == "ValueError"
    assert lines[0]["exception"][0]["frames"][-1]["name"] == "sign_in"
    assert "hunter2" not in json.dumps(lines)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("call 13812345678 now", "call 138****5678 now"),
        ("redis://:s3cret@cache:6379/0", "redis://:***@cache:6379/0"),
        ("postgresql://portal:s3cret@db/portal is away", "postgresql://portal:***@db/portal is away"),
        ("one\\nlevel=error two\\x1b[2J\\u2028three", "one level=error two [2J three"),
        ("330100000001381234567812", "330100000001381234567812"),
    ],
)
def test_nothing_that_somebody_else_wrote_goes_in_as_it_is(given: str, shown: str) -> None:
    code = f"""
try:
    raise RuntimeError("{given}")
except RuntimeError as error:
    structlog.get_logger().exception("failed", error=str(error), parts=["{given}"], fault=error)
"""
    (line,), _ = said(code)

    assert [line["error"], line["parts"], line["fault"], line["exception"][0]["exc_value"]] == [
        shown,
        [shown],
        shown,
        shown,
    ]


def test_terminal_gets_words_and_no_line_breaks_either() -> None:
    record = logging.LogRecord("somebody", logging.ERROR, __file__, 1, "a\nb", (), None)

    assert "a b" in formatter(to_terminal=True).format(record)


def test_commands_write_so_too() -> None:
    code = """
from portal.cli.main import main
structlog.reset_defaults()
try:
    main(["--help"])
except SystemExit:
    structlog.get_logger().info("after")
"""
    lines, _ = said(code)

    assert [line["event"] for line in lines] == ["after"]
