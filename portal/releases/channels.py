"""Compiling for all box groups at once: groups that show the same are compiled, checked and stored once."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256

from portal.core.ids import GroupId, ObjectId
from portal.releases.assets import AssetInfo
from portal.releases.checking import check_document
from portal.releases.document import DEFAULT_LANGUAGE, Enterprise, Entitlement, compile_document, document_bytes
from portal.releases.selection import Manifest

Signature = tuple[tuple[ObjectId, ...], ...]


@dataclass(frozen=True)
class Compiled:
    """What a manifest became: the documents' bytes by their SHA-256, and for every group the one that its boxes show.

    `contents` are the SHA-256 of the content of which it was made, by object.
    """

    documents: Mapping[str, bytes]
    by_group: Mapping[GroupId, str]
    contents: Mapping[ObjectId, str]


def compile_channels(
    enterprise: Enterprise,
    entitled: Entitlement,
    manifest: Manifest,
    paths: Mapping[GroupId, Sequence[GroupId]],
    assets: Mapping[str, AssetInfo],
    lang: str = DEFAULT_LANGUAGE,
) -> Compiled:
    """This function will compile and check `manifest` for every group of `paths`, which maps it to its path, root first and itself last.

    Raises `MissingAsset`, and `DocumentRefused` if a document breaks the contract.
    """
    aimed = aimed_objects(manifest)
    known: dict[Signature, str] = {}
    documents: dict[str, bytes] = {}
    by_group: dict[GroupId, str] = {}
    for group, path in sorted(paths.items()):
        mark = signature(path, aimed)
        if mark not in known:
            document = compile_document(enterprise, entitled, manifest, path, assets, lang)
            check_document(document)
            data = document_bytes(document)
            known[mark] = sha256(data).hexdigest()
            documents[known[mark]] = data
        by_group[group] = known[mark]
    return Compiled(documents, by_group, contents_of(manifest))


def contents_of(manifest: Manifest) -> Mapping[ObjectId, str]:
    """This function will return the SHA-256 of the content of each object."""
    return {object_id: envelope.sha256 for object_id, envelope in manifest.items()}


def aimed_objects(manifest: Manifest) -> Mapping[GroupId, Sequence[ObjectId]]:
    """This function will return the shown objects that are aimed at each group, by id; what is for all boxes is not among them."""
    aimed: dict[GroupId, list[ObjectId]] = defaultdict(list)
    for object_id in sorted(manifest):
        if manifest[object_id].shown:
            for group in manifest[object_id].targets:
                aimed[group].append(object_id)
    return aimed


def signature(path: Sequence[GroupId], aimed: Mapping[GroupId, Sequence[ObjectId]]) -> Signature:
    """This function will return what decides a group's content beside the manifest: the objects aimed at each step of its path.

    Steps at which nothing is aimed do not count, since only their order matters to which group is the nearest; the root, where things for
    all boxes lie too, always does.
    """
    root, *below = path
    steps = [tuple(aimed.get(root, ()))]
    steps.extend(tuple(aimed[group]) for group in below if group in aimed)
    return tuple(steps)
