"""Reads of the access lists: a list as an index, and all that an actor is to it.

A list is read once and kept by its stamp, which every change replaces: a check costs one small query in a request and
look-ups after that, however many entries there are.
"""

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.acl import Acl, Effect, Entry, Index, Place, Subject
from portal.access.models import (
    AccessEntry,
    AccessList,
    InformationEntry,
    MemberGroupMember,
    StaffGroupMember,
)
from portal.core.context import Actor, Context
from portal.core.ids import TenantId

_KEPT = 64
_NO_ENTRIES = Index()
_STAMPS, _GROUPS = "access_stamps", "access_groups"

_lock = Lock()
_indexes: OrderedDict[str, Index] = OrderedDict()


def key_of(acl: Acl, tenant_id: TenantId | None) -> str:
    """This function will return the key of a list; a tenant has an information list of its own."""
    return f"{acl}:{tenant_id}" if acl is Acl.INFORMATION else acl.value


def index_of(ctx: Context, acl: Acl) -> Index:
    """This function will return the list `acl` as it stands for where the context is."""
    tenant_id = ctx.tenant.id if ctx.tenant else None
    stamp = _stamps(ctx.session, tenant_id).get(key_of(acl, tenant_id))
    if stamp is None:
        return _NO_ENTRIES
    with _lock:
        kept = _indexes.get(stamp)
        if kept is not None:
            _indexes.move_to_end(stamp)
            return kept
    read = Index(entries(ctx.session, acl))
    with _lock:
        _indexes[stamp] = read
        while len(_indexes) > _KEPT:
            _indexes.popitem(last=False)
    return read


def entries(session: Session, acl: Acl) -> Iterator[Entry]:
    """This function will yield the entries of a list, an information list's from inside its tenant."""
    table = InformationEntry if acl is Acl.INFORMATION else AccessEntry
    wanted = select(
        table.id, table.place_type, table.place_id, table.permission, table.effect, table.subject_type, table.subject_id
    ).order_by(table.id)
    if acl is not Acl.INFORMATION:
        wanted = wanted.where(AccessEntry.acl == acl)
    for one, place_type, place_id, permission, effect, subject_type, subject_id in session.execute(wanted):
        yield Entry(one, Place(place_type, place_id), permission, Effect(effect), Subject(subject_type, subject_id))


def subjects_of(ctx: Context, index: Index) -> tuple[Subject, ...]:
    """This function will return all that the context's actor is to a list: the person, the groups, the role."""
    actor = ctx.actor
    person = (Subject("user", str(actor.user_id)),)
    groups = _groups(ctx.session, actor) if index.names_groups else ()
    return (*person, *groups, Subject("role", actor.role))


def remembered(session: Session) -> dict[str, Any]:
    """This function will return what a session has read of lists and groups, for another one of the same request that only reads."""
    return {name: session.info[name] for name in (_STAMPS, _GROUPS) if name in session.info}


def forget(session: Session) -> None:
    """This function will make a session read anew what it has read of lists and groups."""
    session.info.pop(_STAMPS, None)
    session.info.pop(_GROUPS, None)


def _stamps(session: Session, tenant_id: TenantId | None) -> dict[str, str]:
    found: dict[str, str] | None = session.info.get(_STAMPS)
    if found is None:
        keys = [key_of(acl, tenant_id) for acl in Acl]
        rows = session.execute(select(AccessList.key, AccessList.stamp).where(AccessList.key.in_(keys)))
        found = session.info[_STAMPS] = dict(rows.all())
    return found


def _groups(session: Session, actor: Actor) -> tuple[Subject, ...]:
    found: tuple[Subject, ...] | None = session.info.get(_GROUPS)
    if found is None:
        table = StaffGroupMember if actor.tenant_id is None else MemberGroupMember
        rows = session.scalars(select(table.group_id).where(table.user_id == actor.user_id).order_by(table.group_id))
        found = session.info[_GROUPS] = tuple(Subject("group", group) for group in rows)
    return found
