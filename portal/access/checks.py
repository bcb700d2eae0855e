"""Asking for a permission: the one door of commands and of the pipeline. How policy and access lists combine stands in `acl`."""

from collections.abc import Iterable

from portal.access import queries
from portal.access.acl import Decision, Path, Reach, Why, decide, presume
from portal.access.governing import ABOUT_THINGS, GOVERNED_BY, usual_paths
from portal.access.permissions import Permission
from portal.access.policy import reach_of
from portal.access.roles import PORTAL_ITSELF
from portal.core import unit_of_work
from portal.core.context import Context
from portal.core.errors import Forbidden
from portal.core.messages import N_, Message

BY_ENTRY = N_("访问控制列表不允许您这样做，请联系管理员。")

Paths = Iterable[Path]


def decision(ctx: Context, permission: Permission, about: Paths | None = None) -> Decision:
    """This function will decide whether the context's actor has `permission`, and say what the decision rests on.

    `about` are the paths of the thing it is about; without them it is about the whole list, or the permission's own area. A
    permission that is always about one thing and is asked without any is answered by what can be known already.
    """
    reach = reach_of(ctx.actor, permission, ctx.tenant)
    acl = GOVERNED_BY.get(permission)
    if reach is Reach.NONE or acl is None or ctx.actor.role in PORTAL_ITSELF:
        return _by_policy(reach)
    index = queries.index_of(ctx, acl)
    if not index:
        return _by_policy(reach)
    subjects = queries.subjects_of(ctx, index)
    if about is None and permission in ABOUT_THINGS:
        return presume(index, subjects, permission)
    return decide(index, subjects, permission, usual_paths(permission) if about is None else about, reach)


def may(ctx: Context, permission: Permission, about: Paths | None = None) -> bool:
    """This function will tell whether the context's actor has `permission` where the context stands, on the thing `about`."""
    return decision(ctx, permission, about).allowed


def ask(
    ctx: Context,
    permission: Permission,
    *,
    about: Paths | None = None,
    provided: bool = True,
    because: Message | None = None,
) -> None:
    """This function will raise `Forbidden` unless the actor has `permission`, on the thing `about`, and `provided` is true.

    `provided` is for what neither policy nor lists can see, such as an object outside a group editor's subtree; `because` is
    the sentence shown then. The unit of work notes that the permission was asked, and of a permission that is always about
    one thing whether it was asked of one: asked only in general, what was changed is not committed.
    """
    found = decision(ctx, permission, about)
    if not found.allowed:
        raise Forbidden(permission, None if found.why is Why.POLICY_REFUSES else BY_ENTRY)
    if not provided:
        raise Forbidden(permission, because)
    work = unit_of_work.work_of(ctx.session)
    work.asked.add(permission)
    if permission in ABOUT_THINGS and ctx.actor.role not in PORTAL_ITSELF:
        (work.asked_in_general if about is None else work.asked_of_things).add(permission)


def _by_policy(reach: Reach) -> Decision:
    if reach is Reach.HELD:
        return Decision(True, Why.POLICY_ALLOWS)
    return Decision(False, Why.NEEDS_ENTRY if reach is Reach.BY_LIST else Why.POLICY_REFUSES)
