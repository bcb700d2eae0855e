"""Writing Excel workbooks: every cell is text, a number, a day or a moment; what somebody typed is never a formula or a link.

The only module that knows the library which writes them.
"""

import re
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook

from portal.core import clock

Cell = str | int | Decimal | datetime | date | None
_LONGEST_CELL = 32_000
_LONGEST_SHEET_NAME = 31
_UNNAMEABLE = re.compile(r"[\[\]:*?/\\]|^'|'$")
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class Book:
    """A workbook that is written row by row, in little memory."""

    def __init__(self, path: Path) -> None:
        self._book = Workbook(str(path), _OPTIONS)
        self._bold = self._book.add_format({"bold": True, "bg_color": "#eef2f7", "bottom": 1})
        self._moment = self._book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._day = self._book.add_format({"num_format": "yyyy-mm-dd"})
        self._amount = self._book.add_format({"num_format": "#,##0.00"})

    def sheet(self, name: str, columns: Sequence[tuple[str, int]], rows: Iterable[Sequence[Cell]]) -> int:
        """This function will add a sheet with a frozen head, `columns` being titles and widths, and return how many rows it has.

        Moments are shown in Asia/Shanghai.
        """
        sheet = self._book.add_worksheet(_UNNAMEABLE.sub(" ", name)[:_LONGEST_SHEET_NAME])
        sheet.freeze_panes(1, 0)
        for at, (title, width) in enumerate(columns):
            sheet.set_column(at, at, width)
            sheet.write_string(0, at, title, self._bold)
        count = 0
        for count, row in enumerate(rows, 1):
            for at, cell in enumerate(row):
                self._write(sheet, count, at, cell)
        return count

    def close(self) -> None:
        """This function will write what is left and close the file."""
        self._book.close()

    def _write(self, sheet: Any, row: int, column: int, cell: Cell) -> None:
        if isinstance(cell, datetime):
            sheet.write_datetime(row, column, cell.astimezone(clock.SHANGHAI).replace(tzinfo=None), self._moment)
        elif isinstance(cell, date):
            sheet.write_datetime(row, column, cell, self._day)
        elif isinstance(cell, Decimal):
            sheet.write_number(row, column, cell, self._amount)
        elif isinstance(cell, int):
            sheet.write_number(row, column, cell)
        elif cell:
            sheet.write_string(row, column, cell[:_LONGEST_CELL])


@contextmanager
def temporary_book() -> Iterator[tuple[Book, Path]]:
    """This function will open a workbook in a folder that is gone afterwards; close it before the file is read."""
    with tempfile.TemporaryDirectory(prefix="portal-sheet-") as folder:
        path = Path(folder) / "book.xlsx"
        yield Book(path), path
