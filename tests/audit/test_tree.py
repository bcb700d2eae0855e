"""The tree against a foreign implementation, pymerkle: every size, every leaf, every pair of sizes."""

from collections.abc import Mapping
from hashlib import sha256

import pytest
from pymerkle import InclusionProof, InmemoryTree, InvalidProof, verify_consistency, verify_inclusion

from portal.audit.tree import (
    Frontier,
    Node,
    climb,
    consistency_spans,
    cover,
    inclusion_spans,
    leaf_hash,
    node_hash,
    prove,
    root_of_inclusion,
    split_hashes,
)

SIZE = 37
LEAVES = [b"record %d" % number for number in range(1, SIZE + 1)]


@pytest.fixture(scope="module")
def foreign() -> InmemoryTree:
    made = InmemoryTree(algorithm="sha256")
    for leaf in LEAVES:
        made.append_entry(leaf)
    return made


@pytest.fixture(scope="module")
def nodes() -> Mapping[Node, bytes]:
    frontier, found = Frontier(), {}
    for number, leaf in enumerate(LEAVES, 1):
        for level, made in enumerate(split_hashes(frontier.add(leaf_hash(leaf)))):
            found[Node(level, (number >> level) - 1)] = made
    return found


def frontier_of(size: int) -> Frontier:
    frontier = Frontier()
    for leaf in LEAVES[:size]:
        frontier.add(leaf_hash(leaf))
    return frontier


def test_empty_tree_has_the_root_of_nothing() -> None:
    assert Frontier().root() == sha256(b"").digest()


@pytest.mark.parametrize("size", range(1, SIZE + 1))
def test_root_is_the_foreign_one(foreign: InmemoryTree, size: int) -> None:
    assert frontier_of(size).root() == foreign.get_root(size)


def test_every_node_stands_with_the_record_that_completes_it(nodes: Mapping[Node, bytes]) -> None:
    assert all(node.seq <= SIZE and node.seq % (1 << node.level) == 0 for node in nodes)
    assert len(nodes) == sum(SIZE >> level for level in range(6))


@pytest.mark.parametrize("size", range(1, SIZE + 1))
def test_inclusion_proofs_satisfy_the_foreign_verifier(
    foreign: InmemoryTree, nodes: Mapping[Node, bytes], size: int
) -> None:
    for index in range(size):
        leaf = leaf_hash(LEAVES[index])
        proof = prove(inclusion_spans(index, size), nodes)
        theirs = foreign.prove_inclusion(index + 1, size)
        ours = InclusionProof("sha256", True, size, index + 1, theirs.rule, [leaf, *proof])

        verify_inclusion(leaf, foreign.get_root(size), ours, index=index + 1, size=size)
        assert root_of_inclusion(leaf, index, size, proof) == foreign.get_root(size)


@pytest.mark.parametrize("new", range(1, SIZE + 1))
def test_consistency_proofs_hold_between_all_foreign_states(
    foreign: InmemoryTree, nodes: Mapping[Node, bytes], new: int
) -> None:
    for old in range(1, new + 1):
        proof = prove(consistency_spans(old, new), nodes)

        assert roots_of_consistency(old, new, foreign.get_root(old), proof) == (
            foreign.get_root(old),
            foreign.get_root(new),
        )
        verify_consistency(frontier_of(old).root(), frontier_of(new).root(), foreign.prove_consistency(old, new))


def roots_of_consistency(old: int, new: int, old_root: bytes, proof: list[bytes]) -> tuple[bytes, bytes]:
    """The verifier's steps as RFC 9162 section 2.1.4.2 writes them down, which return the two roots."""
    if old == new:
        assert proof == []
        return old_root, old_root
    path = [old_root, *proof] if old & (old - 1) == 0 else proof
    first, second = old - 1, new - 1
    while first & 1:
        first, second = first >> 1, second >> 1
    made_old = made_new = path[0]
    for beside in path[1:]:
        assert second != 0
        if first & 1 or first == second:
            made_old, made_new = node_hash(beside, made_old), node_hash(beside, made_new)
            while not first & 1 and first:
                first, second = first >> 1, second >> 1
        else:
            made_new = node_hash(made_new, beside)
        first, second = first >> 1, second >> 1
    assert second == 0
    return made_old, made_new


def test_foreign_verifier_refuses_a_forged_proof(foreign: InmemoryTree) -> None:
    theirs = foreign.prove_inclusion(5, SIZE)
    with pytest.raises(InvalidProof):
        verify_inclusion(leaf_hash(b"another record"), foreign.get_root(SIZE), theirs)


@pytest.mark.parametrize("size", [1, 2, 3, 8, 11, 16, 37])
def test_changed_leaf_leads_to_another_root(nodes: Mapping[Node, bytes], size: int) -> None:
    for index in range(size):
        proof = prove(inclusion_spans(index, size), nodes)
        assert root_of_inclusion(leaf_hash(b"forged"), index, size, proof) != frontier_of(size).root()


def test_proof_of_the_wrong_length_is_refused(nodes: Mapping[Node, bytes]) -> None:
    proof = prove(inclusion_spans(3, 20), nodes)
    with pytest.raises(ValueError, match="steps"):
        climb(leaf_hash(LEAVES[3]), 3, 20, proof[:-1])


@pytest.mark.parametrize("chunk", [1, 4, 16])
def test_tree_joined_of_parts_is_the_tree_grown(chunk: int) -> None:
    whole = Frontier()
    for start in range(0, SIZE, chunk):
        part = Frontier()
        for leaf in LEAVES[start : start + chunk]:
            part.add(leaf_hash(leaf))
        whole.join(part.peaks, part.size)

    assert (whole.size, whole.peaks) == (SIZE, frontier_of(SIZE).peaks)


def test_frontier_is_read_back_as_written() -> None:
    frontier = frontier_of(11)
    again = Frontier.of(11, frontier.joined)

    again.add(leaf_hash(LEAVES[11]))

    assert again.root() == frontier_of(12).root()


def test_span_is_covered_by_its_complete_subtrees() -> None:
    assert cover((8, 13)) == [Node(2, 2), Node(0, 12)]
    assert node_hash(b"a", b"b") != node_hash(b"b", b"a")
