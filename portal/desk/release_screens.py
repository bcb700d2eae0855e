"""The TV of releases as fragments of pages: two releases in step, and what a roll-back would change."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext as _

from portal.access.permissions import Permission
from portal.core import clock
from portal.core.ids import GroupId
from portal.desk.drawing import asset_url, local, published
from portal.desk.held import held
from portal.desk.jumps import jumps_of, screen_of
from portal.desk.pairs import Json, pairs, seen_at
from portal.desk.release_players import channel_of
from portal.desk.screens import screens
from portal.desk.spots import spot
from portal.releases.commands.rolling_back import plan_roll_back
from portal.releases.comparison import Difference, differences
from portal.releases.queries import (
    both_envelopes_of,
    current_release,
    documents_of,
    get_release,
    get_releases,
    manifest_of,
)
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree
from portal.web.access import needs
from portal.web.state import ctx

blueprint = Blueprint("release_screens", __name__, url_prefix="/e/<enterprise:enterprise_id>/releases")

_SIDES = ("before", "after")


@dataclass(frozen=True)
class Seen:
    """What some groups see of two releases; `differs` is false where it is the same on both."""

    groups: tuple[GroupId, ...]
    differs: bool


@dataclass(frozen=True)
class Sides:
    """Both sides: what each shows, what it is called, where its player is, and where the files of the stills are."""

    documents: Sequence[Json]
    labels: tuple[str, str]
    players: Mapping[str, str]
    asset_url: Callable[[str], str]


@blueprint.get("/<int:before>/<int:after>/screens")
@needs(Permission.RELEASES_VIEW, passive=True)
def compared(before: int, after: int) -> str:
    """This function will show two releases in step, for one of the groups that see the same of both, as a fragment."""
    session, tree = ctx().session, group_tree(ctx().session)
    one, two = get_releases(session, before, after)
    alike: dict[tuple[str, str], list[GroupId]] = {}
    for _depth, node in tree.walk():
        shown = channel_of(one, node.id, tree), channel_of(two, node.id, tree)
        alike.setdefault(shown, []).append(GroupId(node.id))
    shas = sorted(alike, key=lambda both: both[0] == both[1])
    seen = [Seen(tuple(alike[both]), both[0] != both[1]) for both in shas]
    here = _asked(seen)
    documents = documents_of(session, shas[here])
    players = {
        side: url_for("release_players.player", number=number, group=seen[here].groups[0])
        for side, number in zip(_SIDES, (before, after), strict=True)
    }
    labels = (_("版本 %(n)d", n=before), _("版本 %(n)d", n=after))
    return _fragment(
        tree,
        differences(*both_envelopes_of(session, manifest_of(one), manifest_of(two))),
        Sides(documents, labels, players, published(*documents)),
        seen,
        lambda **more: url_for("releases.compare", a=before, b=after, **more),
    )


@blueprint.get("/<int:number>/roll-back/screens")
@needs(Permission.RELEASES_ROLL_BACK, passive=True)
def roll_back(number: int) -> str:
    """This function will show what is on air beside what would be after a roll-back, in step, as a fragment.

    Both sides are compiled with today's features and groups.
    """
    session, tree = ctx().session, group_tree(ctx().session)
    current = manifest_of(current_release(session))
    planned = plan_roll_back(ctx(), current, get_release(session, number)).manifest
    before, after = both_envelopes_of(session, current, planned)
    found = pairs(ctx(), tree, held(), before, after)
    seen = [Seen(pair.groups, pair.differs) for pair in found]
    pair = found[_asked(seen)]
    players = {
        side: url_for("release_players.roll_back", number=number, side=side, group=pair.groups[0]) for side in _SIDES
    }
    return _fragment(
        tree,
        differences(before, after),
        Sides([pair.before, pair.after], (_("现在播出"), _("回滚之后")), players, asset_url),
        seen,
        lambda **more: url_for("releases.roll_back", number=number, **more),
    )


def _asked(seen: Sequence[Seen]) -> int:
    """Which of them the address asks for by one of its groups, else the first."""
    group = request.args.get("group", "")
    return next((at for at, one in enumerate(seen) if group in one.groups), 0)


def _fragment(
    tree: GroupTree, found: Sequence[Difference], sides: Sides, seen: Sequence[Seen], page: Callable[..., str]
) -> str:
    now, always = clock.now(), {difference.object_id for difference in found}
    here = seen[_asked(seen)]
    more: dict[str, Any] = {"group": here.groups[0]} if len(seen) > 1 else {}
    jumps = jumps_of(
        found,
        [spot(one, now) for one in found],
        request.args.get("look", ""),
        lambda number: page(look=number, **more),
    )
    before, after = (seen_at(document, now, always) for document in sides.documents)
    return render_template(
        "desk/_releases.html",
        tree=tree,
        seen=seen,
        here=here,
        page=page,
        before=before,
        after=after,
        shown_screen=screen_of(screens(found), jumps),
        jumps=jumps,
        labels=sides.labels,
        players=sides.players,
        seen_at="",
        only_after=False,
        keyed=True,
        asset_url=sides.asset_url,
        at=local(),
    )
