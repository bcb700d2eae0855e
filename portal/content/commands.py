"""Writes to objects: saving drafts and restoring older content as one. What is on air is never touched here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.checks import (
    ask_to_edit,
    check_assets,
    check_set,
    check_version,
    inside_subtree,
)
from portal.content.classes import Class
from portal.content.drafting import add_draft, fill, inherit_authors, note_authors, stored_title, touch
from portal.content.envelope import Envelope, make_envelope
from portal.content.kinds import Kind
from portal.content.models import ContentObject, Revision
from portal.content.protecting import ask_about, may_about
from portal.content.queries import ObjectView, get_revision, lock_objects, saved_by
from portal.content.sittings import record_save, rise, sit
from portal.content.states import Act, RevisionState, after
from portal.content.stored import envelope_of
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import ObjectId, RevisionId, new_id
from portal.core.messages import N_

APPROVAL_AT_STAKE = "approval_would_be_voided"


@dataclass(frozen=True)
class Saved:
    """What a save left: the object's new version and the draft it holds now."""

    object_id: ObjectId
    revision_id: RevisionId
    version: int
    sha256: str


@dataclass(frozen=True)
class Entered:
    """What a person entered for one object, all parts as JSON: what every kind has beside its payload has its default.

    `classification` is a class of information, None leaves it as it is.
    """

    payload: Mapping[str, Any]
    targets: tuple[str, ...] = ()
    windows: tuple[Mapping[str, Any], ...] = ()
    hidden: bool = False
    classification: str | None = None


def create_draft(
    ctx: Context, kind: Kind, entered: Entered, *, object_id: ObjectId | None = None, quietly: bool = False
) -> Saved:
    """This function will create an object of `kind` with a first draft, under `object_id` where its page chose one.

    `quietly` saves as `save_draft` does.
    Raises `Invalid` by field, `FeatureNotInPackage`, `Forbidden` for a group editor outside the own subtree.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    envelope = _checked(ctx, kind, entered)
    at = clock.now()
    row = ContentObject(
        id=object_id or new_id(), kind=kind.value, created_at=at, edited_at=at, created_by=ctx.actor.user_id
    )
    row.classification = _class_of(entered, Class.PUBLIC)
    ask_to_edit(ctx, row, envelope, None)
    ctx.session.add(row)
    ctx.session.flush()
    check_set(ctx, {ObjectId(row.id): envelope})
    return _write_draft(ctx, ObjectView(row, None, None, None), envelope, quietly=quietly)


@dataclass(frozen=True)
class Change:
    """What one object of several saved together shall hold."""

    object_id: ObjectId
    envelope: Envelope


class Manner(Enum):
    """How a draft is saved: by its button; by the page itself while somebody types (`sittings.py`); or over a draft of somebody else's by one who
    saw both in a conflict, so that the other one stays in the object's history.
    """

    ASKED = auto()
    QUIETLY = auto()
    OVER = auto()


def save_draft(
    ctx: Context,
    kind: Kind,
    object_id: str,
    version: int,
    entered: Entered,
    *,
    void_approval: bool = False,
    manner: Manner = Manner.ASKED,
) -> Saved:
    """This function will save what a person entered as the object's draft, beside whatever is on air or under review.

    `version` is the one that the person read; a newer one raises `Conflict`. An approved revision that is not on air yet
    is voided by the first save, which has to be confirmed with `void_approval` or raises `Refused` (409). What a page saves
    by itself while somebody types makes one record for the sitting (`Manner`). Raises `Invalid` by field.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    view = lock_object(ctx.session, object_id, kind)
    check_version(view, version)
    envelope = _checked(ctx, kind, entered, view.id)
    ask_to_edit(ctx, view.object, envelope, view)
    _classify(ctx, view, envelope, entered)
    check_set(ctx, {view.id: envelope})
    if manner is Manner.OVER and view.draft is not None and view.draft.sha256 != envelope.sha256:
        return _save_over(ctx, view, view.draft, envelope, void_approval=void_approval)
    return save_envelope(ctx, view, envelope, void_approval=void_approval, quietly=manner is Manner.QUIETLY)


def save_together(ctx: Context, changes: Sequence[Change], *, void_approval: bool = False) -> list[Saved]:
    """This function will save several objects' drafts at once, all or none: they are judged together, as for a swap.

    It is for changes that do not replace what somebody typed (order, place), so it names no versions. Raises as `save_draft`.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    ordered = sorted(changes, key=lambda change: change.object_id)
    locked = lock_objects(ctx.session, [change.object_id for change in ordered])
    if any(one.object_id not in locked or locked[one.object_id].object.kind != one.envelope.kind for one in ordered):
        raise NotFound
    views = [locked[change.object_id] for change in ordered]
    for change, view in zip(ordered, views, strict=True):
        ask_to_edit(ctx, view.object, change.envelope, view)
    check_set(ctx, {change.object_id: change.envelope for change in ordered})
    return [
        save_envelope(ctx, view, change.envelope, void_approval=void_approval)
        for change, view in zip(ordered, views, strict=True)
    ]


def restore_revision(
    ctx: Context, object_id: str, revision_id: str, version: int, *, void_approval: bool = False
) -> Saved:
    """This function will make an older revision's content the object's draft, undeleted; it needs review like any other.

    Raises `Conflict`, `NotFound`, `Refused` as `save_draft` does, and `Invalid` where the content no longer fits what else
    there is.
    """
    ask(ctx, Permission.CONTENT_EDIT)
    view = lock_object(ctx.session, object_id)
    check_version(view, version)
    revision = get_revision(ctx.session, revision_id)
    if revision.object_id != view.id:
        raise NotFound
    envelope = replace(envelope_of(revision), deleted=False)
    ask_to_edit(ctx, view.object, envelope, view if view.is_living else None)
    check_assets(ctx, envelope, view.id)
    check_set(ctx, {view.id: envelope})
    saved = save_envelope(ctx, view, envelope, void_approval=void_approval)
    inherit_authors(ctx.session, saved.revision_id, revision)
    return saved


def revive_as_draft(ctx: Context, revision: Revision) -> None:
    """This function will give back, as a draft, the content of a revision that was returned or withdrawn.

    Nothing typed is lost; a draft that somebody began meanwhile stays as it is. Whoever wrote the revision has written the
    draft too, and may not approve it. The caller asked and records.
    """
    view = lock_object(ctx.session, revision.object_id)
    if view.draft is None:
        draft = add_draft(ctx.session, view, envelope_of(revision), revision.author_id)
        inherit_authors(ctx.session, RevisionId(draft.id), revision)


def lock_object(session: Session, object_id: str, kind: Kind | None = None) -> ObjectView:
    """This function will return the object with its row locked until the transaction ends; raises `NotFound`."""
    view = lock_objects(session, [object_id]).get(ObjectId(object_id))
    if view is None or (kind is not None and view.object.kind != kind):
        raise NotFound
    return view


def target_of(view: ObjectView) -> Target:
    """This function will return the object as the log names it."""
    return Target("content_object", view.id, stored_title(view.envelope))


def _checked(ctx: Context, kind: Kind, entered: Entered, object_id: ObjectId | None = None) -> Envelope:
    envelope = make_envelope(
        kind, dict(entered.payload), targets=entered.targets, windows=list(entered.windows), hidden=entered.hidden
    )
    check_assets(ctx, envelope, object_id)
    return envelope


def _classify(ctx: Context, view: ObjectView, envelope: Envelope, entered: Entered) -> None:
    """Change the class of an object; whoever does has to be let pass by the new one too."""
    wanted = _class_of(entered, Class(view.object.classification))
    if wanted == view.object.classification:
        return
    before, view.object.classification = view.object.classification, wanted
    ask_about(ctx, Permission.CONTENT_EDIT, view.object, envelope)
    record(ctx, Event.CONTENT_CLASSIFIED, target_of(view), before=before, after=wanted)


def _class_of(entered: Entered, standing: Class) -> str:
    if entered.classification is None:
        return standing.value
    if entered.classification not in set(Class):
        raise Invalid({"classification": N_("请选择密级。")})
    return entered.classification


def may_change(ctx: Context, view: ObjectView) -> bool:
    """This function will tell whether the actor may edit an object, as far as lists and groups decide it."""
    return may_about(ctx, Permission.CONTENT_EDIT, view.object, view.envelope) and inside_subtree(ctx, view.envelope)


def save_envelope(
    ctx: Context, view: ObjectView, envelope: Envelope, *, void_approval: bool, quietly: bool = False
) -> Saved:
    """This function will write a checked envelope as the draft of an object that is locked; the caller asked. Raises `Refused` as `save_draft` does."""
    if view.pending is not None and view.pending.state == RevisionState.APPROVED:
        if not void_approval:
            raise Refused(
                APPROVAL_AT_STAKE,
                N_("这份内容已通过审核、等待发布。保存修改会让审核作废，需要重新送审。"),
                status=409,
            )
        _void(ctx, view, view.pending)
    return _write_draft(ctx, view, envelope, quietly=quietly)


def _save_over(ctx: Context, view: ObjectView, theirs: Revision, envelope: Envelope, *, void_approval: bool) -> Saved:
    """The other one's draft becomes a revision of the history; whoever wrote on it has written on what replaces it."""
    theirs.author_id = saved_by(ctx.session, theirs) or theirs.author_id
    theirs.state = str(after(RevisionState.DRAFT, Act.LAY_ASIDE))
    ctx.session.flush()
    saved = save_envelope(ctx, replace(view, draft=None), envelope, void_approval=void_approval)
    inherit_authors(ctx.session, saved.revision_id, theirs)
    return saved


def _void(ctx: Context, view: ObjectView, approved: Revision) -> None:
    approved.state = str(after(RevisionState.APPROVED, Act.VOID))
    record(
        ctx,
        Event.APPROVAL_VOIDED,
        target_of(view),
        kind=view.object.kind,
        title=approved.title,
        sha256=approved.sha256,
    )
    ctx.session.flush()


def _write_draft(ctx: Context, view: ObjectView, envelope: Envelope, *, quietly: bool = False) -> Saved:
    if view.draft is None:
        draft = add_draft(ctx.session, view, envelope, ctx.actor.user_id)
    else:
        draft = view.draft
        fill(draft, envelope)
        touch(view.object)
    note_authors(ctx.session, RevisionId(draft.id), [ctx.actor.user_id] if ctx.actor.user_id else [])
    ctx.session.flush()
    if quietly:
        sit(ctx, draft, view.object.kind)
    else:
        rise(ctx, [view.object.id])
        record_save(ctx, draft, view.object.kind)
    return Saved(ObjectId(view.object.id), RevisionId(draft.id), view.object.version, draft.sha256)
