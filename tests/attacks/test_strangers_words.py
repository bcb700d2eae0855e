"""Markup in every text that somebody can send, then every page that shows it: it is text there, and a formula in no workbook."""

import io
import re
from html.parser import HTMLParser
from pathlib import Path
from zipfile import ZipFile

import pytest
from flask import Flask
from python_calamine import CalamineWorkbook
from sqlalchemy import String, Table, Text, inspect, select, update

from portal.audit import checkpoints
from portal.audit.events import Event
from portal.audit.log import Target
from portal.core import database as databases
from portal.core.database import Database
from portal.core.models import Base
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps.conftest import Swept
from tests.sweeps.test_pages import _somebody
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, rules
from tests.world import building
from tests.world.browser import Browser
from tests.world.cast import Cast
from tests.world.log import pending, write

BAIT = "\"'><img src=x onerror=alert(1)><x-planted>${7*7}{{7*7}}"
FORMULA = '=HYPERLINK("http://evil.example","x")'
# Columns in which people's words stand as they typed them, or devices', by table; every other text is a code, a key or a hash of ours.
WORDS = {
    "users": {"display_name"},
    "user_sessions": {"user_agent"},
    "passkeys": {"name"},
    "tenants": {"short_name", "name"},
    "customers": {"name"},
    "box_groups": {"name"},
    "media_assets": {"name"},
    "member_groups": {"name"},
    "staff_groups": {"name"},
    "access_entries": {"note"},
    "information_entries": {"note"},
    "submissions": {"note"},
    "submission_items": {"reason"},
    "releases": {"title", "reason"},
    "content_objects": {"taken_down_reason"},
    "grants": {"reason"},
    "support_sessions": {"reason"},
    "boxes": {"model", "firmware", "serial"},
}


def plant(opened: Database, words: str) -> set[str]:
    """Write `words` into all of these columns by raw SQL, past every check; returns the columns, as table.column."""
    planted = set()
    with opened.engine.begin() as connection:
        for table in Base.metadata.sorted_tables:
            for name in WORDS.get(table.name, set()) & set(table.columns.keys()):
                if not isinstance(table.c[name].type, String | Text):
                    continue
                _overwrite(connection, table, name, words)
                planted.add(f"{table.name}.{name}")
    return planted


def _overwrite(connection: object, table: Table, name: str, words: str) -> None:
    keys = list(inspect(table).primary_key)
    rows = connection.execute(select(*keys)).all()  # type: ignore[attr-defined]
    for number, row in enumerate(rows):
        mine = [key == value for key, value in zip(keys, row, strict=True)]
        limit = getattr(table.c[name].type, "length", None) or 200
        ending = str(number)  # names that have to differ
        text = words[: limit - len(ending)] + ending
        connection.execute(update(table).where(*mine).values({name: text}))  # type: ignore[attr-defined]


class _Reader(HTMLParser):
    """Notes every tag and attribute that the bait would become."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "x-planted" or given.get("src") == "x":
            self.found.append(tag)
        self.found += [name for name in given if name.startswith("on")]


def faults_of(page: str) -> list[str]:
    """What of the bait is more than text."""
    reader = _Reader()
    reader.feed(page)
    return reader.found


def pages(swept: Swept) -> dict[str, str]:
    """The text of every page, as somebody who may open it."""
    browsers, found = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="GET"):
        assert mark.permission is not None
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        answer = browsers.of(person).get(address(swept.app, rule, swept.yunqi, swept.cast), buffered=True)
        if answer.mimetype in {"text/html", "image/svg+xml", "text/xml"}:
            found[rule.endpoint] = answer.get_data(as_text=True)
    return found


def write_content(swept: Swept) -> None:
    """Content goes through its commands, or its hash would not cover it."""
    building.add_marquee(swept.yunqi.house.tenant, BAIT[:60])


def test_words_are_text_on_every_page(swept: Swept) -> None:
    planted = plant(databases.database(), BAIT)
    write_content(swept)

    found = pages(swept)

    assert {page: faults for page, text in found.items() if (faults := faults_of(text))} == {}
    assert len(planted) >= 15
    shown = sum("x-planted" in text for text in found.values())
    assert shown > 30, "hardly a page shows the bait: the test proves nothing"


def test_template_that_does_not_escape_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: templates put words in as they are."""
    plant(databases.database(), BAIT)
    monkeypatch.setattr(swept.app.jinja_env, "autoescape", False)
    monkeypatch.setattr(swept.app.jinja_env, "cache", {})

    page = Browser(swept.app, swept.cast.yunqi.admin).get(f"{swept.cast.yunqi.path}/members").text

    assert {"img", "onerror"} <= set(faults_of(page))


def test_name_of_a_browser_is_text(app: Flask, swept: Swept) -> None:
    """A User-Agent comes from anybody, in a header and not in a form."""
    browser = Browser(app, swept.cast.support)
    browser.get("/account", headers={"User-Agent": BAIT})
    browser.post("/account/password", {"current": "wrong"}, headers={"User-Agent": BAIT})

    pages = [Browser(app, swept.cast.auditor).get(path).text for path in ("/admin/audit", "/account")]

    assert [faults_of(page) for page in pages] == [[], []]


def test_words_are_no_formula_in_a_workbook(app: Flask, cast: Cast, tmp_path: Path) -> None:
    checkpoints.configure(tmp_path / "checkpoints")
    baits = [FORMULA, "+1+1", "-2+3", "@SUM(1)", "\t=1", "'=1", "=cmd|' /C calc'!A0"]
    targets = [Target("content_object", f"t{number}", bait) for number, bait in enumerate(baits)]
    write(*(pending(Event.DRAFT_SAVED, tenant=cast.yunqi.tenant, target=target) for target in targets))

    answer = Browser(app, cast.yunqi.admin).post(f"{cast.yunqi.path}/audit/export", {"format": "xlsx", "personal": "y"})

    sheet = _sheet(answer.data)
    assert (b"<f>" in sheet, b"<hyperlink" in sheet) == (False, False)
    rows = CalamineWorkbook.from_filelike(io.BytesIO(answer.data)).get_sheet_by_index(0).to_python()
    assert {bait.strip() for bait in baits} <= {str(cell).strip() for row in rows for cell in row}


def test_formula_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the workbook takes what begins with = for a formula."""
    from portal.core import sheets

    monkeypatch.setattr(sheets, "_OPTIONS", {**sheets._OPTIONS, "strings_to_formulas": True})  # noqa: SLF001
    monkeypatch.setattr(
        sheets.Book, "_write", lambda self, sheet, row, column, cell: sheet.write(row, column, cell or "")
    )
    with sheets.temporary_book() as (book, path):
        book.sheet("x", [("名称", 10)], [[FORMULA]])
        book.close()
        assert b"<f>" in _sheet(path.read_bytes())


def _sheet(data: bytes) -> bytes:
    with ZipFile(io.BytesIO(data)) as book:
        return book.read("xl/worksheets/sheet1.xml")


def test_log_keeps_one_line_for_one_record(app: Flask, swept: Swept, capsys: pytest.CaptureFixture[str]) -> None:
    """A line break of a stranger makes no second record, in the log of operations or of the server."""
    lines = "alice\r\n2026-01-01 [error] forged\n{}"
    browser = Browser(app, swept.cast.support)

    browser.get("/no-such-page\r\nforged", headers={"User-Agent": "x"})
    browser.post("/account/password", {"current": lines, "password": lines})
    written = capsys.readouterr()

    assert not re.search(r"^2026-01-01 \[error\] forged", written.out + written.err, re.MULTILINE)
