"""What the page of a submission asks by itself, and what people write on it: comments, and who else looks at it now."""

from flask import Blueprint, Response, jsonify, request, url_for
from werkzeug.wrappers import Response as Answer

from portal.access.permissions import Permission
from portal.content.states import RevisionState
from portal.core.database import system_session
from portal.core.errors import NotFound
from portal.core.ids import is_id
from portal.review.presence import be_present, leave, lookers
from portal.review.queries import display_names, get_submission
from portal.review.talking import take_comment
from portal.web.access import needs
from portal.web.state import ctx, state

_CASE = "/center/review/<enterprise:enterprise_id>/<id:submission_id>"

blueprint = Blueprint("desk_talk", __name__)


@blueprint.post(f"{_CASE}/comments")
@needs(Permission.REVIEW_COMPARE)
def comment(submission_id: str) -> Answer | str:
    """This function will leave a comment on one object of a submission."""
    return take_comment(submission_id, url_for("desk.submission", submission_id=submission_id))


@blueprint.post(f"{_CASE}/presence")
@needs(Permission.REVIEW_COMPARE, passive=True)
def presence(submission_id: str) -> Response:
    """This function will note that a page shows the submission, or with `leave` no more; it says who looks at what, and what still waits."""
    page = request.form.get("page", "")
    if not is_id(page):
        raise NotFound
    if request.form.get("leave"):
        leave(ctx(), submission_id, page)
        return Response(status=204)
    be_present(ctx(), submission_id, page)
    view = get_submission(ctx().session, submission_id)
    last = max(
        (item.item for item in view.items if item.item.decided_at), key=lambda one: str(one.decided_at), default=None
    )
    with system_session(reason="who looks at which submission now") as system:
        found = lookers(system, state().actor.user_id)
    return jsonify(
        looks={one: [person.name for person in people] for one, people in found.items()},
        waiting=sorted(item.revision.id for item in view.of_state(RevisionState.SUBMITTED)),
        decided_by=display_names(ctx().session, [last.decided_by]).get(str(last.decided_by), "") if last else "",
    )
