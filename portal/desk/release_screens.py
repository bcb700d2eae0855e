"""The TV of releases as fragments of pages: one release, two side by side, and what a roll-back would change."""

from collections.abc import Callable, Sequence
from typing import Any

from flask import Blueprint, render_template, request
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.core import clock
from portal.core.errors import NotFound
from portal.desk.drawing import PICTURES, asset_url, local, published
from portal.desk.held import held
from portal.desk.pairs import pairs, seen_at
from portal.desk.screens import Screen, screens
from portal.releases.commands import plan_roll_back
from portal.releases.comparison import differences
from portal.releases.models import Release
from portal.releases.queries import (
    both_envelopes_of,
    current_release,
    documents_of,
    get_release,
    get_releases,
    manifest_of,
)
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("release_screens", __name__, url_prefix="/e/<enterprise:enterprise_id>/releases")


@blueprint.get("/<int:number>/screen/<any(desktop, splash, zone, ads):screen>")
@needs(Permission.RELEASES_VIEW, passive=True)
def release(number: int, screen: str) -> str:
    """This function will draw one screen of a release, as a fragment."""
    (document,) = (seen_at(document, clock.now(), ()) for document in _documents(get_release(ctx().session, number)))
    return render_template(
        "desk/_screen.html",
        shown=Screen(screen, ()),
        document=document,
        side="",
        asset_url=published(document),
        at=local(),
    )


@blueprint.get("/<int:before>/<int:after>/screens")
@needs(Permission.RELEASES_VIEW, passive=True)
def compared(before: int, after: int) -> str:
    """This function will draw what differs between two releases, side by side, as a fragment."""
    session = ctx().session
    one, two = get_releases(session, before, after)
    found = differences(*both_envelopes_of(session, manifest_of(one), manifest_of(two)))
    always = {difference.object_id for difference in found}
    documents = [seen_at(document, clock.now(), always) for document in _documents(one, two)]
    labels = (_("版本 %(n)d", n=before), _("版本 %(n)d", n=after))
    return _fragment(screens(found), documents, labels, published(*documents))


@blueprint.get("/<int:number>/roll-back/screens")
@needs(Permission.RELEASES_ROLL_BACK, passive=True)
def roll_back(number: int) -> str:
    """This function will draw the first screen, or all but the first, that a roll-back changes, as a fragment.

    Both sides are compiled with today's features and groups.
    """
    session = ctx().session
    current = manifest_of(current_release(session))
    planned = plan_roll_back(ctx(), current, get_release(session, number)).manifest
    before, after = both_envelopes_of(session, current, planned)
    found = differences(before, after)
    always = {difference.object_id for difference in found}
    labels = (_("现在播出"), _("回滚之后"))
    pair = pairs(ctx(), group_tree(session), held(), before, after)[0]
    documents = [seen_at(document, clock.now(), always) for document in (pair.before, pair.after)]
    shown = screens(found)
    return _fragment(shown[1:] if request.args.get("part") == "rest" else shown[:1], documents, labels)


def _fragment(
    found: Sequence[Screen],
    documents: Sequence[dict[str, Any]],
    labels: tuple[str, str],
    address: Callable[[str], str] = asset_url,
) -> str:
    before, after = documents
    return render_template(
        "desk/_pairs.html",
        screens=found[:PICTURES],
        before=before,
        after=after,
        labels=labels,
        only_after=False,
        asset_url=address,
        at=local(),
    )


def _documents(*releases: Release) -> list[dict[str, Any]]:
    """What the boxes of the group asked for show of each release, those of the root where it has no such group."""
    asked, root = request.args.get("group", ""), group_tree(ctx().session).root.id
    shas = [_shown(release, asked, root) for release in releases]
    return documents_of(ctx().session, shas)


def _shown(release: Release, asked: str, root: str) -> str:
    sha256 = release.channels.get(asked) or release.channels.get(root) or next(iter(release.channels.values()), None)
    if sha256 is None:
        raise NotFound
    return str(sha256)
