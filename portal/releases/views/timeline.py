"""What is on air and what was: the timeline, one release, two compared, and over all tenants what is planned."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.audit.stamps import stamps_of
from portal.core.database import system_session
from portal.releases.adoption import adoption
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
from portal.review.showing import place
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.paging import whole
from portal.web.state import ctx, state

blueprint = Blueprint("releases", __name__)

TENANT = "/e/<enterprise:enterprise_id>/releases"
_PAGE = 30
_PAIR = 2


@blueprint.get(f"{TENANT}/")
@needs(Permission.RELEASES_VIEW)
def timeline() -> str:
    """This function will show the tenant's releases, newest first, with what is planned above them."""
    session = ctx().session
    below = request.args.get("below", type=whole)
    found = entries(session, group_tree(session).root.id, limit=_PAGE, below=below)
    return render_template(
        "releases/timeline.html",
        entries=found,
        planned=planned(ctx()) if below is None else [],
        taken_down=taken_down(ctx()) if below is None else [],
        older=found[-1].release.number if len(found) == _PAGE else None,
        shown=adoption(session),
        kinds=kinds_counted,
        labels=LABELS,
        kind_of=kind_of,
        stuck=is_stuck,
    )


@blueprint.get(f"{TENANT}/<int:number>")
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
        crumbs=crumbs_to(_("版本 %(n)d", n=number)),
    )


@blueprint.get(f"{TENANT}/compare")
@needs(Permission.RELEASES_VIEW)
def compare_picked() -> Response:
    """This function will lead from two ticked releases to their comparison."""
    picked = sorted(set(request.args.getlist("pick", type=whole)))
    if len(picked) != _PAIR:
        flash(_("请勾选两个版本再比较。"), "info")
        return redirect(url_for("releases.timeline"))
    return redirect(url_for("releases.compare", a=picked[0], b=picked[1]))


@blueprint.get(f"{TENANT}/compare/<int:a>/<int:b>")
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
        crumbs=crumbs_to(_("版本 %(a)d 和 %(b)d", a=a, b=b)),
    )


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


def crumbs_to(here: str) -> list[tuple[str, str | None]]:
    """This function will return the way from the timeline to a page of one release."""
    return [(_("版本记录"), url_for("releases.timeline")), (here, None)]


def _screen() -> str:
    asked = request.args.get("screen", "")
    return asked if asked in {"splash", "zone", "ads"} else "desktop"
