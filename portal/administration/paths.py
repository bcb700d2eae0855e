"""From a place that an administrator chose to the path on which it lies."""

from portal.access.acl import ROOT, Acl, Path, Place
from portal.content.protecting import column_path, group_path
from portal.core.context import Context
from portal.core.ids import GroupId
from portal.tenants.queries import group_tree


def path_of(ctx: Context, acl: Acl, place: Place) -> Path:
    """This function will return the path from `place`, one of the list's choices, up to the root of its list."""
    if place == ROOT:
        return (ROOT,)
    if acl is Acl.INFORMATION and place.type == "group":
        return group_path(group_tree(ctx.session), GroupId(place.id))
    if acl is Acl.INFORMATION and place.type == "object":
        return column_path(ctx.session, place.id)
    return (place, ROOT)
