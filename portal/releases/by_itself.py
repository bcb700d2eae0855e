"""Releases that the portal makes by itself, of what is on air already."""

from collections.abc import Mapping

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.core.context import Context
from portal.core.ids import GroupId
from portal.core.messages import N_, Message
from portal.releases.channels import Compiled
from portal.releases.making import Base, Plan, compile_manifest, lock_base, make_release, store_release
from portal.releases.models import Release
from portal.releases.queries import pointers, shown_by_channels
from portal.releases.states import ReleaseKind


def system_release(ctx: Context, reason: Message) -> Release | None:
    """This function will compile what is on air anew, with today's features and groups; None where no channel would change.

    No reviewer is needed: it only removes, or returns what was approved. The actor is the system.
    """
    ask(ctx, Permission.RELEASES_SYSTEM)
    base = lock_base(ctx)
    if base.release is None:
        return None
    compiled = compile_manifest(ctx, base, base.manifest)
    if shown_by_channels(pointers(ctx.session).values()) == _shown_by(compiled, base):
        return None
    return store_release(ctx, base, _plan(base, reason), compiled)


def release_anew(ctx: Context, reason: Message) -> Release:
    """This function will do what `system_release` does, also where no channel would change: every pointer is written anew."""
    ask(ctx, Permission.RELEASES_SYSTEM)
    base = lock_base(ctx)
    return make_release(ctx, base, _plan(base, reason))


def _plan(base: Base, reason: Message) -> Plan:
    return Plan(ReleaseKind.SYSTEM, base.manifest, N_("系统发布"), reason)


def _shown_by(compiled: Compiled, base: Base) -> Mapping[GroupId, tuple[str, str, str]]:
    return {
        group: (base.tree[group].channel, base.tree[group].name, sha256) for group, sha256 in compiled.by_group.items()
    }
