"""The small submissions on one page, every change with both sides in words, to be approved together, enterprise by enterprise."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, flash, jsonify, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.content.queries import authors_of
from portal.content.states import RevisionState
from portal.core.context import Context, TenantRef
from portal.core.database import tenant_session
from portal.core.errors import Conflict, Invalid, Refused
from portal.core.ids import ObjectId, RevisionId
from portal.desk.bulk_commands import Outcome, Together, approve_together
from portal.desk.filters import is_small
from portal.desk.forms import PUBLISH
from portal.desk.queries import Waiting
from portal.desk.queue import may_decide, waiting_lines
from portal.releases.queries import current_release, envelopes_of, manifest_of
from portal.review.naming import names_for
from portal.review.queries import ItemView, SubmissionView, display_names, views_of
from portal.review.showing import Changed, changed
from portal.review.titles import is_kept_by_level
from portal.tenants.queries import group_tree, reference
from portal.web.access import needs
from portal.web.errors import wants_json
from portal.web.i18n import translate
from portal.web.rendering import translated
from portal.web.state import ctx, state

blueprint = Blueprint("desk_bulk", __name__)

MOST = 20
"""How many submissions stand on the page: what is approved unread is not reviewed."""


@dataclass(frozen=True)
class Small:
    """One small submission with all that waits in it, both sides in words."""

    line: Waiting
    view: SubmissionView
    changes: tuple[tuple[ItemView, Changed], ...]

    @property
    def seen(self) -> list[str]:
        """What the form sends of it: the submission, each revision, the hash that the page shows."""
        return [f"{self.line.id}:{item.revision.id}:{item.item.sha256}" for item, _shown in self.changes]


@dataclass(frozen=True)
class House:
    """An enterprise with its small submissions."""

    tenant: TenantRef
    small: tuple[Small, ...]


@blueprint.get("/center/review/bulk")
@needs(Permission.REVIEW_QUEUE, module=Module.PUBLISHING)
def index() -> str:
    """This function will show the small submissions that wait, oldest first, with every change in words."""
    small = [line for line in waiting_lines() if is_small(line)]
    lines = [line for line in small if _is_open(line)]
    houses = [house for house in _houses(lines[:MOST]) if house.small]
    people = {one.view.submission.submitted_by for house in houses for one in house.small}
    return render_template(
        "desk/bulk.html",
        houses=houses,
        count=sum(len(house.small) for house in houses),
        left=len(lines) - MOST,
        closed=len(small) - len(lines),
        people=display_names(ctx().session, people),
        may_decide=may_decide(),
        crumbs=[(_("审核台"), url_for("desk.queue")), (_("一起审小改动"), None)],
    )


@blueprint.post("/center/review/<enterprise:enterprise_id>/bulk")
@needs(Permission.REVIEW_DECIDE)
def approve() -> Response | tuple[Response, int]:
    """This function will approve those chosen of an enterprise's small submissions, and say of each other one why it was left."""
    try:
        done = approve_together(ctx(), _shown(), publish=request.form.get("decision") == PUBLISH)
    except (Conflict, Invalid, Refused) as refusal:
        ctx().session.rollback()
        if wants_json():
            return jsonify(outcomes=[], problem=translate(refusal.message)), refusal.status
        flash(translate(refusal.message), "error")
        return redirect(url_for("desk_bulk.index"), 303)
    if wants_json():
        return jsonify(outcomes=[_told(one, done) for one in done.outcomes], problem="")
    _say(done)
    return redirect(url_for("desk_bulk.index"), 303)


def _is_open(line: Waiting) -> bool:
    return not is_kept_by_level(state().actor, line.entry.tenant)


def _shown() -> dict[str, dict[str, str]]:
    """What of the submissions chosen the page has shown."""
    shown: dict[str, dict[str, str]] = {one: {} for one in request.form.getlist("chosen")[:MOST]}
    for value in request.form.getlist("seen"):
        submission_id, _colon, rest = value.partition(":")
        revision_id, _colon, sha256 = rest.partition(":")
        if submission_id in shown:
            shown[submission_id][revision_id] = sha256
    return shown


def _told(one: Outcome, done: Together) -> dict[str, Any]:
    if one.refused is not None:
        return {"id": one.view.id, "approved": False, "says": translate(one.refused)}
    goes = done.release is not None and one.view.submission.publish_at is None
    says = _("已通过，版本 %(n)d 正在送达机顶盒。", n=done.release.number) if goes and done.release else _("已通过。")
    return {"id": one.view.id, "approved": True, "says": says}


def _say(done: Together) -> None:
    if done.approved:
        count = len(done.approved)
        flash(ngettext("已通过 %(num)d 份送审。", "已通过 %(num)d 份送审。", count), "ok")
    for one in done.outcomes:
        if one.refused is not None:
            title = translated(one.view.submission.title)
            flash(_("「%(title)s」没有通过：%(why)s", title=title, why=translate(one.refused)), "warning")


def _houses(lines: Sequence[Waiting]) -> Iterable[House]:
    by_tenant: dict[str, list[Waiting]] = {}
    for line in lines:
        by_tenant.setdefault(line.entry.tenant.id, []).append(line)
    for found in by_tenant.values():
        tenant = reference(found[0].entry.tenant)
        with tenant_session(tenant.id) as session:
            yield House(tenant, tuple(_small(Context(session, state().actor, tenant), found)))


def _small(context: Context, lines: Sequence[Waiting]) -> Iterable[Small]:
    """Those of the submissions that this reviewer may decide as a whole: nothing hidden in them, nothing of the own hand."""
    session = context.session
    views = views_of(session, [line.entry.submission for line in lines])
    waiting = {view.id: view.of_state(RevisionState.SUBMITTED) for view in views}
    wrote = authors_of(session, [item.revision for items in waiting.values() for item in items])
    on_air = envelopes_of(session, manifest_of(current_release(session)))
    sides = [
        side
        for items in waiting.values()
        for item in items
        for side in (on_air.get(ObjectId(item.item.object_id)), item.envelope)
    ]
    enterprise_id = context.tenant.enterprise_id if context.tenant else ""
    names = names_for(
        session,
        group_tree(session),
        sides,
        lambda still: url_for("media.file", enterprise_id=enterprise_id, sha256=still.sha256),
    )
    for line, view in zip(lines, views, strict=True):
        items = waiting[view.id]
        own = any(context.actor.user_id in wrote[RevisionId(item.revision.id)] for item in items)
        if own or len(items) != sum(line.load.values()):
            continue
        shown = [(item, changed(on_air.get(ObjectId(item.item.object_id)), item.envelope, names)) for item in items]
        yield Small(line, view, tuple(shown))
