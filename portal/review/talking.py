"""Taking a comment from a page, the enterprise's or the center's, and answering with the thread or the way back."""

from flask import flash, redirect, render_template, request
from werkzeug.wrappers import Response

from portal.core.errors import Invalid, Refused
from portal.review.commenting import comment
from portal.review.comments import threads_of
from portal.review.queries import get_submission
from portal.review.showing import place
from portal.web.i18n import translate
from portal.web.state import ctx, drawing


def take_comment(submission_id: str, page: str) -> Response | str:
    """This function will leave the comment that a form of `page` (its address) brought; scripts get the thread, others go back there."""
    revision_id, typed = request.form.get("revision", ""), request.form.get("text", "")
    error = ""
    try:
        comment(ctx(), submission_id, revision_id, typed)
        ctx().session.flush()
    except (Invalid, Refused) as refusal:
        ctx().session.rollback()
        error = _sentence(refusal)
    if request.headers.get("HX-Request"):
        return _thread(submission_id, revision_id, error, typed if error else "")
    if error:
        flash(error, "error")
    return redirect(f"{page}#c-{revision_id}", 303)


def _thread(submission_id: str, revision_id: str, error: str, typed: str) -> str:
    session = drawing().session
    view = get_submission(session, submission_id)
    item = next(one for one in view.items if one.revision.id == revision_id)
    return render_template(
        "review/_thread.html",
        comments=threads_of(session, view)[revision_id],
        action=request.path,
        revision_id=revision_id,
        place=place(item.envelope),
        error=error,
        typed=typed,
    )


def _sentence(refusal: Invalid | Refused) -> str:
    if isinstance(refusal, Invalid):
        return " ".join(translate(message) for messages in refusal.errors.values() for message in messages)
    return translate(refusal.message)
