"""What content holds on to: files and box groups that cannot go while something shows them or is aimed at them."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope
from portal.content.models import Revision
from portal.content.queries import objects
from portal.content.recycling import recycled
from portal.content.states import LABELS, WORKING, RevisionState
from portal.content.stored import envelope_of, stored_envelope
from portal.core.ids import GroupId
from portal.core.messages import N_, Message, Words
from portal.core.tenancy import UNSEEN
from portal.media.usage import Use, register_usage
from portal.tenants.commands import register_use

_BIN, _UNSEEN = N_("回收站"), N_("您看不到的内容")


@register_usage
def file_uses(session: Session, shas: Sequence[str]) -> Iterator[Use]:
    """This function will name the drafts, revisions under way and on air, and what lies in the recycle bin, that show a file.

    What the reader may not see counts, without its title.
    """
    unseen = session.info.get(UNSEEN, frozenset())
    for use in _file_uses(session, shas):
        yield replace(use, title=_UNSEEN, object_id=None) if use.object_id in unseen else use


def _file_uses(session: Session, shas: Sequence[str]) -> Iterator[Use]:
    wanted = set(shas)
    in_bin = {one.revision.id: one.revision for one in recycled(session)}
    for revision in in_bin.values():
        yield from _uses(wanted, _BIN, revision.title, revision.object_id, envelope_of(revision))
    columns = (Revision.state, Revision.title, Revision.object_id, Revision.sha256, Revision.envelope)
    working = Revision.state.in_([state.value for state in WORKING]) & Revision.id.not_in(in_bin)
    for state, title, object_id, sha256, stored in session.execute(select(*columns).where(working)):
        yield from _uses(wanted, LABELS[RevisionState(state)], title, object_id, stored_envelope(sha256, stored))


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
                title = _UNSEEN if view.id in session.info.get(UNSEEN, frozenset()) else revision.title
                return N_("「%(title)s」还投放在这个分组，请先改投别处或删除它。", title=title)
    return None
