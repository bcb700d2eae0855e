"""Asking for a permission: the one door of commands and of the pipeline."""

from portal.access.permissions import Permission
from portal.access.policy import allows
from portal.core import unit_of_work
from portal.core.context import Context
from portal.core.errors import Forbidden
from portal.core.messages import Message


def may(ctx: Context, permission: Permission) -> bool:
    """This function will tell whether the context's actor has `permission` where the context stands."""
    return allows(ctx.actor, permission, ctx.tenant)


def ask(ctx: Context, permission: Permission, *, provided: bool = True, because: Message | None = None) -> None:
    """This function will raise `Forbidden` unless the actor has `permission` and `provided` is true.

    `provided` is for what the policy's table cannot see, such as an object outside a group editor's subtree; `because` is
    the sentence shown then. The unit of work notes that the permission was asked.
    """
    if not may(ctx, permission):
        raise Forbidden(permission)
    if not provided:
        raise Forbidden(permission, because)
    unit_of_work.work_of(ctx.session).asked.add(permission)
