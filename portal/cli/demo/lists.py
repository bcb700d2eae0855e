"""The demo's user groups, entries of access lists, and what waits for a second officer."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from portal.access.acl import ROOT, Acl, Effect, Place, Subject
from portal.access.roles import Role
from portal.accounts.commands.officers import propose_officer
from portal.administration.commands.entries import NewEntry, add_entry
from portal.administration.commands.groups import change_group, create_group
from portal.core.context import Actor, Context, TenantRef
from portal.core.database import commit, platform_session, tenant_session

Json = Mapping[str, Any]
FindPlace = Callable[[str, str], Place]


def fill_tenant_list(tenant: TenantRef, source: Json, people: Any, find_place: FindPlace) -> None:
    """This function will make a tenant's user groups, and the entries of its information list, as its administrator would."""
    admin = people.first_of(tenant, Role.TENANT_ADMIN)
    groups = [_make_group(tenant, admin, group, people) for group in source.get("user_group", ())]
    for entry in source.get("entry", ()):
        with tenant_session(tenant.id, writes=True) as session:
            add_entry(Context(session, admin, tenant), Acl.INFORMATION, _entry(entry, dict(groups), find_place))
            commit(session)


def fill_platform_lists(source: Json, people: Any) -> None:
    """This function will do the same for the platform as its security administrator would, and ask for what takes two officers."""
    admin = people.first(Role.SECURITY_ADMIN)
    groups = [_make_group(None, admin, group, people) for group in source.get("user_group", ())]
    for entry in source.get("entry", ()):
        with platform_session(writes=True) as session:
            add_entry(Context(session, admin), Acl(entry["acl"]), _entry(entry, dict(groups), Place))
            commit(session)
    for asked in source.get("appointment", ()):
        with platform_session(writes=True) as session:
            asker = Context(session, people.actor(asked["by"]))
            propose_officer(asker, asked["username"], asked["name"], Role(asked["role"]), asked["reason"])
            commit(session)


def _make_group(tenant: TenantRef | None, admin: Actor, group: Json, people: Any) -> tuple[str, str]:
    members: Sequence[str] = [people.actor(name).user_id for name in group["members"]]
    with tenant_session(tenant.id, writes=True) if tenant else platform_session(writes=True) as session:
        ctx = Context(session, admin, tenant)
        made = create_group(ctx, group["name"])
        change_group(ctx, made, group["name"], members, version=1)
        commit(session)
    return group["name"], made


def _entry(entry: Json, groups: Mapping[str, str], find_place: FindPlace) -> NewEntry:
    """Places are `all`, or a kind of thing and its key; subjects a `role:` or the name of a `group:`."""
    kind, _, key = entry["place"].partition(":")
    place = find_place(kind, key) if key else ROOT
    subject, _, name = entry["subject"].partition(":")
    named = Subject(subject, groups[name] if subject == "group" else name)
    return NewEntry(place, entry["permission"], Effect(entry["effect"]), named, entry.get("note", ""))
