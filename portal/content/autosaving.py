"""What a page saves by itself while somebody types: the same saves as the button's, except that what stands already is not saved anew.

A page that did not hear the answer of its last save sends the same once more; whether that was saved is told by what stands there
now, not by the version it names. So a page never comes into conflict with itself.
"""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.content.commands import Entered, Manner, Saved, create_draft, lock_object, save_draft
from portal.content.envelope import make_envelope
from portal.content.kinds import Kind
from portal.content.queries import ObjectView, find_row
from portal.core.context import Context
from portal.core.errors import Invalid
from portal.core.ids import ObjectId, RevisionId


def autosave_draft(
    ctx: Context, kind: Kind, object_id: str, version: int, entered: Entered, *, manner: Manner = Manner.QUIETLY
) -> Saved:
    """This function will save what is typed as the object's draft, unless that is what stands there; raises as `save_draft` does."""
    ask(ctx, Permission.CONTENT_EDIT)
    view = lock_object(ctx.session, object_id, kind)
    if _stands(view, kind, entered):
        newest = view.newest
        return Saved(view.id, RevisionId(newest.id), view.object.version, newest.sha256)
    return save_draft(ctx, kind, object_id, version, entered, manner=manner)


def autosave_new(
    ctx: Context, kind: Kind, object_id: ObjectId, version: int, entered: Entered, *, manner: Manner = Manner.QUIETLY
) -> Saved:
    """This function will create an object under the id that its page chose, or save its draft where it was created before."""
    if find_row(ctx.session, object_id) is not None:
        return autosave_draft(ctx, kind, object_id, version, entered, manner=manner)
    return create_draft(ctx, kind, entered, object_id=object_id, quietly=True)


def _stands(view: ObjectView, kind: Kind, entered: Entered) -> bool:
    if not view.is_living or (entered.classification or view.object.classification) != view.object.classification:
        return False
    try:
        typed = make_envelope(
            kind, dict(entered.payload), targets=entered.targets, windows=list(entered.windows), hidden=entered.hidden
        )
    except Invalid:
        return False
    return typed.sha256 == view.newest.sha256
