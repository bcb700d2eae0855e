"""Writes that keep the access lists true; who may change a list, and to what, is said by the commands of administration."""

from sqlalchemy import select

from portal.access import queries
from portal.access.acl import Acl
from portal.access.models import AccessList, InformationEntry, MemberGroupMember
from portal.core.context import Context
from portal.core.ids import new_id


def renew(ctx: Context, acl: Acl) -> None:
    """This function will mark a list as changed, so that everybody reads it anew; the caller asks and records."""
    key = queries.key_of(acl, ctx.tenant.id if ctx.tenant else None)
    row = ctx.session.scalar(select(AccessList).where(AccessList.key == key).with_for_update())
    if row is None:
        ctx.session.add(AccessList(key=key, stamp=new_id()))
    else:
        row.stamp = new_id()
    ctx.session.flush()
    queries.forget(ctx.session)


def forget_member(ctx: Context, user_id: str) -> None:
    """This function will take a person out of the tenant's user groups and information list; the caller asks and records.

    Somebody who comes back begins anew, with what the role has and nothing that is left over.
    """
    session = ctx.session
    for row in session.scalars(select(MemberGroupMember).where(MemberGroupMember.user_id == user_id)):
        session.delete(row)
    named = select(InformationEntry).where(
        InformationEntry.subject_type == "user", InformationEntry.subject_id == user_id
    )
    found = session.scalars(named).all()
    for entry in found:
        session.delete(entry)
    session.flush()
    if found:
        renew(ctx, Acl.INFORMATION)
