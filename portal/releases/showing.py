"""What releases hold and how they differ, as the pages show it in the reader's language."""

from collections.abc import Mapping

from portal.access.checks import may
from portal.access.permissions import Permission
from portal.content.envelope import Envelope
from portal.content.kinds import KINDS, Kind
from portal.core.context import Context
from portal.core.ids import ObjectId
from portal.media.renditions import Rendition
from portal.releases.comparison import Difference, differences, place_of
from portal.releases.published_assets import published_address
from portal.review.naming import in_library, names_for
from portal.review.showing import Changed, changed
from portal.tenants.tree import GroupTree
from portal.web.i18n import translate

Contents = Mapping[ObjectId, Envelope]


def compared(ctx: Context, before: Contents, after: Contents, tree: GroupTree) -> list[tuple[Difference, Changed]]:
    """This function will return every object that differs between two manifests, with its changed fields; two queries.

    What was on air is taken from where boxes take it, because the province reads releases, not the tenant's library.
    """

    def picture(still: Rendition) -> str:
        address = published_address(still)
        return in_library(still) if address is None and may(ctx, Permission.MEDIA_VIEW) else address or ""

    found = differences(before, after)
    names = names_for(ctx.session, tree, [side for one in found for side in (one.before, one.after)], picture)
    return [(one, changed(one.before, one.after, names)) for one in found]


def by_kind(contents: Contents) -> list[tuple[str, list[tuple[ObjectId, Envelope]]]]:
    """This function will return what a release shows, grouped under the names of the kinds, each group by its places."""
    grouped: dict[Kind, list[tuple[ObjectId, Envelope]]] = {}
    for object_id, envelope in contents.items():
        if not envelope.deleted:
            grouped.setdefault(envelope.kind, []).append((object_id, envelope))
    return [
        (translate(KINDS[kind].label), sorted(grouped[kind], key=lambda one: (place_of(one[1]), one[0])))
        for kind in Kind
        if kind in grouped
    ]


def kinds_counted(counted: Mapping[Kind, int]) -> str:
    """This function will say how many objects of each kind changed."""
    return " · ".join(f"{translate(KINDS[kind].label)} {count}" for kind, count in counted.items())
