"""What a submission is called: after what is in it, as long as everybody who reads that may see it."""

from collections.abc import Collection, Iterable
from typing import Any

from sqlalchemy import event, select
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from portal.access.acl import Acl
from portal.access.checks import may
from portal.access.models import InformationEntry
from portal.access.permissions import Permission
from portal.access.queries import index_of
from portal.accounts.states import STRONGEST
from portal.content.kinds import spec_of
from portal.content.states import RevisionState
from portal.content.veil import veil
from portal.core.context import Actor, Context
from portal.core.database import tenant_session
from portal.core.ids import TenantId
from portal.core.messages import N_, Message, Words
from portal.core.tenancy import HIDDEN, unseen_of
from portal.review.models import Submission, SubmissionItem
from portal.review.queries import SubmissionView
from portal.tenants.models import Tenant
from portal.tenants.queries import get_tenant, reference

Titled = Any
"""A row with a title: a submission here, a release in a room above."""

PARTLY_HIDDEN = N_("一份送审（其中有您看不到的内容）")
BY_LEVEL = N_("要用更高的认证级别才看得到标题")
_KEPT_BACK = N_("限制查看的内容")

_TITLE_CHARACTERS = 60
_MARK = "title of "


def title_of_several(first: Words, number: int) -> Words:
    """This function will name a set of objects after its first: `first` alone, or 首项 等 n 项."""
    shown = first if isinstance(first, Message) else first[:_TITLE_CHARACTERS]
    return shown if number == 1 else N_("%(first)s 等 %(n)d 项", first=shown, n=number)


def words_where_whole(view: SubmissionView, going: Collection[str]) -> tuple[Words, Words]:
    """This function will return what a release of the revisions `going` may say in the words of its submission: title and note, or nothing.

    They name all of the submission, and more people read of releases than of what was returned or waits; so they go along only where
    nothing stays back.
    """
    goes_whole = all(item.revision.id in going or item.state is RevisionState.PUBLISHED for item in view.items)
    return (view.submission.title, view.submission.note) if goes_whole else ("", "")


def title_of_object(ctx: Context, kind: str, title: Words) -> Words:
    """This function will return an object's title as it may stand where many read it: its kind alone, where the tenant's list keeps some content from somebody."""
    keeps_some_back = index_of(ctx, Acl.INFORMATION).singles_out(Permission.CONTENT_VIEW)
    return spec_of(kind).label if keeps_some_back else title


def named_to_all(ctx: Context, title: Words) -> Words:
    """This function will return what a message to all reviewers may call a submission or an object of the context's tenant.

    A message goes to a role, and is written before anybody is known who reads it. Where the tenant has a list, or asks for a level that
    not everybody has shown, it says no more than that there is something; whoever may see it reads its name on the page that the message
    leads to.
    """
    asks_for_more = get_tenant(ctx.session, ctx.tenant_id).required_level >= STRONGEST
    return _KEPT_BACK if asks_for_more or index_of(ctx, Acl.INFORMATION) else title


def veiled_titles(session: Session, hidden: Collection[str]) -> frozenset[str]:
    """This function will return marks for the submissions that hold something of `hidden`, by which a session that hides it knows them."""
    holding = select(SubmissionItem.submission_id).where(SubmissionItem.object_id.in_(hidden)).distinct()
    return frozenset(_MARK + one for one in session.scalars(holding)) if hidden else frozenset()


def veiled_in(session: Session) -> frozenset[str]:
    """This function will return the submissions whose titles the session keeps from its reader: no word of theirs may find them."""
    return frozenset(one.removeprefix(_MARK) for one in session.info.get(HIDDEN, ()) if one.startswith(_MARK))


def veil_title(submission: Submission, called: Message = PARTLY_HIDDEN) -> None:
    """This function will give a submission that was read, and is not changed, a title that names nothing and is found by no word of it.

    What its submitter noted beside the title says as much, and goes too.
    """
    for name, value in (("title", called), ("pinyin", ""), ("note", "")):
        set_committed_value(submission, name, value)


def title_for(session: Session, submission: Submission) -> Words:
    """This function will return what a submission is called to whoever the session works for, also where it writes and knows of everything."""
    return PARTLY_HIDDEN if _MARK + submission.id in unseen_of(session) else submission.title


def is_kept_by_level(actor: Actor, tenant: Tenant) -> bool:
    """This function will tell whether an enterprise asks for more proof of who somebody is, and keeps its content to itself until then.

    So it is on its own pages, and no page, file or search over all enterprises is a way around it: these say that something is there.
    """
    return actor.auth_level < tenant.required_level


def veil_by_level(actor: Actor, rows: Iterable[tuple[Tenant, Titled]]) -> None:
    """This function will give what was read of several enterprises, submissions or releases, titles that `actor` may read."""
    for tenant, named in rows:
        if is_kept_by_level(actor, tenant):
            if isinstance(named, Submission):
                veil_title(named, BY_LEVEL)
            else:
                set_committed_value(named, "title", BY_LEVEL)


def veil_by_lists(system: Session, actor: Actor, rows: Iterable[tuple[Tenant, Submission]]) -> None:
    """This function will give what was read of several enterprises titles that their access lists let `actor` read.

    One query where none of them has a list, and a few more for each that has.
    """
    found: dict[TenantId, tuple[Tenant, list[Submission]]] = {}
    for tenant, submission in rows:
        found.setdefault(TenantId(tenant.id), (tenant, []))[1].append(submission)
    listed = select(InformationEntry.tenant_id).where(InformationEntry.tenant_id.in_(found)).distinct()
    for tenant, submissions in [found[TenantId(one)] for one in system.scalars(listed)] if found else ():
        with tenant_session(TenantId(tenant.id)) as session:
            ctx = Context(session, actor, reference(tenant))
            keeps_all = not may(ctx, Permission.CONTENT_VIEW)
            marks = veiled_titles(session, veil(ctx))
        for submission in submissions:
            if keeps_all or _MARK + submission.id in marks:
                veil_title(submission)


@event.listens_for(Submission, "load")
@event.listens_for(Submission, "refresh")
def _veil(submission: Submission, context: Any, *_attributes: Any) -> None:
    if _MARK + submission.id in context.session.info.get(HIDDEN, ()):
        veil_title(submission)
