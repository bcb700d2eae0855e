"""The Merkle tree over the log, hashed as RFC 6962 does it: pure, no database.

Records are counted from 1 (`seq`), leaves from 0 (`index = seq - 1`). A record keeps the hash of its leaf and of every
subtree that it completes, so that no node is ever written twice and the node at (level, index) stands with the record
numbered `(index + 1) << level`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

HASH_BYTES = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(leaf: bytes) -> bytes:
    """This function will return the hash of a leaf (RFC 6962 section 2.1)."""
    return sha256(b"\0" + leaf).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """This function will return the hash of the node above two others."""
    return sha256(b"\1" + left + right).digest()


def completes(seq: int) -> int:
    """This function will return how many subtrees of more than one leaf the record `seq` completes."""
    return (seq & -seq).bit_length() - 1


def split_hashes(joined: bytes) -> list[bytes]:
    """This function will return the hashes that `joined` holds one after the other."""
    return [joined[at : at + HASH_BYTES] for at in range(0, len(joined), HASH_BYTES)]


@dataclass(frozen=True)
class Node:
    """A complete subtree: 2^level leaves, the `index`-th of its size."""

    level: int
    index: int

    @property
    def seq(self) -> int:
        """The record that holds its hash."""
        return (self.index + 1) << self.level


@dataclass
class Frontier:
    """A tree that only grows: its size, and the hashes of its complete subtrees, largest first."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, size: int, peaks: bytes) -> Self:
        """This function will return the frontier that `joined` wrote down."""
        return cls(size, split_hashes(peaks))

    @property
    def joined(self) -> bytes:
        """The peaks, one after the other."""
        return b"".join(self.peaks)

    def add(self, leaf: bytes) -> bytes:
        """This function will add the leaf with this hash and return what its record keeps: the hashes it completes."""
        made = [leaf]
        self.size += 1
        for _ in range(completes(self.size)):
            made.append(node_hash(self.peaks.pop(), made[-1]))
        self.peaks.append(made[-1])
        return b"".join(made)

    def join(self, peaks: Sequence[bytes], size: int) -> bytes:
        """This function will add a tree of `size` leaves, no larger than the smallest subtree that stands here.

        It returns the hashes above the added tree that this completes, as the last record of that tree keeps them.
        """
        made = []
        for level, peak in zip(_levels(size), peaks, strict=True):
            self.size += 1 << level
            self.peaks.append(peak)
            for _ in range(completes(self.size) - level):
                right = self.peaks.pop()
                made.append(node_hash(self.peaks.pop(), right))
                self.peaks.append(made[-1])
        return b"".join(made)

    def root(self) -> bytes:
        """This function will return the root of the tree (RFC 6962 section 2.1)."""
        return fold(self.peaks) if self.peaks else EMPTY_ROOT


def fold(hashes: Sequence[bytes]) -> bytes:
    """This function will return the hash over adjoining subtrees, largest first."""
    folded = hashes[-1]
    for left in reversed(hashes[:-1]):
        folded = node_hash(left, folded)
    return folded


Span = tuple[int, int]


def cover(span: Span) -> list[Node]:
    """This function will return the complete subtrees that make up the leaves [low, high), largest first.

    `low` lies where a subtree of the span's size may begin, as it does for every span of a proof.
    """
    low, high = span
    nodes = []
    for level in _levels(high - low):
        nodes.append(Node(level, low >> level))
        low += 1 << level
    return nodes


def inclusion_spans(index: int, size: int) -> list[Span]:
    """This function will return the subtrees whose hashes prove that leaf `index` is in the tree of `size`, from below."""
    low, high, spans = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        spans.append((middle, high) if index < middle else (low, middle))
        low, high = (low, middle) if index < middle else (middle, high)
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    """This function will return the subtrees whose hashes prove that the tree of `new` leaves began as that of `old`."""
    low, high, spans = 0, new, []
    while old != high:
        middle = low + _split(high - low)
        spans.append((middle, high) if old <= middle else (low, middle))
        low, high = (low, middle) if old <= middle else (middle, high)
    return ([(low, high)] if low else []) + spans[::-1]


def prove(spans: Iterable[Span], hashes: Mapping[Node, bytes]) -> list[bytes]:
    """This function will return the hashes of a proof's subtrees, made of those of complete subtrees."""
    return [fold([hashes[node] for node in cover(span)]) for span in spans]


def root_of_inclusion(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> bytes:
    """This function will return the root to which a proof leads; raises `ValueError` for one of the wrong length."""
    return climb(leaf, index, size, proof)[-1]


def climb(leaf: bytes, index: int, size: int, proof: Sequence[bytes]) -> list[bytes]:
    """This function will return every hash from the leaf up to the root to which the proof leads."""
    spans = inclusion_spans(index, size)
    if len(spans) != len(proof):
        raise ValueError(f"a proof of {len(spans)} steps is needed, not of {len(proof)}")
    hashes = [leaf]
    for (low, _), beside in zip(spans, proof, strict=True):
        is_left = low < index
        hashes.append(node_hash(beside, hashes[-1]) if is_left else node_hash(hashes[-1], beside))
    return hashes


def _split(count: int) -> int:
    """The largest power of two below `count`."""
    return 1 << (count - 1).bit_length() - 1


def _levels(size: int) -> list[int]:
    return [level for level in range(size.bit_length() - 1, -1, -1) if size >> level & 1]
