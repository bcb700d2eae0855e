"""What every act on what is on air does to revisions: they change their state, and no object is left with nothing to edit."""

from collections.abc import Iterable

from portal.content.commands import revive_as_draft
from portal.content.models import Revision
from portal.content.queries import revisions_of
from portal.content.states import WORKING, Act, RevisionState, after
from portal.core.context import Context
from portal.core.errors import Invalid
from portal.core.ids import ObjectId
from portal.core.messages import N_


def move(ctx: Context, revisions: Iterable[Revision], act: Act) -> None:
    """This function will take revisions to the state that follows upon `act`."""
    for revision in revisions:
        revision.state = str(after(RevisionState(revision.state), act))
    # Flushed at once: the database allows one revision on air, so the old one has to leave before the new one comes.
    ctx.session.flush()


def keep_editable(ctx: Context, revision: Revision) -> None:
    """This function will make a draft of the content of an object that has nothing living left: it would vanish from its editors' pages."""
    if not revisions_of(ctx.session, ObjectId(revision.object_id), WORKING):
        revive_as_draft(ctx, revision)


def check_reason(reason: str) -> None:
    """This function will raise `Invalid` where nobody wrote why."""
    if not reason.strip():
        raise Invalid({"reason": N_("请写明原因，它会留在记录里。")})
