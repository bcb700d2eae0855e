"""Writes to objects: saving and discarding drafts, deleting, restoring. What is on air is never touched here."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.envelope import Envelope, make_envelope, read_envelope
from portal.content.kinds import Kind, spec_of
from portal.content.models import ContentObject, Revision, RevisionAuthor
from portal.content.problems import problems
from portal.content.queries import ObjectView, get_object, get_revision, objects, revisions_of
from portal.content.states import Act, RevisionState, after
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, FeatureNotInPackage, Invalid, NotFound, Refused
from portal.core.ids import ObjectId, RevisionId, new_id
from portal.core.messages import N_, Message
from portal.media.queries import asset_infos
from portal.orders.queries import entitlement
from portal.tenants.queries import group_tree

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
    """What a person entered for one object, all parts as JSON: what every kind has beside its payload has its default."""

    payload: Mapping[str, Any]
    targets: tuple[str, ...] = ()
    windows: tuple[Mapping[str, Any], ...] = ()
    hidden: bool = False


def create_draft(ctx: Context, kind: Kind, entered: Entered) -> Saved:
    """This function will create an object of `kind` with a first draft.

    Raises `Invalid` by field, `FeatureNotInPackage`, `Forbidden` for a group editor outside the own subtree.
    """
    envelope = _checked(ctx, kind, entered)
    _ask_to_edit(ctx, envelope, None)
    at = clock.now()
    row = ContentObject(id=new_id(), kind=kind.value, created_at=at, edited_at=at, created_by=ctx.actor.user_id)
    ctx.session.add(row)
    ctx.session.flush()
    _check_set(ctx, ObjectId(row.id), envelope)
    return _write_draft(ctx, ObjectView(row, None, None, None), envelope)


def save_draft(
    ctx: Context, kind: Kind, object_id: str, version: int, entered: Entered, *, void_approval: bool = False
) -> Saved:
    """This function will save what a person entered as the object's draft, beside whatever is on air or under review.

    `version` is the one that the person read; a newer one raises `Conflict`. An approved revision that is not on air yet
    is voided by the first save, which has to be confirmed with `void_approval` or raises `Refused` (409). Raises `Invalid`
    by field.
    """
    view = lock_object(ctx.session, object_id, kind)
    if view.object.version != version:
        raise Conflict(code="newer_version")
    envelope = _checked(ctx, kind, entered)
    _ask_to_edit(ctx, envelope, view)
    _check_set(ctx, view.id, envelope)
    return _save(ctx, view, envelope, void_approval=void_approval)


def delete_object(ctx: Context, object_id: str, version: int, *, void_approval: bool = False) -> Saved | None:
    """This function will save the object's deletion as a draft; one that nobody else ever saw is simply gone (None).

    Raises `Conflict`, `Refused` as `save_draft` does, and `Refused` where other content still needs the object.
    """
    view = lock_object(ctx.session, object_id)
    if view.object.version != version:
        raise Conflict(code="newer_version")
    envelope = replace(view.envelope, deleted=True)
    _ask_to_edit(ctx, envelope, view)
    _check_nothing_needs(ctx.session, view)
    if view.pending is None and view.on_air is None:
        discard_draft(ctx, object_id, version)
        return None
    return _save(ctx, view, envelope, void_approval=void_approval)


def discard_draft(ctx: Context, object_id: str, version: int) -> None:
    """This function will drop the object's draft; what is under review or on air stays. Raises `Conflict`, `NotFound`."""
    view = lock_object(ctx.session, object_id)
    if view.draft is None:
        raise NotFound
    if view.object.version != version:
        raise Conflict(code="newer_version")
    _ask_to_edit(ctx, view.envelope, view)
    draft = view.draft
    after(RevisionState(draft.state), Act.DISCARD)
    for author in ctx.session.scalars(select(RevisionAuthor).where(RevisionAuthor.revision_id == draft.id)):
        ctx.session.delete(author)
    ctx.session.flush()
    ctx.session.delete(draft)
    ctx.session.flush()
    _touch(view.object)
    kept = revisions_of(ctx.session, view.id)
    if not kept:
        view.object.purged_at = clock.now()
    record(ctx, Event.DRAFT_DISCARDED, target_of(view), kind=view.object.kind, title=draft.title)


def restore_revision(ctx: Context, object_id: str, revision_id: str, version: int) -> Saved:
    """This function will make an older revision's content the object's draft, undeleted; it needs review like any other.

    Raises `Conflict`, `NotFound`, and `Invalid` where the content no longer fits what else there is.
    """
    view = lock_object(ctx.session, object_id)
    if view.object.version != version:
        raise Conflict(code="newer_version")
    revision = get_revision(ctx.session, revision_id)
    if revision.object_id != view.id:
        raise NotFound
    envelope = replace(read_envelope(revision.envelope), deleted=False)
    _ask_to_edit(ctx, envelope, view)
    _check_set(ctx, view.id, envelope)
    return _save(ctx, view, envelope, void_approval=True)


def revive_as_draft(ctx: Context, revision: Revision) -> None:
    """This function will give back, as a draft, the content of a revision that was returned or withdrawn.

    Nothing typed is lost; a draft that somebody began meanwhile stays as it is. The caller asked and records.
    """
    drafts = revisions_of(ctx.session, ObjectId(revision.object_id), (RevisionState.DRAFT,))
    if not drafts:
        view = lock_object(ctx.session, revision.object_id)
        _add_draft(ctx.session, view, read_envelope(revision.envelope), revision.author_id)


def lock_object(session: Session, object_id: str, kind: Kind | None = None) -> ObjectView:
    """This function will return the object with its row locked until the transaction ends; raises `NotFound`."""
    locked = select(ContentObject).where(ContentObject.id == object_id).with_for_update()
    view = get_object(session, object_id, kind)
    session.scalars(locked, execution_options={"populate_existing": True}).one()
    return get_object(session, view.id, kind)


def target_of(view: ObjectView) -> Target:
    """This function will return the object as the log names it."""
    return Target("content_object", view.id, stored_title(view.envelope))


def stored_title(envelope: Envelope) -> str:
    """This function will return the words by which lists and the log know a revision, at most 400 characters."""
    return str(envelope.title)[:400]


def _checked(ctx: Context, kind: Kind, entered: Entered) -> Envelope:
    envelope = make_envelope(
        kind, dict(entered.payload), targets=entered.targets, windows=list(entered.windows), hidden=entered.hidden
    )
    if set(envelope.assets) - asset_infos(ctx.session, envelope.assets).keys():
        raise Invalid({_asset_field(envelope): N_("图片或视频不在媒体库里，请重新选择。")})
    return envelope


def _asset_field(envelope: Envelope) -> str:
    fields = type(envelope.payload).model_fields
    return next((name for name in ("image", "asset", "icon", "items") if name in fields), "payload")


def _ask_to_edit(ctx: Context, envelope: Envelope, view: ObjectView | None) -> None:
    """Ask for the permission, for the feature, and, for a group editor, that old and new targets lie in the own subtree."""
    inside = _inside_subtree(ctx, envelope) and (view is None or _inside_subtree(ctx, view.envelope))
    ask(ctx, Permission.CONTENT_EDIT, provided=inside, because=N_("分组编辑只能改投放到本分组及下级的内容。"))
    feature = spec_of(envelope.kind).feature
    if feature not in entitlement(ctx.session, ctx.tenant_id, clock.now()).features:
        raise FeatureNotInPackage(feature)


def _inside_subtree(ctx: Context, envelope: Envelope) -> bool:
    if ctx.actor.role != Role.GROUP_EDITOR:
        return True
    return bool(envelope.targets) and set(envelope.targets) <= ctx.actor.groups


def _check_set(ctx: Context, object_id: ObjectId, envelope: Envelope) -> None:
    """Refuse what would not fit the rest: only what is wrong with this object, or newly wrong with another, counts."""
    tree = group_tree(ctx.session)
    features = entitlement(ctx.session, ctx.tenant_id, clock.now()).features
    working = {other: view.envelope for other, view in objects(ctx.session).items()}
    groups = frozenset(node.id for _, node in tree.walk())
    before = {(found.object_id, found.field) for found in problems(working, features, groups, tree.root.id)}
    working[object_id] = envelope
    errors: dict[str, list[Message]] = {}
    for found in problems(working, features, groups, tree.root.id):
        if found.object_id == object_id:
            errors.setdefault(found.field, []).append(found.message)
        elif (found.object_id, found.field) not in before and not errors:
            title = stored_title(working[found.object_id])
            errors["payload"] = [N_("「%(title)s」会受影响：%(problem)s", title=title, problem=found.message)]
    if errors:
        raise Invalid(errors)


def _check_nothing_needs(session: Session, view: ObjectView) -> None:
    for other in objects(session).values():
        if other.id != view.id and not other.envelope.deleted and view.id in other.envelope.refs:
            title = stored_title(other.envelope)
            raise Refused("still_needed", N_("「%(title)s」还在用它，请先改掉那一处。", title=title), status=409)


def _save(ctx: Context, view: ObjectView, envelope: Envelope, *, void_approval: bool) -> Saved:
    if view.pending is not None and view.pending.state == RevisionState.APPROVED:
        if not void_approval:
            raise Refused(
                APPROVAL_AT_STAKE,
                N_("这份内容已通过审核、等待发布。保存修改会让审核作废，需要重新送审。"),
                status=409,
            )
        _void(ctx, view, view.pending)
    return _write_draft(ctx, view, envelope)


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


def _write_draft(ctx: Context, view: ObjectView, envelope: Envelope) -> Saved:
    if view.draft is None:
        draft = _add_draft(ctx.session, view, envelope, ctx.actor.user_id)
    else:
        draft = view.draft
        _fill(draft, envelope)
        _touch(view.object)
    _note_author(ctx, draft)
    ctx.session.flush()
    record(
        ctx,
        Event.DRAFT_SAVED,
        Target("content_object", view.object.id, draft.title),
        kind=view.object.kind,
        title=draft.title,
        sha256=draft.sha256,
    )
    return Saved(ObjectId(view.object.id), RevisionId(draft.id), view.object.version, draft.sha256)


def _add_draft(session: Session, view: ObjectView, envelope: Envelope, author_id: str | None) -> Revision:
    newest = session.scalar(select(func.max(Revision.number)).where(Revision.object_id == view.object.id)) or 0
    at = clock.now()
    draft = Revision(
        id=new_id(),
        object_id=view.object.id,
        number=newest + 1,
        state=RevisionState.DRAFT.value,
        author_id=author_id,
        created_at=at,
    )
    _fill(draft, envelope)
    session.add(draft)
    _touch(view.object)
    session.flush()
    return draft


def _fill(draft: Revision, envelope: Envelope) -> None:
    draft.envelope = envelope.to_json()
    draft.sha256 = envelope.sha256
    draft.title = stored_title(envelope)
    draft.saved_at = clock.now()


def _note_author(ctx: Context, draft: Revision) -> None:
    user_id = ctx.actor.user_id
    if user_id is None:
        return
    known = select(RevisionAuthor.id).where(RevisionAuthor.revision_id == draft.id, RevisionAuthor.user_id == user_id)
    if ctx.session.scalar(known) is None:
        ctx.session.add(RevisionAuthor(revision_id=draft.id, user_id=user_id))


def _touch(row: ContentObject) -> None:
    """Mark the row as changed, so that its version grows."""
    row.edited_at = clock.now()
