"""The zone as a tree: columns of the first level, of the second, items; each in the order in which boxes show it. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from portal.content.kinds import Kind
from portal.content.queries import ObjectView
from portal.core.ids import ObjectId


@dataclass(frozen=True)
class Node:
    """A column with what lies below it: columns on the first level, items on the second."""

    view: ObjectView
    columns: list["Node"] = field(default_factory=list)
    items: list[ObjectView] = field(default_factory=list)

    @property
    def count(self) -> int:
        """How many items lie in it, and in the columns below it."""
        return len(self.items) + sum(below.count for below in self.columns)

    @property
    def is_changed(self) -> bool:
        """Whether something in it, or it itself, is under way."""
        return self.view.is_changed or any(item.is_changed for item in self.items)

    def shown(self) -> Iterator["Node"]:
        """This function will yield the columns below it that are not hidden."""
        return (below for below in self.columns if below.view.envelope.shown)


@dataclass(frozen=True)
class ZoneTree:
    """The columns of the first level."""

    columns: list[Node]

    def shown(self) -> Iterator[Node]:
        """This function will yield those that are not hidden."""
        return (node for node in self.columns if node.view.envelope.shown)

    def find(self, column_id: str | None) -> tuple[Node, Node | None] | None:
        """This function will return the first- and second-level column that `column_id` names, or None where there is none."""
        for first in self.columns:
            if first.view.id == column_id:
                return first, None
            for second in first.columns:
                if second.view.id == column_id:
                    return first, second
        return None

    def first_place(self) -> tuple[Node, Node | None] | None:
        """This function will return where one begins: the first column of the second level, else of the first, or None."""
        for first in self.columns:
            if first.columns:
                return first, first.columns[0]
        return (self.columns[0], None) if self.columns else None


def zone_tree(views: Mapping[ObjectId, ObjectView]) -> ZoneTree:
    """This function will return the tree of these columns and items; what is deleted, or hangs in the air, is not in it."""
    kept = sorted(
        (view for view in views.values() if not view.envelope.deleted and view.envelope.spec.ordered),
        key=lambda view: (view.envelope.payload.order, view.id),  # type: ignore[attr-defined]
    )
    columns = {view.id: Node(view) for view in kept if view.object.kind == Kind.COLUMN}
    roots: list[Node] = []
    for view in kept:
        above = columns.get(view.envelope.refs[0]) if view.envelope.refs else None
        if view.object.kind == Kind.ITEM:
            if above is not None:
                above.items.append(view)
        elif not view.envelope.refs:
            roots.append(columns[view.id])
        elif above is not None:
            above.columns.append(columns[view.id])
    return ZoneTree(roots)
