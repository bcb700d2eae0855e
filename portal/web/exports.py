"""Carrying a list out of the house as Excel: as narrowed and sorted on its page, bounded, masked like there, and recorded.

A list's page and its file are two answers to one address: GET shows a page of it, POST hands out all of it, or the rows that were
chosen. `Paging.from_request` tells them apart, so that both ask the same query.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from flask import flash, get_template_attribute, redirect, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core import database as databases
from portal.core.context import Context
from portal.core.messages import Message
from portal.core.sheets import Cell, temporary_book
from portal.web.i18n import translate
from portal.web.paging import MOST_ROWS, PLACES, Page
from portal.web.state import state

Row = TypeVar("Row")

_FILTER_NAME = re.compile(r"[a-z_]{1,24}")
_MOST_FILTERS = 20

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Column(Generic[Row]):
    """A column of the file: its title in the reader's language, its width in characters, and what stands in it."""

    title: str
    width: int
    cell: Callable[[Row], Cell | Message]


@dataclass(frozen=True)
class Sheet(Generic[Row]):
    """A sheet of the file: what the list on its page is called, its rows, their columns, and what stands below them."""

    title: str
    rows: Sequence[Row]
    columns: Sequence[Column[Row]]
    sums: Sequence[Cell] = ()


def hand_out(
    name: str, title: Message, page: Page[Row], columns: Sequence[Column[Row]], sums: Sequence[Cell] = ()
) -> Response:
    """This function will answer with the list `name` as Excel and record who carried out how many rows of it; `sums` is a last line.

    A list that is empty, or longer than a file may be, leads back to its page with a sentence that says so.
    """
    return _handed(name, title, [Sheet(translate(title), page.rows, columns, sums)], page.total)


def hand_out_sheets(name: str, title: Message, sheets: Sequence[Sheet[Any]]) -> Response:
    """This function will answer with what the page `name` lists whole, each of its lists a sheet, those that are empty left out."""
    return _handed(name, title, [sheet for sheet in sheets if sheet.rows], sum(len(sheet.rows) for sheet in sheets))


def _handed(name: str, title: Message, sheets: Sequence[Sheet[Any]], total: int) -> Response:
    if total > MOST_ROWS:
        return _back(
            _(
                "一次最多导出 %(most)s 行，这里有 %(n)s 行。请先筛选，或选中要的行。",
                most=f"{MOST_ROWS:,}",
                n=f"{total:,}",
            )
        )
    count = sum(len(sheet.rows) for sheet in sheets)
    if not count:
        return _back(_("没有可导出的内容。"))
    body = _workbook(sheets)
    _record(name, title, count)
    return workbook_response(f"{name}-{clock.today():%Y%m%d}", body)


def workbook_response(name: str, body: bytes) -> Response:
    """This function will return a workbook as a file to keep, called `name`."""
    headers = {"Content-Disposition": f'attachment; filename="{quote(name)}.xlsx"'}
    return Response(body, content_type=WORKBOOK, headers=headers)


def state_word(state: str) -> str:
    """This function will return the word of a state in the reader's language, the one that stands on its pill."""
    return str(get_template_attribute("components/status.html", "state_word")(state)).strip()


def _workbook(sheets: Sequence[Sheet[Any]]) -> bytes:
    with temporary_book() as (book, path):
        for sheet in sheets:
            heads = [(column.title, column.width) for column in sheet.columns]
            rows = ([_said(column.cell(row)) for column in sheet.columns] for row in sheet.rows)
            book.sheet(sheet.title, heads, chain(rows, [list(sheet.sums)] if sheet.sums else []))
        book.close()
        return path.read_bytes()


def _said(cell: Cell | Message) -> Cell:
    return translate(cell) if isinstance(cell, Message) else cell


def _record(name: str, title: Message, count: int) -> None:
    """In a short transaction of its own: nothing waits for a lock while rows are read and the file is made."""
    current = state()
    narrowed = _filters()
    with databases.database().session(current.scope, writes=True) as session:
        ctx = Context(session, current.actor, current.tenant, current.meta)
        target = Target("list", name, title)
        record(ctx, Event.LIST_EXPORTED, target, list=name, count=count, filters=narrowed)
        databases.commit(session)


def _filters() -> list[str]:
    """The names of the filters in the address; somebody may write any there, and a record is kept for years."""
    asked = sorted(key for key in request.args if key not in {*PLACES, "size", "sort"})
    return [key for key in asked if _FILTER_NAME.fullmatch(key)][:_MOST_FILTERS]


def _back(sentence: str) -> Response:
    flash(sentence, "error")
    return redirect(request.full_path.rstrip("?"), 303)
