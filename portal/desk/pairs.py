"""The TV before and after: what every box group shows now and would show, one pair per distinct result."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.content.envelope import Envelope
from portal.core.context import Context
from portal.core.ids import GroupId, ObjectId
from portal.orders.rules.entitlement import Entitlement as Holding
from portal.preview.moments import document_at
from portal.preview.queries import enterprise_of
from portal.releases.channels import Signature, aimed_objects, signature
from portal.releases.checking import check_document
from portal.releases.document import Entitlement, compile_document
from portal.releases.published_assets import describe
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


def pairs(ctx: Context, tree: GroupTree, held: Holding, before: Manifest, after: Manifest) -> list[Pair]:
    """This function will compile both manifests for all groups, with the features `held`, and return the distinct pairs.

    Those that differ come first, in the order of the tree. Raises `DocumentRefused` where a document of `after` breaks the
    contract. Documents are compared as they are: their bytes, which cost most of a compilation, are for publishing.
    """
    named = {sha256 for manifest in (before, after) for envelope in manifest.values() for sha256 in envelope.assets}
    files = describe(ctx.session, named)
    enterprise = enterprise_of(ctx)
    entitled = Entitlement(held.features, held.app_packages)

    def compiled(manifest: Manifest) -> Mapping[GroupId, Json]:
        return _by_group(tree, manifest, lambda path: compile_document(enterprise, entitled, manifest, path, files))

    old, new = compiled(before), compiled(after)
    for document in {id(document): document for document in new.values()}.values():
        check_document(document)
    return sorted(_distinct(old, new), key=lambda pair: not pair.differs)


def _by_group(
    tree: GroupTree, manifest: Manifest, compiled: Callable[[Sequence[GroupId]], Json]
) -> Mapping[GroupId, Json]:
    """Groups at which the same is aimed show the same, and are compiled once."""
    aimed = aimed_objects(manifest)
    known: dict[Signature, Json] = {}
    found: dict[GroupId, Json] = {}
    for _depth, node in tree.walk():
        path = tree.path(node.id)
        mark = signature(path, aimed)
        if mark not in known:
            known[mark] = compiled(path)
        found[node.id] = known[mark]
    return found


def _distinct(old: Mapping[GroupId, Json], new: Mapping[GroupId, Json]) -> list[Pair]:
    groups: dict[tuple[int, int], list[GroupId]] = {}
    for group in new:
        groups.setdefault((id(old[group]), id(new[group])), []).append(group)
    merged: list[tuple[Json, Json, list[GroupId]]] = []
    for members in groups.values():
        was, now = old[members[0]], new[members[0]]
        alike = next((one for one in merged if one[0] == was and one[1] == now), None)
        if alike is None:
            merged.append((was, now, members))
        else:
            alike[2].extend(members)
    return [Pair(tuple(members), was, now, was != now) for was, now, members in merged]


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
