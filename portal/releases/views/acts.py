"""Publishing, setting times, rolling back and taking down, each with the page that asks before it is done."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.content.queries import get_object, get_revisions
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import ObjectId
from portal.releases.commands import publishing, rolling_back, taking_down
from portal.releases.forms import PublishForm, ReasonForm, TimeForm
from portal.releases.history import planned, taken_down
from portal.releases.keeping import get_kept_release
from portal.releases.models import Release
from portal.releases.queries import both_envelopes_of, current_release, manifest_of
from portal.releases.showing import compared
from portal.releases.views.timeline import TENANT, blueprint, crumbs_to
from portal.review.commands import reschedule as set_time
from portal.review.queries import approved_revisions, get_submission
from portal.review.showing import place
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.state import ctx, drawing

__all__ = ["blueprint"]


@blueprint.route(f"{TENANT}/<int:number>/roll-back", methods=["GET", "POST"])
@needs(Permission.RELEASES_ROLL_BACK)
def roll_back(number: int) -> Response | str | tuple[str, int]:
    """This function will say what a roll-back would change, or do it."""
    form = ReasonForm()
    if request.method != "POST":
        return _show_roll_back(form, number)

    def act() -> Response:
        made = rolling_back.roll_back(ctx(), number, form.reason.data or "")
        flash(_("已回滚到版本 %(to)d，作为版本 %(n)d 正在送达机顶盒。", to=number, n=made.number), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, lambda: _show_roll_back(form, number))


@blueprint.route(f"{TENANT}/next", methods=["GET", "POST"])
@needs(Permission.RELEASES_PUBLISH)
def next_release() -> Response | str | tuple[str, int]:
    """This function will show what is approved and waits, all chosen, or publish what was chosen of it."""
    form = PublishForm()
    if request.method != "POST":
        return _show_next(form)

    def act() -> Response:
        title, reason = (form.title.data or "").strip(), (form.reason.data or "").strip()
        made = publishing.publish_revisions(ctx(), form.chosen(), title=title, reason=reason)
        return _published(made)

    return _tried(form, act, lambda: _show_next(form))


@blueprint.post(f"{TENANT}/next/<id:submission_id>")
@needs(Permission.RELEASES_PUBLISH)
def publish_submission(submission_id: str) -> Response:
    """This function will publish everything approved of one submission at once."""
    return _published(publishing.publish_submission(ctx(), submission_id))


@blueprint.route(f"{TENANT}/next/<id:submission_id>/time", methods=["GET", "POST"])
@needs(Permission.RELEASES_PUBLISH)
def reschedule(submission_id: str) -> Response | str | tuple[str, int]:
    """This function will set, change or clear the moment at which a submission goes on air."""
    form = TimeForm()

    def show() -> str:
        view = get_submission(drawing().session, submission_id)
        if request.method != "POST":
            form.load(view.submission.publish_at)
        return render_template("releases/time.html", form=form, view=view)

    if request.method != "POST":
        return show()
    if not form.read():
        return show(), 422

    def act() -> Response:
        at = form.moment()
        set_time(ctx(), submission_id, at)
        flash(_("已改定发布时间。") if at else _("已取消定时，通过后由运营中心发布。"), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, show)


@blueprint.route(f"{TENANT}/take-down/<id:object_id>", methods=["GET", "POST"])
@needs(Permission.RELEASES_TAKE_DOWN)
def take_down(object_id: str) -> Response | str | tuple[str, int]:
    """This function will ask why an object is to be taken off air, or take it off."""
    form = ReasonForm()
    if request.method != "POST":
        return _show_object(form, object_id, lifting=False)

    def act() -> Response:
        made = taking_down.take_down(ctx(), object_id, form.reason.data or "")
        flash(_("已下架，版本 %(n)d 正在送达机顶盒。", n=made.number), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, lambda: _show_object(form, object_id, lifting=False))


@blueprint.route(f"{TENANT}/take-down/<id:object_id>/lift", methods=["GET", "POST"])
@needs(Permission.RELEASES_TAKE_DOWN)
def lift(object_id: str) -> Response | str | tuple[str, int]:
    """This function will ask why an object may be shown again, or let it be published again."""
    form = ReasonForm()
    if request.method != "POST":
        return _show_object(form, object_id, lifting=True)

    def act() -> Response:
        taking_down.lift_take_down(ctx(), object_id, form.reason.data or "")
        flash(_("已解除下架；重新送审并发布后才会再播出。"), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, lambda: _show_object(form, object_id, lifting=True))


def _tried(form: Any, act: Callable[[], Response], show: Callable[[], str]) -> Response | tuple[str, int]:
    """What is refused is said on the same page with everything typed still there; nothing has happened then."""
    try:
        return act()
    except Invalid as invalid:
        ctx().session.rollback()
        show_errors(form, invalid)
        return show(), invalid.status
    except (Conflict, Refused) as refusal:
        ctx().session.rollback()
        form.form_errors = [*form.form_errors, translate(refusal.message)]
        return show(), refusal.status


def _published(made: Release) -> Response:
    flash(_("版本 %(n)d 正在送达机顶盒。", n=made.number), "ok")
    return redirect(url_for("releases.timeline"), 303)


def _show_roll_back(form: ReasonForm, number: int) -> str:
    session = drawing().session
    target, newest = get_kept_release(session, number), current_release(session)
    if newest is None:
        raise NotFound
    tree = group_tree(session)
    found = rolling_back.plan_roll_back(ctx(), manifest_of(newest), target)
    before, after = both_envelopes_of(session, manifest_of(newest), found.manifest)
    return render_template(
        "releases/roll_back.html",
        form=form,
        target=target,
        newest=newest,
        cases=compared(ctx(), before, after, tree),
        kept=[place(before[object_id]) for object_id in found.kept if object_id in before],
        groups=len(tree),
        planned=planned(ctx()),
        nothing=not found.returning and not found.leaving,
        crumbs=crumbs_to(_("回滚到版本 %(n)d", n=number)),
    )


def _show_next(form: PublishForm) -> str:
    session = drawing().session
    found = approved_revisions(session)
    ticked = set(form.chosen()) if request.method == "POST" else {revision.id for _submission, revision in found}
    only = request.args.get("submission")
    if only and request.method != "POST":
        ticked = {revision.id for submission, revision in found if submission.id == only}
    return render_template("releases/next.html", form=form, found=found, ticked=ticked)


def _show_object(form: ReasonForm, object_id: str, *, lifting: bool) -> str:
    session = drawing().session
    newest = current_release(session)
    if lifting:
        wanted = next((one for one in taken_down(ctx()) if one.object_id == object_id), None)
        if wanted is None:
            raise NotFound
        return render_template("releases/lift.html", form=form, wanted=wanted)
    view = get_object(session, object_id)
    revision = get_revisions(session, [manifest_of(newest).get(ObjectId(object_id), "")])
    if not revision and view.on_air is None:
        raise NotFound
    return render_template(
        "releases/take_down.html", form=form, view=view, place=place, groups=len(group_tree(session))
    )
