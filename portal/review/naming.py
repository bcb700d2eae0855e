"""What the ids inside content are called, for pages that compare it."""

from collections.abc import Callable, Iterable, Mapping

from flask import url_for
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope
from portal.core.messages import Words
from portal.media.queries import AssetInfo, asset_infos
from portal.media.renditions import Rendition
from portal.review.queries import object_titles
from portal.review.showing import Names
from portal.tenants.tree import GroupTree


def in_library(still: Rendition) -> str:
    """This function will return the address of a picture for whoever may see the tenant's library."""
    return url_for("media.file", sha256=still.sha256)


def names_for(
    session: Session,
    tree: GroupTree,
    envelopes: Iterable[Envelope | None],
    address: Callable[[Rendition], str] = in_library,
) -> Names:
    """This function will return the names of groups, other objects and pictures that `envelopes` speak of; two queries.

    `address` says where the reader finds a picture, nothing for one that the reader must not see.
    """
    found = [envelope for envelope in envelopes if envelope is not None]
    infos = asset_infos(session, {asset for envelope in found for asset in envelope.assets})
    titles = object_titles(session, {ref for envelope in found for ref in envelope.refs})
    return named(tree, infos, titles, address)


def named(
    tree: GroupTree | None,
    infos: Mapping[str, AssetInfo],
    titles: Mapping[str, Words],
    address: Callable[[Rendition], str],
) -> Names:
    """This function will return the names of an enterprise's groups, none where nothing is aimed at one, of objects and of files that were read already."""
    stills = {sha256: info.poster or info.files[0] for sha256, info in infos.items()}
    return Names(
        groups={node.id: tree.label(node.id) for _depth, node in tree.walk()} if tree else {},
        titles=titles,
        picture=lambda sha256: address(stills[sha256]) if sha256 in stills else "",
    )
