"""Writing a comment on one object of a submission."""

from sqlalchemy import func, select

from portal.access.permissions import Permission
from portal.access.roles import MEMBERS, Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.checks import inside_subtree
from portal.content.models import ContentObject
from portal.content.protecting import ask_about
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import new_id
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.review.comments import LONGEST, MOST
from portal.review.models import Submission, SubmissionComment
from portal.review.queries import ItemView, get_submission
from portal.review.titles import named_to_all


def comment(ctx: Context, submission_id: str, revision_id: str, text: str) -> str:
    """This function will leave a comment on a revision of the submission and return its id; the other side is told of the first one.

    Raises `NotFound`, `Forbidden` for whom lists or groups keep from the object, `Invalid` for no text or too much, `Refused` where
    the submission holds as many as it takes.
    """
    view = get_submission(ctx.session, submission_id)
    item = next((one for one in view.items if one.revision.id == revision_id), None)
    if item is None:
        raise NotFound
    _ask(ctx, item)
    written = text.strip()
    if not written:
        raise Invalid({"text": N_("写下意见再发出。")})
    if len(written) > LONGEST:
        raise Invalid({"text": N_("意见最多 %(n)d 个字。", n=LONGEST)})
    held = select(func.count(SubmissionComment.id)).where(SubmissionComment.submission_id == view.id)
    if (ctx.session.scalar(held) or 0) >= MOST:
        raise Refused("too_many_comments", N_("这份送审的意见已经满 %(n)d 条。", n=MOST), status=409)
    row = SubmissionComment(
        id=new_id(),
        submission_id=view.id,
        item_id=item.item.id,
        author_id=ctx.actor.user_id,
        role=ctx.actor.role,
        text=written,
        written_at=clock.now(),
    )
    ctx.session.add(row)
    target = Target("submission", view.id, view.submission.title)
    record(ctx, Event.COMMENTED, target, title=item.revision.title, sha256=item.revision.sha256, text=written)
    _tell_the_other_side(ctx, view.submission)
    return row.id


def _ask(ctx: Context, item: ItemView) -> None:
    row = ctx.session.scalar(select(ContentObject).where(ContentObject.id == item.item.object_id))
    if row is None or row.purged_at is not None:
        raise NotFound
    inside = inside_subtree(ctx, item.envelope)
    because = N_("分组编辑只能对投放到本分组及下级的内容写意见。")
    ask_about(ctx, Permission.REVIEW_COMMENT, row, item.envelope, provided=inside, because=because)


def _tell_the_other_side(ctx: Context, submission: Submission) -> None:
    """Once for each submission: whoever is told finds the whole of the talk there."""
    title = submission.title
    if ctx.actor.role in MEMBERS:
        named = named_to_all(ctx, title)
        message = N_("%(tenant)s 在送审「%(title)s」里写了意见。", tenant=ctx.enterprise.name, title=named)
        link = f"/center/review/{ctx.enterprise.enterprise_id}/{submission.id}"
        tell(ctx, message, key=f"commented:{submission.id}:desk", role=Role.CENTER_REVIEWER, link=link)
    elif submission.submitted_by is not None:
        message = N_("审核员在送审「%(title)s」里写了意见。", title=title)
        link = f"/e/{ctx.enterprise.enterprise_id}/submissions/{submission.id}"
        tell(ctx, message, key=f"commented:{submission.id}:author", user_id=submission.submitted_by, link=link)
