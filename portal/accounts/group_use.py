"""Why a box group cannot go: somebody's rights hang on it."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal.accounts.models import Membership
from portal.core.ids import GroupId
from portal.core.messages import N_, Message
from portal.tenants.commands.groups import register_use


@register_use
def editors_of_group(session: Session, group_id: GroupId) -> Message | None:
    """This function will say how many group editors work for the group, or return None."""
    found = session.scalar(select(func.count(Membership.id)).where(Membership.group_id == group_id))
    return N_("有 %(n)d 名分组编辑属于这个分组，请先在「用户与权限」里改他们的分组。", n=found) if found else None
