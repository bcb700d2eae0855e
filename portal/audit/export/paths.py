"""The ways from many records to the root of one checkpoint, for an export: hashes are read once, however many share them."""

from collections.abc import Iterable, Mapping, Sequence

from portal.audit.proofs import hashes_of
from portal.audit.tree import Node, cover, inclusion_spans, prove

_MOST_KEPT = 200_000


class Paths:
    """Inclusion proofs against the tree of `size` records."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._known: dict[Node, bytes] = {}

    def of(self, numbers: Sequence[int]) -> Mapping[int, Sequence[bytes] | None]:
        """This function will return the hashes beside the way of each record; None where the log lacks one of them."""
        spans = {seq: inclusion_spans(seq - 1, self._size) for seq in numbers}
        self._learn(node for own in spans.values() for span in own for node in cover(span))
        return {seq: self._path(own) for seq, own in spans.items()}

    def _path(self, spans: Sequence[tuple[int, int]]) -> Sequence[bytes] | None:
        try:
            return prove(spans, self._known)
        except KeyError:
            return None

    def _learn(self, nodes: Iterable[Node]) -> None:
        wanted = set(nodes)
        if len(self._known) > _MOST_KEPT:
            self._known = {node: self._known[node] for node in wanted & self._known.keys()}
        self._known.update(hashes_of(sorted(wanted - self._known.keys(), key=lambda node: node.seq)))
