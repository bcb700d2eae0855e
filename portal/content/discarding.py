"""Taking back what nobody has to see: dropping drafts, and asking for an object's deletion."""

from collections.abc import Collection, Mapping
from dataclasses import replace

from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import record
from portal.content.checks import ask_to_edit, check_nothing_needs, check_version
from portal.content.commands import Saved, lock_object, save_envelope, target_of
from portal.content.drafting import shelve, touch
from portal.content.models import RevisionAuthor
from portal.content.queries import ObjectView, lock_objects
from portal.content.sittings import rise
from portal.content.states import Act, RevisionState, after
from portal.core.context import Context
from portal.core.errors import NotFound, Refused
from portal.core.ids import ObjectId
from portal.core.messages import N_


def delete_object(ctx: Context, object_id: str, version: int, *, void_approval: bool = False) -> Saved | None:
    """This function will save the object's deletion as a draft; one that nobody else ever saw goes to the recycle bin (None).

    Raises `Conflict`, `Refused` as `save_draft` does, and `Refused` where other content still needs the object.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    view = lock_object(ctx.session, object_id)
    check_version(view, version)
    envelope = replace(view.envelope, deleted=True)
    ask_to_edit(ctx, view.object, envelope, view)
    check_nothing_needs(ctx.session, view)
    if view.pending is None and view.on_air is None:
        discard_draft(ctx, object_id, version)
        return None
    return save_envelope(ctx, view, envelope, void_approval=void_approval)


def discard_draft(ctx: Context, object_id: str, version: int) -> None:
    """This function will drop the object's draft; what is under review or on air stays.

    A draft that is all there is of its object goes to the recycle bin. Raises `Conflict`, `NotFound`, `Refused` without a draft.
    """
    discard_drafts(ctx, {object_id: version})


def discard_drafts(ctx: Context, versions: Mapping[str, int]) -> None:
    """This function will drop the drafts of several objects, given by id with the version seen, all or none; see `discard_draft`.

    What needs one of them does not stand in the way when it is dropped too.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    views = lock_objects(ctx.session, versions)
    for object_id, version in versions.items():
        view = views.get(ObjectId(object_id))
        if view is None:
            raise NotFound
        _discard(ctx, view, version, beside=views.keys())


def _discard(ctx: Context, view: ObjectView, version: int, beside: Collection[ObjectId]) -> None:
    if view.draft is None:
        raise Refused("no_draft", N_("这项内容没有草稿。"), status=409)
    check_version(view, version)
    ask_to_edit(ctx, view.object, view.envelope, view)
    draft = view.draft
    if view.pending is None and view.on_air is None:
        check_nothing_needs(ctx.session, view, beside)
        shelve(draft)
    else:
        after(RevisionState(draft.state), Act.DISCARD)
        for author in ctx.session.scalars(select(RevisionAuthor).where(RevisionAuthor.revision_id == draft.id)):
            ctx.session.delete(author)
        ctx.session.flush()
        ctx.session.delete(draft)
    touch(view.object)
    ctx.session.flush()
    rise(ctx, [view.id])
    record(ctx, Event.DRAFT_DISCARDED, target_of(view), kind=view.object.kind, title=draft.title)
