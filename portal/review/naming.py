"""What the ids inside content are called, for pages that compare it."""

from collections.abc import Iterable

from flask import url_for
from sqlalchemy.orm import Session

from portal.content.envelope import Envelope
from portal.media.queries import asset_infos
from portal.review.queries import object_titles
from portal.review.showing import Names
from portal.tenants.tree import GroupTree


def names_for(session: Session, tree: GroupTree, envelopes: Iterable[Envelope | None]) -> Names:
    """This function will return the names of groups, other objects and pictures that `envelopes` speak of; two queries."""
    found = [envelope for envelope in envelopes if envelope is not None]
    infos = asset_infos(session, {asset for envelope in found for asset in envelope.assets})
    posters = {sha256: info.poster.sha256 for sha256, info in infos.items() if info.poster}
    return Names(
        groups={node.id: tree.label(node.id) for _depth, node in tree.walk()},
        titles=object_titles(session, {ref for envelope in found for ref in envelope.refs}),
        picture=lambda sha256: url_for("media.file", sha256=posters.get(sha256, sha256)),
    )
