"""The tree of box groups, pure: paths from the root, subtrees, and what a move would do."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from portal.core.ids import GroupId


@dataclass(frozen=True)
class Node:
    """One box group as the tree knows it."""

    id: GroupId
    parent: GroupId | None
    name: str
    channel: str
    position: int = 0


class GroupTree:
    """A tenant's box groups; the one without a parent is the root and stands for the whole tenant."""

    def __init__(self, nodes: Iterable[Node]) -> None:
        ordered = sorted(nodes, key=lambda node: (node.position, node.name, node.id))
        self._nodes: Mapping[GroupId, Node] = MappingProxyType({node.id: node for node in ordered})
        self._children: dict[GroupId | None, list[GroupId]] = {}
        for node in ordered:
            self._children.setdefault(node.parent, []).append(node.id)

    def __contains__(self, group: object) -> bool:
        return group in self._nodes

    def __len__(self) -> int:
        return len(self._nodes)

    def __getitem__(self, group: GroupId) -> Node:
        return self._nodes[group]

    @property
    def root(self) -> Node:
        """The group that stands for the whole tenant."""
        return self._nodes[self._children[None][0]]

    def path(self, group: GroupId) -> tuple[GroupId, ...]:
        """This function will return the ids from the root to `group`, both included."""
        path: list[GroupId] = []
        step: GroupId | None = group
        while step is not None:
            path.append(step)
            step = self._nodes[step].parent
        return tuple(reversed(path))

    def subtree(self, group: GroupId) -> frozenset[GroupId]:
        """This function will return `group` and all groups below it."""
        found = {group}
        for child in self._children.get(group, []):
            found |= self.subtree(child)
        return frozenset(found)

    def children(self, group: GroupId | None) -> tuple[GroupId, ...]:
        """This function will return the ids directly below `group`, in their order."""
        return tuple(self._children.get(group, ()))

    def walk(self) -> Iterable[tuple[int, Node]]:
        """This function will yield every group with its depth (the root has 0), parents before children, in order."""
        pending: list[tuple[int, GroupId]] = [(0, group) for group in reversed(self.children(None))]
        while pending:
            depth, group = pending.pop()
            yield depth, self._nodes[group]
            pending.extend((depth + 1, child) for child in reversed(self.children(group)))

    def label(self, group: GroupId) -> str:
        """This function will return the names on the path below the root, joined by a slash; the root's own for the root."""
        path = self.path(group)
        return " / ".join(self._nodes[step].name for step in (path[1:] or path))
