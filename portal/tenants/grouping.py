"""The rows of box groups and their channels: locking the tree, finding a group to change, names among siblings. Nobody is asked here."""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Conflict, Invalid, NotFound
from portal.core.ids import GroupId, TenantId
from portal.core.messages import N_
from portal.tenants.models import BoxGroup, Channel, Tenant
from portal.tenants.rules import fold

GROUP_NAME_CHARACTERS = 40


def checked_group_name(name: str, siblings: list[str]) -> str:
    """This function will return the name folded; raises `Invalid` for one that is empty, too long, or a sibling's."""
    folded = fold(name)
    if not 1 <= len(folded) <= GROUP_NAME_CHARACTERS:
        raise Invalid({"name": N_("分组名称要有 1 到 %(n)d 个字。", n=GROUP_NAME_CHARACTERS)})
    if folded in siblings:
        raise Invalid({"name": N_("同一级里已经有这个名称。")})
    return folded


def lock_tree(ctx: Context) -> None:
    """This function will lock the tenant, so that of two people at once the second sees what the first did: siblings' names, depth and cycles are rules over many rows."""
    ctx.session.scalars(select(Tenant.id).where(Tenant.id == ctx.tenant_id).with_for_update(key_share=True)).one()


def group_to_change(ctx: Context, group_id: GroupId, version: int | None) -> BoxGroup:
    """This function will return the group with the tree locked; raises `NotFound`, and `Conflict` where it is not the `version` seen."""
    lock_tree(ctx)
    wanted = select(BoxGroup).where(BoxGroup.id == group_id)
    group = ctx.session.scalar(wanted.execution_options(populate_existing=True))
    if group is None:
        raise NotFound
    if version is not None and group.version != version:
        raise Conflict(code="newer_version")
    return group


def new_channel(session: Session, tenant_id: TenantId, group_id: str) -> str:
    """This function will draw a channel for the group and return its name."""
    channel = secrets.token_hex(16)
    session.add(Channel(channel=channel, tenant_id=tenant_id, group_id=group_id))
    session.flush()
    return channel


def retire_channel(session: Session, channel: str) -> None:
    """This function will note that a channel is no longer in use."""
    row = session.get(Channel, channel)
    if row is not None:
        row.retired_at = clock.now()
