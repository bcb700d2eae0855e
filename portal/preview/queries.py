"""Zone documents of what is not published."""

from collections.abc import Mapping
from typing import Any

from portal.content.envelope import Envelope
from portal.content.queries import working_set
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import N_
from portal.media.queries import asset_infos
from portal.orders.queries import entitlement
from portal.releases.document import Enterprise, Entitlement, compile_document
from portal.releases.published_assets import describe
from portal.tenants.tree import GroupTree


def draft_document(ctx: Context, tree: GroupTree, group: GroupId | None = None) -> dict[str, Any]:
    """This function will return what a group's boxes would show if every draft of the tenant were published now.

    Without `group`, the root's. Raises `NotFound` for a group that is not there.
    """
    return document_for(ctx, tree, working_set(ctx.session), group)


def looked_at(
    ctx: Context, tree: GroupTree, object_id: ObjectId, typed: Envelope, group: GroupId | None = None
) -> dict[str, Any]:
    """This function will return what `draft_document` would if `typed`, which nobody has saved, were the object's draft.

    Raises `NotFound` for an unknown group, `Invalid` where a file is not in the tenant's library.
    """
    if set(typed.assets) - asset_infos(ctx.session, typed.assets).keys():
        raise Invalid({"payload": N_("图片或视频不在媒体库里，请重新选择。")})
    return document_for(ctx, tree, {**working_set(ctx.session), object_id: typed}, group)


def document_for(
    ctx: Context, tree: GroupTree, envelopes: Mapping[ObjectId, Envelope], group: GroupId | None = None
) -> dict[str, Any]:
    """This function will compile any content for one group, with today's features; raises `NotFound` for an unknown group."""
    wanted = group or tree.root.id
    if wanted not in tree:
        raise NotFound
    held = entitlement(ctx.session, ctx.tenant_id, clock.now())
    named = {sha256 for envelope in envelopes.values() for sha256 in envelope.assets}
    return compile_document(
        enterprise_of(ctx),
        Entitlement(held.features, held.app_packages),
        envelopes,
        tree.path(wanted),
        describe(ctx.session, named),
    )


def enterprise_of(ctx: Context) -> Enterprise:
    """This function will return the context's tenant as documents name it; raises `NotFound` outside of a tenant."""
    if ctx.tenant is None:
        raise NotFound
    return Enterprise(ctx.tenant.enterprise_id, ctx.tenant.name)
