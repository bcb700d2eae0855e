"""How far what is on air has come on a tenant's boxes, who lags and why. Part of the blueprint of the list."""

from typing import Any, Final

from werkzeug.wrappers import Response

from portal.access.permissions import Permission
from portal.boxes.queries.adoption import adoption_cells, shares_by
from portal.boxes.views import shares
from portal.boxes.views.phones import blueprint
from portal.boxes.views.tenant import own_groups
from portal.core import clock
from portal.core.ids import GroupId
from portal.core.messages import N_
from portal.tenants.queries import group_tree
from portal.web.access import needs
from portal.web.i18n import translate
from portal.web.state import ctx

__all__ = ["blueprint"]

_KNOWN: Final = ("release", "group", "model", "firmware")


@blueprint.get("/adoption")
@needs(Permission.BOXES_VIEW)
def adoption() -> str:
    """This function will show how many boxes show what is on air, and why the others do not; a group editor sees the own subtree."""
    return shares.page(_shares())


@blueprint.post("/adoption")
@needs(Permission.BOXES_VIEW, reads=True)
def adoption_export() -> Response:
    """This function will hand the same out as Excel."""
    return shares.handed_out("adoption", _shares())


def _shares() -> shares.Shares:
    session, by = ctx().session, shares.asked_way(_KNOWN)
    tree = group_tree(session)
    cells = adoption_cells(session, clock.now(), groups=own_groups())
    found = shares_by(cells, shares.KEYS[by])
    if by == "release":
        found = dict(sorted(found.items(), key=lambda pair: -(pair[0] or 0)))

    def named(key: Any) -> tuple[str, str]:
        if by == "release":
            called = N_("版本 %(n)d", n=key) if key else N_("没有取过，或说不清")
            return translate(called), str(key or "")
        return (tree.label(GroupId(key)) if by == "group" else key or "—"), key

    return shares.Shares(cells, _KNOWN, found, named)
