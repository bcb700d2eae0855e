"""What content holds on to: files and box groups that cannot go while something shows them or is aimed at them."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.content.models import Revision
from portal.content.queries import objects
from portal.content.recycling import recycled
from portal.content.states import LABELS, WORKING, RevisionState
from portal.content.stored import envelope_of
from portal.core.ids import GroupId
from portal.core.messages import N_, Message
from portal.media.usage import Use, register_usage
from portal.tenants.commands import register_use

_BIN = N_("回收站")


@register_usage
def file_uses(session: Session, shas: Sequence[str]) -> Iterator[Use]:
    """This function will name the drafts, revisions under way and on air, and what lies in the recycle bin, that show a file."""
    wanted = set(shas)
    in_bin = {one.revision.id: one.revision for one in recycled(session)}
    living = select(Revision).where(Revision.state.in_([state.value for state in WORKING]))
    for revision in {**in_bin, **{row.id: row for row in session.scalars(living)}}.values():
        where = _BIN if revision.id in in_bin else LABELS[RevisionState(revision.state)]
        for sha256 in envelope_of(revision).assets:
            if sha256 in wanted:
                yield Use(sha256, where, revision.title, revision.object_id)


@register_use
def group_use(session: Session, group_id: GroupId) -> Message | None:
    """This function will say which content is aimed at a box group, or return None."""
    for view in objects(session).values():
        for revision in (view.draft, view.pending, view.on_air):
            if revision is not None and not revision.envelope["deleted"] and group_id in revision.envelope["targets"]:
                return N_("「%(title)s」还投放在这个分组，请先改投别处或删除它。", title=revision.title)
    return None
