"""What the things that boxes play are called: noted from each release, so that a report can say it when they are long gone."""

from collections.abc import Iterator
from typing import Any, Final

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_into
from portal.boxes.models.reported import PlayDay, PlayName
from portal.content.envelope import Envelope
from portal.content.kinds import Kind
from portal.core import clock
from portal.core.database import commit, system_session, tenant_session
from portal.core.ids import ObjectId, TenantId, new_id
from portal.core.jobs import every
from portal.releases.models import Release
from portal.releases.queries import envelopes_of, manifest_of
from portal.releases.states import ReleaseState
from portal.tenants.models import Tenant

_FIVE_MINUTES: Final = 300
_TENANTS_AT_ONCE: Final = 200
_RELEASES_AT_ONCE: Final = 20
_ROWS_AT_ONCE: Final = 100
_LONGEST: Final = 200


@every(seconds=_FIVE_MINUTES)
def note_names() -> int:
    """This function will note what the newest releases call things, for tenants whose boxes play any; returns for how many tenants."""
    with system_session(reason="tenants of whose releases the names of what plays are not noted yet") as session:
        newest = select(func.max(Release.number)).where(_on_air(), Release.tenant_id == Tenant.id).scalar_subquery()
        noted = select(func.max(PlayName.release)).where(PlayName.tenant_id == Tenant.id).scalar_subquery()
        plays = exists(select(PlayDay.id).where(PlayDay.tenant_id == Tenant.id))
        wanted = select(Tenant.id).where(plays, newest > func.coalesce(noted, 0)).limit(_TENANTS_AT_ONCE)
        tenants = [TenantId(each) for each in session.scalars(wanted)]
    for tenant_id in tenants:
        with tenant_session(tenant_id, writes=True) as session:
            note_names_of(session, tenant_id)
            commit(session)
    return len(tenants)


def note_names_of(session: Session, tenant_id: TenantId) -> None:
    """This function will note the names of what stands in the releases that were not read yet, the oldest of them first."""
    noted = session.scalar(select(func.max(PlayName.release))) or 0
    wanted = select(Release).where(_on_air(), Release.number > noted).order_by(Release.number.desc())
    for release in reversed(session.scalars(wanted.limit(_RELEASES_AT_ONCE)).all()):
        content = envelopes_of(session, manifest_of(release))
        rows = {(row["list"], row["item"]): row for row in _names(content)}
        _put(session, tenant_id, release.number, list(rows.values()))


def _names(content: dict[ObjectId, Envelope]) -> Iterator[dict[str, Any]]:
    for object_id, envelope in content.items():
        payload: Any = envelope.payload
        if envelope.kind is Kind.PLAYLIST:
            for number, item in enumerate(payload.items, 1):
                yield _row("ads", item.id, item.caption or str(number), object_id, payload.title)
        elif envelope.kind is Kind.ITEM:
            column = content.get(payload.column)
            yield _row("zone", object_id, payload.title, payload.column, _title(column))
        elif envelope.kind is Kind.MARQUEE:
            yield _row("marquee", object_id, payload.text)
        elif envelope.kind is Kind.FRAME:
            yield _row("splash", payload.image, str(payload.position))


def _title(column: Envelope | None) -> str:
    payload: Any = column.payload if column else None
    return payload.title if payload else ""


def _row(name: str, item: str, title: str, part_of: str | None = None, part_title: str = "") -> dict[str, Any]:
    return {
        "list": name,
        "item": item,
        "title": title[:_LONGEST],
        "part_of": part_of,
        "part_title": part_title[:_LONGEST],
    }


def _put(session: Session, tenant_id: TenantId, release: int, rows: list[dict[str, Any]]) -> None:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        values = [
            {"tenant_id": tenant_id, "id": new_id(), "release": release, **row}
            for row in rows[start : start + _ROWS_AT_ONCE]
        ]
        put = insert_into(session, PlayName).values(values)
        changed = {name: put.excluded[name] for name in ("title", "part_of", "part_title", "release")}
        session.execute(put.on_conflict_do_update(index_elements=["tenant_id", "list", "item"], set_=changed))


def _on_air() -> Any:
    return (Release.state == ReleaseState.PUBLISHED.value) & (Release.created_at <= clock.now())
