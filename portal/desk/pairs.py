"""The TV before and after: what every box group shows now and would show, one pair per distinct result."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.content.envelope import Envelope
from portal.core import clock
from portal.core.context import Context
from portal.core.ids import GroupId, ObjectId
from portal.orders.queries import entitlement
from portal.preview.moments import document_at
from portal.releases.channels import compile_channels
from portal.releases.document import Enterprise, Entitlement
from portal.releases.published_assets import describe
from portal.tenants.queries import get_tenant
from portal.tenants.tree import GroupTree

Manifest = Mapping[ObjectId, Envelope]
Json = dict[str, Any]


@dataclass(frozen=True)
class Pair:
    """What some box groups show now and would show; `differs` is false where nothing would be seen to change."""

    groups: tuple[GroupId, ...]
    before: Json
    after: Json
    differs: bool


def pairs(ctx: Context, tree: GroupTree, before: Manifest, after: Manifest) -> list[Pair]:
    """This function will compile both manifests for all groups, with today's features, and return the distinct pairs.

    Those that differ come first, in the order of the tree. Raises `DocumentRefused` where a document breaks the contract.
    """
    tenant = get_tenant(ctx.session, ctx.tenant_id)
    held = entitlement(ctx.session, ctx.tenant_id, clock.now())
    named = {sha256 for manifest in (before, after) for envelope in manifest.values() for sha256 in envelope.assets}
    files = describe(ctx.session, named)
    paths = {node.id: tree.path(node.id) for _depth, node in tree.walk()}
    enterprise, entitled = (
        Enterprise(tenant.enterprise_id, tenant.short_name),
        Entitlement(held.features, held.app_packages),
    )
    old, new = (compile_channels(enterprise, entitled, manifest, paths, files) for manifest in (before, after))
    distinct: dict[tuple[str, str], list[GroupId]] = {}
    for group in paths:
        distinct.setdefault((old.by_group[group], new.by_group[group]), []).append(group)
    found = [
        Pair(tuple(groups), json.loads(old.documents[was]), json.loads(new.documents[now]), was != now)
        for (was, now), groups in distinct.items()
    ]
    return sorted(found, key=lambda pair: not pair.differs)


def seen_at(document: Json, moment: datetime, always: Collection[str]) -> Json:
    """This function will return the document as it looks at `moment`, with the objects of `always` whatever their windows say.

    A change has to be seen also when its window is not on yet.
    """
    opened = {
        **document,
        "marquee": [_opened(one, always) for one in document["marquee"]],
        "zone": {**document["zone"], "columns": [_column(one, always) for one in document["zone"]["columns"]]},
    }
    return document_at(opened, moment)


def _column(column: Json, always: Collection[str]) -> Json:
    seconds = [{**second, "items": [_opened(item, always) for item in second["items"]]} for second in column["columns"]]
    return {**column, "columns": seconds}


def _opened(one: Json, always: Collection[str]) -> Json:
    return {**one, "windows": []} if one["id"] in always else one
