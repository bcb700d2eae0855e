"""What content holds on to: files and box groups that cannot go while something shows them or is aimed at them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope
from portal.content.models import ContentObject, Revision
from portal.content.queries import UNSEEN_TITLE, objects, title_for
from portal.content.recycling import LIES_IN_BIN, OF_ITS_OBJECT
from portal.content.states import LABELS, WORKING, RevisionState
from portal.content.stored import stored_envelope
from portal.core.ids import GroupId
from portal.core.messages import N_, Message, Words
from portal.core.tenancy import unseen_of
from portal.media.usage import Use, register_usage
from portal.tenants.commands.groups import register_use

_IN_BIN = LIES_IN_BIN.label("in_bin")
_HOLDING = (
    select(_IN_BIN, Revision.state, Revision.title, Revision.object_id, Revision.sha256, Revision.envelope)
    .join(ContentObject, OF_ITS_OBJECT)
    .where(or_(LIES_IN_BIN, Revision.state.in_([state.value for state in WORKING])))
    .order_by(_IN_BIN.desc())
)
"""Everything that holds files, what lies in the recycle bin first."""

_BIN = N_("回收站")


@register_usage
def file_uses(session: Session, shas: Sequence[str]) -> Iterator[Use]:
    """This function will name the drafts, revisions under way and on air, and what lies in the recycle bin, that show a file.

    What the reader may not see counts, without its title.
    """
    unseen = unseen_of(session)
    for use in uses_of_files(session, shas):
        yield replace(use, title=UNSEEN_TITLE, object_id=None) if use.object_id in unseen else use


def uses_of_files(session: Session, shas: Sequence[str]) -> Iterator[Use]:
    """This function will do the same whoever reads."""
    wanted = set(shas)
    for in_bin, state, title, object_id, sha256, stored in session.execute(_HOLDING):
        where = _BIN if in_bin else LABELS[RevisionState(state)]
        yield from _uses(wanted, where, title, object_id, stored_envelope(sha256, stored))


def _uses(wanted: Collection[str], where: Message, title: Words, object_id: str, envelope: Envelope) -> Iterator[Use]:
    for sha256 in envelope.assets:
        if sha256 in wanted:
            yield Use(sha256, where, title, object_id)


@register_use
def group_use(session: Session, group_id: GroupId) -> Message | None:
    """This function will say which content is aimed at a box group, or return None."""
    for view in objects(session).values():
        for revision in (view.draft, view.pending, view.on_air):
            if revision is not None and not revision.envelope["deleted"] and group_id in revision.envelope["targets"]:
                title = title_for(session, view.id, revision.title)
                return N_("「%(title)s」还投放在这个分组，请先改投别处或删除它。", title=title)
    return None
