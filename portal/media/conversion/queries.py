"""Reads of conversions; each within the tenant of its session unless it says otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.errors import NotFound
from portal.core.ids import TenantId, is_id
from portal.core.messages import Words
from portal.media.limits import SOURCES
from portal.media.models import Conversion, ConversionRun
from portal.media.states import Stage

_SHOWN_DAYS = 7


@dataclass(frozen=True)
class Progress:
    """One conversion as a person sees it; `percent` while somebody works on it, None before and after."""

    id: str
    name: str
    stage: Stage
    percent: int | None
    reason: Words | None
    asset_id: str | None
    created_at: datetime

    @property
    def is_under_way(self) -> bool:
        """Whether it can still become something."""
        return self.stage is Stage.WAITING


def in_sight(session: Session) -> Sequence[Progress]:
    """This function will return what is under way, and what ended lately and nobody has put away, the newest first; one query."""
    lately = Conversion.seen_at.is_(None) & (Conversion.ended_at > clock.now() - timedelta(days=_SHOWN_DAYS))
    wanted = (
        select(Conversion, ConversionRun)
        .join(ConversionRun, _same)
        .where(or_(Conversion.stage == Stage.WAITING, lately))
        .order_by(Conversion.created_at.desc(), Conversion.id.desc())
    )
    return [_progress(row, run) for row, run in session.execute(wanted)]


def get_conversion(session: Session, conversion_id: str, *, lock: bool = False) -> Conversion:
    """This function will return the row, locked until the transaction ends if asked for; raises `NotFound`."""
    wanted = select(Conversion).where(Conversion.id == conversion_id)
    found = session.scalar(wanted.with_for_update() if lock else wanted) if is_id(conversion_id) else None
    if found is None:
        raise NotFound
    return found


def get_progress(session: Session, conversion_id: str) -> Progress:
    """This function will return how far one conversion is; raises `NotFound`."""
    row = get_conversion(session, conversion_id)
    run = session.scalar(select(ConversionRun).where(ConversionRun.id == row.id))
    if run is None:
        raise NotFound
    return _progress(row, run)


def waiting_count(session: Session) -> int:
    """This function will return how many conversions of the tenant have not ended."""
    return session.scalar(select(func.count(Conversion.id)).where(Conversion.stage == Stage.WAITING)) or 0


def free_to_take(system: Session) -> Sequence[tuple[TenantId, str]]:
    """This function will return, across all tenants, what nobody works on: one of each tenant, its oldest, and who waited longest first.

    Whoever had a turn last comes last, so that a hundred films of one tenant hold up nobody else's one.
    """
    wanted = (
        select(Conversion.tenant_id, Conversion.id, Conversion.created_at)
        .join(ConversionRun, _same)
        .where(Conversion.stage == Stage.WAITING, is_free())
        .order_by(Conversion.created_at, Conversion.id)
    )
    oldest: dict[str, tuple[str, datetime]] = {}
    for tenant_id, conversion_id, created_at in system.execute(wanted):
        oldest.setdefault(tenant_id, (conversion_id, created_at))
    served = select(ConversionRun.tenant_id, func.max(ConversionRun.beat_at)).group_by(ConversionRun.tenant_id)
    turns = {row[0]: row[1] for row in system.execute(served.where(ConversionRun.tenant_id.in_(oldest)))}
    order = sorted(oldest, key=lambda tenant_id: (turns.get(tenant_id) or oldest[tenant_id][1], tenant_id))
    return [(TenantId(tenant_id), oldest[tenant_id][0]) for tenant_id in order]


def is_free() -> ColumnElement[bool]:
    """This function will return the condition that nobody works on a run, or that whoever did is taken for dead."""
    dead = clock.now() - timedelta(seconds=SOURCES.lease_seconds)
    return or_(ConversionRun.holder.is_(None), ConversionRun.beat_at < dead)


def waiting_everywhere(system: Session) -> Sequence[tuple[TenantId, str]]:
    """This function will return the conversions of all tenants that have not ended."""
    rows = system.execute(select(Conversion.tenant_id, Conversion.id).where(Conversion.stage == Stage.WAITING))
    return [(TenantId(tenant_id), conversion_id) for tenant_id, conversion_id in rows]


def held_sources(system: Session, *, but: TenantId | None = None) -> Sequence[str]:
    """This function will return, across all tenants, or all `but` one, the files in the storage that conversions still need."""
    wanted = select(Conversion.source_sha256).where(Conversion.stage == Stage.WAITING)
    return list(system.scalars(wanted.where(Conversion.tenant_id != but) if but else wanted))


def sources_of(system: Session, tenant_id: TenantId) -> Sequence[str]:
    """This function will return the files in the storage that one tenant's conversions ever named."""
    return list(system.scalars(select(Conversion.source_sha256).where(Conversion.tenant_id == tenant_id)))


def _progress(row: Conversion, run: ConversionRun) -> Progress:
    stage = Stage(row.stage)
    percent = run.percent if stage is Stage.WAITING and run.holder is not None else None
    return Progress(row.id, row.name, stage, percent, row.reason, row.asset_id, row.created_at)


_same = (Conversion.tenant_id == ConversionRun.tenant_id) & (Conversion.id == ConversionRun.id)
