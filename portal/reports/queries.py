"""Counting boxes for the installers' incentive (装维激励). All of it reads across tenants, hence needs a system session."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, Text, case, cast, exists, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from portal.boxes.models.bound import Box
from portal.catalog.months import first_of_next_month
from portal.core import clock
from portal.tenants.installing.models import InstallerPhone
from portal.tenants.models import Tenant

_BETWEEN = " "


@dataclass(frozen=True)
class InstallerLine:
    """What one installer did in one month for one province: boxes bound, of which are unbound again, in how many enterprises.

    `province_code` is None for enterprises that no province owns or applied for.
    """

    phone: str
    name: str
    province_code: str | None
    boxes: int
    ended: int
    enterprises: int


@dataclass(frozen=True)
class Totals:
    """How many lines a month has, how many boxes they add up to, and how many of these are unbound again."""

    lines: int
    boxes: int
    ended: int


def installer_totals(session: Session, month: date, province_code: str | None = None) -> Totals:
    """This function will add up the month that begins on `month`, of one province where it is given; one statement."""
    lines = _grouped(month, province_code).subquery()
    found = session.execute(
        select(func.count(), func.coalesce(func.sum(lines.c.boxes), 0), func.coalesce(func.sum(lines.c.ended), 0))
    ).one()
    return Totals(*(int(number) for number in found))


def installer_lines(
    session: Session, month: date, province_code: str | None = None, *, limit: int, offset: int = 0
) -> list[InstallerLine]:
    """This function will return the month's lines, most boxes first; three statements, however many there are.

    A box counts for whoever bound it first in an enterprise: binding it there again earns nothing.
    """
    wanted = _grouped(month, province_code).order_by(func.count().desc(), Box.installer_phone_lookup)
    rows = session.execute(wanted.limit(limit).offset(offset)).all()
    samples = _samples(session, [row.sample for row in rows])
    names = _names(session, samples)
    return [
        InstallerLine(
            samples[row.sample].installer_phone or "",
            names.get((samples[row.sample].tenant_id, row.lookup), ""),
            row.province,
            row.boxes,
            int(row.ended),
            row.enterprises,
        )
        for row in rows
    ]


def _grouped(month: date, province_code: str | None) -> Select[*tuple[Any, ...]]:
    earlier = aliased(Box)
    province = func.coalesce(Tenant.province_code, Tenant.applied_by)
    before = exists().where(earlier.tenant_id == Box.tenant_id, earlier.serial == Box.serial, earlier.id < Box.id)
    # the first box of the group, to read the number from, with its tenant, by which it is found
    sample = func.min(cast(Box.id, Text) + _BETWEEN + cast(Box.tenant_id, Text))
    wanted = (
        select(
            Box.installer_phone_lookup.label("lookup"),
            province.label("province"),
            func.count().label("boxes"),
            func.sum(case((Box.ended_at.is_not(None), 1), else_=0)).label("ended"),
            func.count(Box.tenant_id.distinct()).label("enterprises"),
            sample.label("sample"),
        )
        .join(Tenant, Tenant.id == Box.tenant_id)
        .where(Box.installer_phone_lookup.is_not(None), ~before)
        .where(Box.bound_at >= clock.start_of(month), Box.bound_at < clock.start_of(first_of_next_month(month)))
        .group_by(Box.installer_phone_lookup, province)
    )
    return wanted if province_code is None else wanted.where(province == province_code)


def _samples(session: Session, marks: Sequence[str]) -> dict[str, Box]:
    keys = {mark: _key(mark) for mark in marks}
    wanted = select(Box).where(tuple_(Box.id, Box.tenant_id).in_(list(keys.values())))
    found = {(box.id, box.tenant_id): box for box in session.scalars(wanted)} if keys else {}
    return {mark: found[key] for mark, key in keys.items()}


def _key(mark: str) -> tuple[str, str]:
    box_id, tenant_id = mark.split(_BETWEEN)
    return str(UUID(box_id)), str(UUID(tenant_id))


def _names(session: Session, samples: dict[str, Box]) -> dict[tuple[str, str], str]:
    """What jobs of the enterprises call the installers; who is in no job any more has no name here."""
    keys = [(box.tenant_id, box.installer_phone_lookup) for box in samples.values()]
    wanted = select(InstallerPhone).where(tuple_(InstallerPhone.tenant_id, InstallerPhone.phone_lookup).in_(keys))
    if not keys:
        return {}
    rows = session.scalars(wanted.order_by(InstallerPhone.id))
    return {(row.tenant_id, row.phone_lookup): row.name for row in rows if row.name}
