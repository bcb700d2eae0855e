"""What an entry of each access list may name: its permissions, places and subjects, with the words for them.

What is not offered here is not accepted either: a place or a person of another tenant is no choice in this one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sqlalchemy import select

from portal.access.acl import ANY_PERMISSION, ROOT, Acl, Place, Subject
from portal.access.governing import ABOUT_THINGS, AREAS, GOVERNED_BY, SEEN_ONE_BY_ONE
from portal.access.models import MemberGroup, StaffGroup
from portal.access.permissions import Permission
from portal.access.policy import BY_LIST, POLICY
from portal.access.roles import LABELS, LAYER_OF, STAFF, Role
from portal.access.words import PERMISSIONS
from portal.accounts.models import Membership, User
from portal.catalog.catalogue import catalogue
from portal.content.classes import CLASS_LABELS
from portal.content.kinds import KINDS, Kind
from portal.content.queries import objects
from portal.core.context import Context
from portal.core.messages import N_, Message, named
from portal.tenants.queries import group_tree

Label = str | Message

ACL_LABELS: Mapping[Acl, Message] = MappingProxyType(
    {
        Acl.SYSTEM: N_("系统"),
        Acl.USER: N_("用户"),
        Acl.INFORMATION: N_("信息"),
        Acl.APPLICATION: N_("应用"),
    }
)
ACL_SCOPES: Mapping[Acl, Message] = MappingProxyType(
    {
        Acl.SYSTEM: N_("设置、后台工作、存储、密钥"),
        Acl.USER: N_("账号、用户组、企业用户"),
        Acl.INFORMATION: N_("内容：按分组、栏目、种类、密级"),
        Acl.APPLICATION: N_("应用模块和深度定制授权"),
    }
)
_ALL_OF = MappingProxyType(
    {
        Acl.SYSTEM: N_("整个系统"),
        Acl.USER: N_("全部账号"),
        Acl.INFORMATION: N_("全部内容"),
        Acl.APPLICATION: N_("全部模块"),
    }
)
AREA_LABELS: Mapping[str, Message] = MappingProxyType(
    {"settings": N_("设置"), "jobs": N_("后台工作"), "storage": N_("存储"), "keys": N_("密钥")}
)
GONE = N_("（已删除）")


@dataclass(frozen=True)
class Choices:
    """All that an entry of one list may name, by value, in the order in which it is offered."""

    acl: Acl
    permissions: Mapping[str, Message]
    places: Mapping[Place, Label]
    subjects: Mapping[Subject, Label]

    def permission_label(self, permission: str) -> Message:
        """This function will return what a permission is called."""
        return self.permissions.get(permission) or Message(permission)

    def place_label(self, place: Place) -> Label:
        """This function will return what a place is called, also one that is gone."""
        return self.places.get(place) or GONE

    def subject_label(self, subject: Subject) -> Label:
        """This function will return what a subject is called, also one that is gone."""
        return self.subjects.get(subject) or GONE


def choices_of(ctx: Context, acl: Acl) -> Choices:
    """This function will return the choices of a list; those of an information list are the context's tenant's."""
    return Choices(acl, permissions_of(acl), dict(_places(ctx, acl)), dict(_subjects(ctx, acl)))


def permissions_of(acl: Acl) -> dict[str, Message]:
    """This function will return the permissions that a list governs."""
    governed = {one.value: PERMISSIONS[one] for one, by in GOVERNED_BY.items() if by is acl}
    return {ANY_PERMISSION: N_("全部权限"), **governed}


def holders_of(acl: Acl) -> frozenset[Role]:
    """This function will return the roles that hold, or may be given, something that the list governs."""
    governed = [permission for permission, by in GOVERNED_BY.items() if by is acl]
    held = {role for one in governed for role in (*POLICY[one], *BY_LIST.get(one, {}))}
    return frozenset(held & LAYER_OF.keys())


def stands_only_at_root(acl: Acl, permission: str, place: Place) -> bool:
    """This function will tell whether an entry would never be asked for at `place`: some permissions are about no single thing."""
    if place == ROOT or permission == ANY_PERMISSION:
        return False
    if acl is Acl.SYSTEM:
        return AREAS[Permission(permission)] != place.id
    return acl is not Acl.APPLICATION and Permission(permission) not in ABOUT_THINGS | SEEN_ONE_BY_ONE


def _places(ctx: Context, acl: Acl) -> Iterator[tuple[Place, Label]]:
    yield ROOT, _ALL_OF[acl]
    if acl is Acl.SYSTEM:
        yield from ((Place("area", area), label) for area, label in AREA_LABELS.items())
    elif acl is Acl.APPLICATION:
        for code, entry in catalogue().features.items():
            yield Place("module", code), named(entry.name.words)
    elif acl is Acl.USER:
        for subject, label in _staff_groups(ctx):
            yield Place("group", subject.id), label
        yield from ((Place("account", subject.id), label) for subject, label in _staff(ctx))
    else:
        yield from _content_places(ctx)


def _content_places(ctx: Context) -> Iterator[tuple[Place, Label]]:
    for class_, label in CLASS_LABELS.items():
        yield Place("class", class_), N_("密级：%(class)s", **{"class": label})
    tree = group_tree(ctx.session)
    for _depth, node in tree.walk():
        yield Place("group", node.id), N_("分组：%(name)s", name=tree.label(node.id))
    for kind, spec in KINDS.items():
        yield Place("kind", kind), N_("种类：%(name)s", name=spec.label)
    for view in objects(ctx.session, [Kind.COLUMN]).values():
        yield Place("object", view.id), N_("栏目：%(name)s", name=str(view.envelope.title))


def _subjects(ctx: Context, acl: Acl) -> Iterator[tuple[Subject, Label]]:
    holders = holders_of(acl)
    for role in Role:
        if role in holders:
            yield Subject("role", role), N_("角色：%(name)s", name=LABELS[role])
    if acl is Acl.INFORMATION:
        groups = ctx.session.execute(select(MemberGroup.id, MemberGroup.name).order_by(MemberGroup.name))
        yield from ((Subject("group", one), N_("用户组：%(name)s", name=name)) for one, name in groups)
        yield from _members(ctx)
        return
    yield from _staff_groups(ctx)
    yield from ((subject, label) for subject, label in _staff(ctx, holders & STAFF))


def _staff_groups(ctx: Context) -> Iterator[tuple[Subject, Label]]:
    rows = ctx.session.execute(select(StaffGroup.id, StaffGroup.name).order_by(StaffGroup.name))
    yield from ((Subject("group", one), N_("用户组：%(name)s", name=name)) for one, name in rows)


def _staff(ctx: Context, roles: frozenset[Role] = STAFF) -> Iterator[tuple[Subject, Label]]:
    wanted = select(User.id, User.display_name, User.username).where(User.staff_role.in_(roles))
    for one, name, username in ctx.session.execute(wanted.order_by(User.pinyin, User.username)):
        yield Subject("user", one), f"{name} ({username})"


def _members(ctx: Context) -> Iterator[tuple[Subject, Label]]:
    wanted = select(User.id, User.display_name, User.username).join(Membership, Membership.user_id == User.id)
    for one, name, username in ctx.session.execute(wanted.order_by(User.pinyin, User.username)):
        yield Subject("user", one), f"{name} ({username})"
