"""What of a tenant's content somebody may not even see, by its class, kind, box group, column, or as one object.

Acts are asked for where they are done. Reading is held back in one place: a session that only reads leaves out the objects
that its reader may not see, their revisions, and the files that nothing but they show, from every statement: lists, search, where-used,
preview, history, media library. One that writes has to know of them until it draws the page that answers an act
(`web/state.py`, `drawing`), and a page that is drawn from what it found before is stopped. What is on air lies below `/pub/` for every
box and is hidden from nobody.
"""

from collections.abc import Iterator

from sqlalchemy import event, select
from sqlalchemy.orm import ORMExecuteState, with_loader_criteria

from portal.access.acl import ROOT, Acl, Path, Place, Why
from portal.access.checks import decision, may
from portal.access.permissions import Permission
from portal.access.queries import index_of
from portal.access.roles import PORTAL_ITSELF
from portal.content.models import ContentObject, Revision
from portal.content.protecting import paths_of
from portal.content.queries import ObjectView, objects
from portal.content.stored import envelope_of
from portal.content.veiled_files import veiled_files
from portal.core.context import Context
from portal.core.database import PortalSession
from portal.core.tenancy import FOUND, HIDDEN, INFRASTRUCTURE, UNSEEN
from portal.media.models import MediaAsset

_BY_ROW = frozenset({"class", "kind"})
# What the list says of all content at once. What the policy keeps from a role, as from a province, none of its pages show.
_ALL_KEPT = frozenset({Why.DENIED, Why.NOT_LISTED})
_VEILED = frozenset({ContentObject, Revision, MediaAsset})


def veil(ctx: Context) -> frozenset[str]:
    """This function will return the ids of the objects that the context's actor may not see, and ids and hashes of the files of these.

    Where the tenant's list says nothing about seeing any single thing, as most do, that costs nothing beyond the list itself. One that
    keeps everything from somebody hides everything: pages about submissions or the first page ask for other permissions than to see content.
    """
    if ctx.tenant is None or ctx.actor.role in PORTAL_ITSELF:
        return frozenset()
    index = index_of(ctx, Acl.INFORMATION)
    if not index.singles_out(Permission.CONTENT_VIEW) and decision(ctx, Permission.CONTENT_VIEW).why not in _ALL_KEPT:
        return frozenset()
    by_row_alone = index.place_types <= _BY_ROW | {ROOT.type}
    views = {} if by_row_alone else objects(ctx.session)
    rows = ctx.session.scalars(select(ContentObject)).all()
    hidden = frozenset(
        row.id
        for row in rows
        if not may(ctx, Permission.CONTENT_VIEW, about=list(_paths(ctx, row, views.get(row.id))))  # type: ignore[call-overload]  # ids are text
    )
    return hidden | veiled_files(ctx.session, hidden, ctx.actor.user_id) if hidden else hidden


def _paths(ctx: Context, row: ContentObject, view: ObjectView | None) -> Iterator[Path]:
    yield (Place("class", row.classification), ROOT)
    yield (Place("kind", row.kind), ROOT)
    yield (Place("object", row.id), ROOT)
    for revision in (view.draft, view.pending, view.on_air) if view else ():
        if revision is not None:
            yield from paths_of(ctx, row, envelope_of(revision))


@event.listens_for(PortalSession, "do_orm_execute")
def _hide(state: ORMExecuteState) -> None:
    info = state.session.info
    hidden = info.get(HIDDEN)
    if UNSEEN in info and not hidden and not _VEILED.isdisjoint(mapper.class_ for mapper in state.all_mappers):
        info[FOUND] = True
    if hidden and state.is_select and not state.execution_options.get(INFRASTRUCTURE):
        state.statement = state.statement.options(
            with_loader_criteria(ContentObject, ContentObject.id.not_in(hidden), include_aliases=True),
            with_loader_criteria(Revision, Revision.object_id.not_in(hidden), include_aliases=True),
            with_loader_criteria(MediaAsset, MediaAsset.id.not_in(hidden), include_aliases=True),
        )
