"""The real player on releases: on one as its boxes got it, and on both sides of a roll-back. Asked for permission at each call."""

from flask import Blueprint, Response, request, url_for

from portal.access.permissions import Permission
from portal.core.errors import NotFound
from portal.core.ids import GroupId, is_id
from portal.desk.drawing import asset_url
from portal.desk.players import framed, sent
from portal.preview.private import with_private_addresses
from portal.preview.queries import document_for
from portal.releases.commands.rolling_back import plan_roll_back
from portal.releases.models import Release
from portal.releases.queries import current_release, documents_of, envelopes_of, get_release, manifest_of
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree
from portal.web.access import needs
from portal.web.state import ctx

_RELEASE = "/<int:number>/tv"
_ROLL_BACK = "/<int:number>/roll-back/tv/<any(before, after):side>"

blueprint = Blueprint("release_players", __name__, url_prefix="/e/<enterprise:enterprise_id>/releases")


@blueprint.get(_RELEASE)
@needs(Permission.RELEASES_VIEW, passive=True)
def player(number: int) -> Response:
    """This function will send the player for a frame that shows a release; raises `NotFound`."""
    get_release(ctx().session, number)
    return framed(url_for("release_players.document", number=number))


@blueprint.get(f"{_RELEASE}/document")
@needs(Permission.RELEASES_VIEW, passive=True)
def document(number: int) -> Response:
    """This function will send what a release showed the boxes of a group, with the addresses from which they fetched its files."""
    session = ctx().session
    sha256 = channel_of(get_release(session, number), _group() or "", group_tree(session))
    return sent(documents_of(session, [sha256])[0])


@blueprint.get(_ROLL_BACK)
@needs(Permission.RELEASES_ROLL_BACK, passive=True)
def roll_back(number: int, side: str) -> Response:
    """This function will send the player for a frame that shows a side of a roll-back; raises `NotFound`."""
    get_release(ctx().session, number)
    return framed(url_for("release_players.roll_back_document", number=number, side=side))


@blueprint.get(f"{_ROLL_BACK}/document")
@needs(Permission.RELEASES_ROLL_BACK, passive=True)
def roll_back_document(number: int, side: str) -> Response:
    """This function will send what a group's boxes show now, or would after the roll-back, with addresses of the console."""
    session = ctx().session
    current = manifest_of(current_release(session))
    planned = plan_roll_back(ctx(), current, get_release(session, number)).manifest
    manifest = planned if side == "after" else current
    compiled = document_for(ctx(), group_tree(session), envelopes_of(session, manifest), _group())
    return sent(with_private_addresses(compiled, asset_url))


def channel_of(release: Release, group: str, tree: GroupTree) -> str:
    """This function will return the SHA-256 of what a release shows a group, what it shows the root where it has no such group."""
    channels = release.channels
    sha256 = channels.get(group) or channels.get(tree.root.id) or next(iter(channels.values()), None)
    if sha256 is None:
        raise NotFound
    return str(sha256)


def _group() -> GroupId | None:
    asked = request.args.get("group", "")
    if asked and not is_id(asked):
        raise NotFound
    return GroupId(asked) if asked else None
