"""What a page does with an act that is refused."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import flash

from portal.core.errors import Refused
from portal.web.i18n import translate
from portal.web.state import ctx


@contextmanager
def telling_refusal() -> Iterator[None]:
    """This function will run a block and, where it is refused, undo what it began and leave the reason for the next page."""
    try:
        yield
    except Refused as refusal:
        ctx().session.rollback()
        flash(translate(refusal.message), "error")
