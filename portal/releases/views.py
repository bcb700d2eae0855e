"""What is on air and what was: the timeline, one release, two compared; publishing, rolling back and taking down."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.content.queries import get_object, get_revisions
from portal.core.database import system_session
from portal.core.errors import Conflict, Invalid, NotFound, Refused
from portal.core.ids import ObjectId
from portal.releases import commands
from portal.releases.adoption import adoption
from portal.releases.forms import PublishForm, ReasonForm, TimeForm
from portal.releases.history import (
    approved_everywhere,
    entries,
    is_stuck,
    kind_of,
    latest_everywhere,
    planned,
    running_everywhere,
    taken_down,
)
from portal.releases.keeping import get_kept_release
from portal.releases.models import Release
from portal.releases.queries import (
    both_envelopes_of,
    current_release,
    envelopes_of,
    get_release,
    get_releases,
    manifest_of,
)
from portal.releases.showing import by_kind, compared, kinds_counted
from portal.releases.states import LABELS
from portal.review.commands import reschedule as set_time
from portal.review.queries import approved_revisions, get_submission
from portal.review.showing import place
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.forms import show_errors
from portal.web.i18n import translate
from portal.web.paging import whole
from portal.web.state import ctx, drawing, state

blueprint = Blueprint("releases", __name__)

_TENANT = "/e/<enterprise:enterprise_id>/releases"
_PAGE = 30
_PAIR = 2


@blueprint.get(f"{_TENANT}/")
@needs(Permission.RELEASES_VIEW)
def timeline() -> str:
    """This function will show the tenant's releases, newest first, with what is planned above them."""
    session = ctx().session
    below = request.args.get("below", type=whole)
    found = entries(session, group_tree(session).root.id, limit=_PAGE, below=below)
    return render_template(
        "releases/timeline.html",
        entries=found,
        planned=planned(session) if below is None else [],
        taken_down=taken_down(session) if below is None else [],
        older=found[-1].release.number if len(found) == _PAGE else None,
        shown=adoption(session),
        kinds=kinds_counted,
        labels=LABELS,
        kind_of=kind_of,
        stuck=is_stuck,
    )


@blueprint.get(f"{_TENANT}/<int:number>")
@needs(Permission.RELEASES_VIEW)
def release(number: int) -> str:
    """This function will show one release: who made it, what it holds by kind, and the TV."""
    session = ctx().session
    found = get_release(session, number)
    tree = group_tree(session)
    newest = current_release(session)
    return render_template(
        "releases/release.html",
        release=found,
        tree=tree,
        group=request.args.get("group") or tree.root.id,
        screen=_screen(),
        contents=by_kind(envelopes_of(session, manifest_of(found))),
        place=place,
        label=LABELS[kind_of(found)],
        on_air=newest is not None and newest.number == number,
        stuck=is_stuck(found),
        stamps=stamps_of(session, [found.id]),
        crumbs=_crumbs(_("版本 %(n)d", n=number)),
    )


@blueprint.get(f"{_TENANT}/compare")
@needs(Permission.RELEASES_VIEW)
def compare_picked() -> Response:
    """This function will lead from two ticked releases to their comparison."""
    picked = sorted(set(request.args.getlist("pick", type=whole)))
    if len(picked) != _PAIR:
        flash(_("请勾选两个版本再比较。"), "info")
        return redirect(url_for("releases.timeline"))
    return redirect(url_for("releases.compare", a=picked[0], b=picked[1]))


@blueprint.get(f"{_TENANT}/compare/<int:a>/<int:b>")
@needs(Permission.RELEASES_VIEW)
def compare(a: int, b: int) -> str:
    """This function will show what differs between two releases, field by field and on the TV."""
    session = ctx().session
    one, two = get_releases(session, a, b)
    return render_template(
        "releases/compare.html",
        one=one,
        two=two,
        cases=compared(ctx(), *both_envelopes_of(session, manifest_of(one), manifest_of(two)), group_tree(session)),
        crumbs=_crumbs(_("版本 %(a)d 和 %(b)d", a=a, b=b)),
    )


@blueprint.route(f"{_TENANT}/<int:number>/roll-back", methods=["GET", "POST"])
@needs(Permission.RELEASES_ROLL_BACK)
def roll_back(number: int) -> Response | str | tuple[str, int]:
    """This function will say what a roll-back would change, or do it."""
    form = ReasonForm()
    if request.method != "POST":
        return _show_roll_back(form, number)

    def act() -> Response:
        made = commands.roll_back(ctx(), number, form.reason.data or "")
        flash(_("已回滚到版本 %(to)d，作为版本 %(n)d 正在送达机顶盒。", to=number, n=made.number), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, lambda: _show_roll_back(form, number))


@blueprint.route(f"{_TENANT}/next", methods=["GET", "POST"])
@needs(Permission.RELEASES_PUBLISH)
def next_release() -> Response | str | tuple[str, int]:
    """This function will show what is approved and waits, all chosen, or publish what was chosen of it."""
    form = PublishForm()
    if request.method != "POST":
        return _show_next(form)

    def act() -> Response:
        title, reason = (form.title.data or "").strip(), (form.reason.data or "").strip()
        made = commands.publish_revisions(ctx(), form.chosen(), title=title, reason=reason)
        return _published(made)

    return _tried(form, act, lambda: _show_next(form))


@blueprint.post(f"{_TENANT}/next/<id:submission_id>")
@needs(Permission.RELEASES_PUBLISH)
def publish_submission(submission_id: str) -> Response:
    """This function will publish everything approved of one submission at once."""
    return _published(commands.publish_submission(ctx(), submission_id))


@blueprint.route(f"{_TENANT}/next/<id:submission_id>/time", methods=["GET", "POST"])
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


@blueprint.route(f"{_TENANT}/take-down/<id:object_id>", methods=["GET", "POST"])
@needs(Permission.RELEASES_TAKE_DOWN)
def take_down(object_id: str) -> Response | str | tuple[str, int]:
    """This function will ask why an object is to be taken off air, or take it off."""
    form = ReasonForm()
    if request.method != "POST":
        return _show_object(form, object_id, lifting=False)

    def act() -> Response:
        made = commands.take_down(ctx(), object_id, form.reason.data or "")
        flash(_("已下架，版本 %(n)d 正在送达机顶盒。", n=made.number), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, lambda: _show_object(form, object_id, lifting=False))


@blueprint.route(f"{_TENANT}/take-down/<id:object_id>/lift", methods=["GET", "POST"])
@needs(Permission.RELEASES_TAKE_DOWN)
def lift(object_id: str) -> Response | str | tuple[str, int]:
    """This function will ask why an object may be shown again, or let it be published again."""
    form = ReasonForm()
    if request.method != "POST":
        return _show_object(form, object_id, lifting=True)

    def act() -> Response:
        commands.lift_take_down(ctx(), object_id, form.reason.data or "")
        flash(_("已解除下架；重新送审并发布后才会再播出。"), "ok")
        return redirect(url_for("releases.timeline"), 303)

    return _tried(form, act, lambda: _show_object(form, object_id, lifting=True))


@blueprint.get("/center/releases")
@needs(Permission.RELEASES_PLAN)
def plan() -> str:
    """This function will show, over all tenants, what is approved and waits, what is scheduled and what is being written."""
    with system_session(reason="the plan of releases over all tenants") as system:
        waiting = approved_everywhere(system, state().actor)
        running = running_everywhere(system, state().actor)
        latest = latest_everywhere(system, state().actor)
    return render_template(
        "releases/plan.html",
        waiting=[one for one in waiting if one[1].publish_at is None],
        scheduled=sorted((one for one in waiting if one[1].publish_at), key=lambda one: str(one[1].publish_at)),
        running=running,
        latest=latest,
        labels=LABELS,
        kind_of=kind_of,
        stuck=is_stuck,
    )


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
    found = commands.plan_roll_back(ctx(), manifest_of(newest), target)
    before, after = both_envelopes_of(session, manifest_of(newest), found.manifest)
    return render_template(
        "releases/roll_back.html",
        form=form,
        target=target,
        newest=newest,
        cases=compared(ctx(), before, after, tree),
        kept=[place(before[object_id]) for object_id in found.kept if object_id in before],
        groups=len(tree),
        planned=planned(session),
        nothing=not found.returning and not found.leaving,
        crumbs=_crumbs(_("回滚到版本 %(n)d", n=number)),
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
        wanted = next((one for one in taken_down(session) if one.object_id == object_id), None)
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


def _crumbs(here: str) -> list[tuple[str, str | None]]:
    return [(_("版本记录"), url_for("releases.timeline")), (here, None)]


def _screen() -> str:
    asked = request.args.get("screen", "")
    return asked if asked in {"splash", "zone", "ads"} else "desktop"
