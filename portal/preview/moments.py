"""A zone document as it looks at one moment: what no window lets through is left out. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portal.content.schedule.reading import read_windows
from portal.content.schedule.resolve import Line, marquees_on
from portal.content.schedule.windows import is_on

Json = dict[str, Any]


def document_at(document: Mapping[str, Any], moment: datetime) -> Json:
    """This function will return a copy of `document` with the messages in their running order and only the items that are on at `moment`."""
    messages = {message["id"]: message for message in document["marquee"]}
    lines = [Line(one["id"], one["priority"], read_windows(one["windows"])) for one in messages.values()]
    return {
        **document,
        "marquee": [messages[one] for one in marquees_on(lines, moment)],
        "zone": {**document["zone"], "columns": [_column_at(one, moment) for one in document["zone"]["columns"]]},
    }


def _column_at(column: Mapping[str, Any], moment: datetime) -> Json:
    seconds = [
        {**second, "items": [item for item in second["items"] if is_on(read_windows(item["windows"]), moment)]}
        for second in column["columns"]
    ]
    return {**column, "columns": seconds}
