"""Where content stands in its tenant's access list: by box group, by column, by kind, by class.

Whoever edits, submits, reviews or publishes is asked about the content on all of these paths at once.
"""

from collections.abc import Iterable, Iterator, Sequence

from sqlalchemy.orm import Session

from portal.access.acl import EVERYTHING, ROOT, Acl, Path, Place
from portal.access.checks import ask, may
from portal.access.governing import module_paths
from portal.access.permissions import Permission
from portal.access.queries import index_of
from portal.access.roles import PORTAL_ITSELF
from portal.content.envelope import Envelope
from portal.content.kinds import Kind, spec_of
from portal.content.models import ContentObject
from portal.content.queries import get_object, objects
from portal.core.context import Context
from portal.core.ids import GroupId, ObjectId
from portal.core.messages import Message
from portal.tenants.queries import group_tree
from portal.tenants.tree import GroupTree

_COLUMN_LEVELS = 2
_NEEDS_MODULE = frozenset({Permission.CONTENT_EDIT, Permission.CONTENT_SUBMIT})
_TREE, _PARENTS = "protecting_tree", "protecting_parents"


def ask_about(
    ctx: Context,
    permission: Permission,
    row: ContentObject,
    *envelopes: Envelope,
    provided: bool = True,
    because: Message | None = None,
) -> None:
    """This function will ask for a permission about an object, as each of `envelopes` aims it, and for its module.

    Raises `Forbidden`.
    """
    paths = _all_paths(ctx, row, envelopes)
    ask(ctx, permission, about=paths, provided=provided, because=because)
    if ctx.actor.role not in PORTAL_ITSELF:
        ask(ctx, Permission.CONTENT_VIEW, about=paths)  # nobody acts on what is hidden from them
    if permission in _NEEDS_MODULE:
        ask(ctx, Permission.MODULE_USE, about=module_paths(spec_of(row.kind).feature))


def may_about(ctx: Context, permission: Permission, row: ContentObject, envelope: Envelope) -> bool:
    """This function will tell whether `ask_about` would let the actor pass."""
    paths = _all_paths(ctx, row, [envelope])
    if not may(ctx, permission, about=paths):
        return False
    if ctx.actor.role not in PORTAL_ITSELF and not may(ctx, Permission.CONTENT_VIEW, about=paths):
        return False
    needs_module = permission in _NEEDS_MODULE
    return not needs_module or may(ctx, Permission.MODULE_USE, about=module_paths(spec_of(row.kind).feature))


def paths_of(ctx: Context, row: ContentObject, envelope: Envelope) -> Sequence[Path]:
    """This function will return the paths of an object whose content is `envelope`.

    Where the tenant's list names no group and no object, the trees that only they need are not read.
    """
    named = index_of(ctx, Acl.INFORMATION).place_types
    paths: list[Path] = [(Place("class", row.classification), ROOT), (Place("kind", row.kind), ROOT)]
    if "group" in named:
        tree = _tree(ctx.session)
        paths += [group_path(tree, target) for target in envelope.targets or (tree.root.id,) if target in tree]
    if "object" in named:
        paths.append((Place("object", row.id), *_above(ctx.session, envelope), ROOT))
    return paths


def group_path(tree: GroupTree, group: GroupId) -> Path:
    """This function will return the path from a box group up through those above it."""
    return (*(Place("group", step) for step in reversed(tree.path(group))), ROOT)


def column_path(session: Session, column: str) -> Path:
    """This function will return the path from a column up through the one above it; raises `NotFound`."""
    view = get_object(session, column, Kind.COLUMN)
    return (Place("object", column), *_above(session, view.envelope), ROOT)


def _all_paths(ctx: Context, row: ContentObject, envelopes: Iterable[Envelope]) -> Sequence[Path]:
    if ctx.actor.role in PORTAL_ITSELF:
        return EVERYTHING  # no list holds it back, so none is read
    return [path for envelope in envelopes for path in paths_of(ctx, row, envelope)]


def _tree(session: Session) -> GroupTree:
    """The tree of box groups, read once in a session: a page asks about each of its rows."""
    found: GroupTree | None = session.info.get(_TREE)
    if found is None:
        found = session.info[_TREE] = group_tree(session)
    return found


def _above(session: Session, envelope: Envelope) -> Iterator[Place]:
    """The columns in which an item or a column lies, the nearest first."""
    if envelope.kind not in {Kind.ITEM, Kind.COLUMN}:
        return
    parents: dict[str, ObjectId | None] | None = session.info.get(_PARENTS)
    if parents is None:
        columns = objects(session, [Kind.COLUMN])
        parents = session.info[_PARENTS] = {one: _column_of(view.envelope) for one, view in columns.items()}
    above = _column_of(envelope)
    for _level in range(_COLUMN_LEVELS):
        if above is None:
            return
        yield Place("object", above)
        above = parents.get(above)


def _column_of(envelope: Envelope) -> ObjectId | None:
    if envelope.kind is Kind.ITEM:
        return ObjectId(envelope.payload.column)  # type: ignore[attr-defined]
    if envelope.kind is Kind.COLUMN:
        parent = envelope.payload.parent  # type: ignore[attr-defined]
        return ObjectId(parent) if parent else None
    return None
