"""Acting before somebody has a role: the portal itself asks, the person is recorded."""

from dataclasses import replace

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.core.context import SYSTEM, Context


def ask_as_portal(ctx: Context) -> None:
    """This function will ask, as the portal itself, for leave to act on what a person has just proven."""
    ask(replace(ctx, actor=SYSTEM, tenant=None), Permission.IDENTITY_CONFIRM)
