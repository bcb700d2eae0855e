"""Answers to a page that saves by itself while somebody types: what was saved, what is wrong at which field, or both sides of a conflict."""

from collections.abc import Iterator, Mapping
from typing import Any

from flask import Response, get_flashed_messages, jsonify, render_template, url_for

from portal.content.commands import Saved
from portal.content.editing.bar import draft_bar
from portal.content.editing.forms import EnvelopeForm
from portal.content.queries import get_object
from portal.content.states import LABELS
from portal.core import clock
from portal.core.errors import Invalid, Refused
from portal.web.formats import short_moment
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx, drawing


def saved_answer(saved: Saved, address: str) -> Response:
    """This function will say that everything typed is saved.

    It gives version and time, what the object is called now, its page and that of its history, its mark and the draft bar as they are now.
    """
    session = drawing().session
    found = get_object(session, saved.object_id)
    return jsonify(
        version=saved.version,
        object_id=saved.object_id,
        sha256=saved.sha256,
        address=address,
        history=url_for("content.history", object_id=saved.object_id),
        at=short_moment(clock.now()),
        state=translate(LABELS[found.state]),
        title=translated(found.envelope.title),
        mark=render_template("content/_mark.html", view=found),
        said=get_flashed_messages(),
        bar=render_template("content/_bar.html", bar=draft_bar(session)),
    )


def wrong_answer(form: EnvelopeForm, invalid: Invalid) -> Response:
    """This function will say what is wrong, at which field; nothing of it is saved.

    A form that is half filled in is no failure, and a browser would log one for each pause of whoever fills it in.
    """
    ctx().session.rollback()
    form.show(invalid)
    return jsonify(code=invalid.code, errors=list(_wrong(form)))


def refused_answer(refused: Refused) -> Response:
    """This function will say why nothing is saved, and that a button of the page asks first where it does."""
    return _answer(refused.status, code=refused.code, detail=translate(refused.message), errors=[])


def conflict_answer(sides: Mapping[str, Any], version: int, status: int) -> Response:
    """This function will show both sides of a conflict; whoever chooses names `version`, the one that stands there."""
    html = render_template("content/_clash.html", **sides)
    return _answer(status, code="newer_version", version=version, clash=html)


def _answer(status: int, **told: Any) -> Response:
    response = jsonify(**told)
    response.status_code = status
    return response


def _wrong(form: Any) -> Iterator[dict[str, str]]:
    """Every sentence with the id of its field, "" where it fits none."""
    for text in getattr(form, "form_errors", ()):
        yield {"id": "", "text": str(text)}
    for field in form:
        if hasattr(field, "entries"):
            yield from ({"id": field.id, "text": str(text)} for text in field.errors if isinstance(text, str))
            for entry in field.entries:
                yield from _wrong(entry.form)
        else:
            yield from ({"id": field.id, "text": str(text)} for text in field.errors if isinstance(text, str))
