"""Taking content off air for cause (下架), and letting it back."""

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.content.commands import lock_object
from portal.content.queries import lock_objects, revisions_of
from portal.content.states import Act
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import NotFound, Refused
from portal.core.ids import ObjectId
from portal.core.messages import N_
from portal.notify.commands import tell
from portal.releases.commands.moving import check_reason, keep_editable, move
from portal.releases.making import Plan, lock_base, make_release
from portal.releases.models import Release
from portal.releases.states import ReleaseKind


def take_down(ctx: Context, object_id: str, reason: str) -> Release:
    """This function will take an object off air for cause (下架); it stays out of every later release until that is lifted.

    Raises `Invalid` without a reason, `Refused` where it is not on air.
    """
    ask(ctx, Permission.RELEASES_TAKE_DOWN)
    check_reason(reason)
    base = lock_base(ctx)
    view = lock_object(ctx.session, object_id)
    if view.on_air is None:
        raise Refused("not_on_air", N_("这项内容现在没有播出。"), status=409)
    words = view.on_air.title
    move(ctx, [view.on_air], Act.TAKE_DOWN)
    view.object.taken_down_at = clock.now()
    view.object.taken_down_reason = reason.strip()
    ctx.session.flush()
    keep_editable(ctx, view.on_air)
    manifest = {other: revision for other, revision in base.manifest.items() if other != view.id}
    title = N_("下架：%(title)s", title=words)
    made = make_release(ctx, base, Plan(ReleaseKind.TAKE_DOWN, manifest, title, reason.strip(), 1))
    record(ctx, Event.TAKEN_DOWN, Target("content_object", view.id, words), title=words, reason=reason.strip())
    tell(
        ctx,
        N_("「%(title)s」已被运营中心下架：%(reason)s", title=words, reason=reason.strip()),
        key=f"taken_down:{view.on_air.id}",
        user_id=view.on_air.submitted_by,
    )
    return made


def lift_take_down(ctx: Context, object_id: str, reason: str) -> None:
    """This function will let an object that was taken down be published again; raises `Invalid` without a reason."""
    ask(ctx, Permission.RELEASES_TAKE_DOWN)
    check_reason(reason)
    found = lock_objects(ctx.session, [object_id]).get(ObjectId(object_id))
    if found is None or found.object.taken_down_at is None:
        raise NotFound
    row = found.object
    row.taken_down_at = None
    row.taken_down_reason = None
    newest = revisions_of(ctx.session, ObjectId(row.id))[0]
    record(
        ctx,
        Event.TAKE_DOWN_LIFTED,
        Target("content_object", row.id, newest.title),
        title=newest.title,
        reason=reason.strip(),
    )
