"""Reading the Excel files that the portal hands out."""

import io
import re
import zipfile
from typing import Any

from python_calamine import CalamineWorkbook
from werkzeug.test import TestResponse

WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def sheets(answer: TestResponse) -> dict[str, list[list[Any]]]:
    """This function will return the rows of every sheet by its name, its head the first of them."""
    assert answer.status_code == 200, answer.text
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.get_data()))
    return {name: book.get_sheet_by_name(name).to_python() for name in book.sheet_names}


def text_of(answer: TestResponse) -> str:
    """This function will return all that an answer says, unpacked where it is a workbook."""
    data = answer.get_data()
    if answer.mimetype != WORKBOOK:
        return data.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        return "".join(packed.read(name).decode() for name in packed.namelist())


def has_formula(answer: TestResponse) -> bool:
    """This function will tell whether any cell of a workbook is computed, or leads anywhere."""
    return re.search(r"<f[ >]|<hyperlink", text_of(answer)) is not None
