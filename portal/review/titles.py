"""What a submission is called: after what is in it, as long as everybody who reads that may see it."""

from collections.abc import Collection
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.access.acl import Acl
from portal.access.permissions import Permission
from portal.access.queries import index_of
from portal.content.kinds import spec_of
from portal.core.context import Context
from portal.core.messages import N_, Message, Words
from portal.core.tenancy import HIDDEN
from portal.review.models import Submission, SubmissionItem

PARTLY_HIDDEN = N_("一份送审（其中有您看不到的内容）")
_KEPT_BACK = N_("限制查看的内容")

_TITLE_CHARACTERS = 60
_MARK = "title of "


def title_of_several(first: Words, number: int) -> Words:
    """This function will name a set of objects after its first: `first` alone, or 首项 等 n 项."""
    shown = first if isinstance(first, Message) else first[:_TITLE_CHARACTERS]
    return shown if number == 1 else N_("%(first)s 等 %(n)d 项", first=shown, n=number)


def title_of_object(ctx: Context, kind: str, title: Words) -> Words:
    """This function will return an object's title as it may stand where many read it: its kind alone, where the tenant's list keeps some content from somebody."""
    keeps_some_back = index_of(ctx, Acl.INFORMATION).singles_out(Permission.CONTENT_VIEW)
    return spec_of(kind).label if keeps_some_back else title


def named_to_all(ctx: Context, title: Words) -> Words:
    """This function will return what a message to all reviewers may call a submission or an object of the context's tenant.

    A message goes to a role, and is written before anybody is known who reads it. Where the tenant has a list it says no more than that
    there is something; whoever may see it reads its name on the page that the message leads to.
    """
    return _KEPT_BACK if index_of(ctx, Acl.INFORMATION) else title


def veiled_titles(session: Session, hidden: Collection[str]) -> frozenset[str]:
    """This function will return marks for the submissions that hold something of `hidden`, by which a session that hides it knows them."""
    holding = select(SubmissionItem.submission_id).where(SubmissionItem.object_id.in_(hidden)).distinct()
    return frozenset(_MARK + one for one in session.scalars(holding)) if hidden else frozenset()


def veil_title(submission: Submission) -> None:
    """This function will give a submission that was read, and is not changed, a title that names nothing."""
    set_committed_value(submission, "title", PARTLY_HIDDEN)


@event.listens_for(Submission, "load")
@event.listens_for(Submission, "refresh")
def _veil(submission: Submission, context: Any, *_attributes: Any) -> None:
    if _MARK + submission.id in context.session.info.get(HIDDEN, ()):
        veil_title(submission)
