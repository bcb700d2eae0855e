"""The operation log while something is done: records come, and none of them is changed or taken away, by whichever door."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

_TOUCHES = re.compile(r"(UPDATE|DELETE FROM|REPLACE INTO) audit_(records|personal_signatures)\b")


@contextmanager
def log_untouched(engine: Engine) -> Iterator[None]:
    """This function will fail where a statement of the block changes or takes away what the log holds."""
    touching: list[str] = []

    def look(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if _TOUCHES.search(statement):
            touching.append(statement)

    event.listen(engine, "before_cursor_execute", look)
    try:
        yield
    finally:
        event.remove(engine, "before_cursor_execute", look)
    assert not touching, touching
