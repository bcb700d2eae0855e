"""What is asked about boxes in more than one place: which rows belong together, how a box is, whether and why it is behind."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import ColumnElement, String, Text, and_, case, cast, exists, false, func, literal, or_, select, tuple_

from portal.boxes.models.bound import Box
from portal.boxes.models.reported import BoxStatus
from portal.boxes.rules import offline_after
from portal.boxes.states import BoxState, Health, Reason
from portal.catalog.catalogue import catalogue
from portal.releases.models import Pointer, Release
from portal.tenants.models import Tenant
from portal.tenants.queries import of_province

Pairs = tuple[tuple[str, str], ...]

NO_TROUBLE: Final = ""
_UNKNOWN: Final = literal(Reason.UNKNOWN.value, String)
REJECTING: Final = ("old_sequence", "conflicting_pointer", "expired_pointer")


def of_the_box() -> ColumnElement[bool]:
    """This function will return the condition that a status is that of a box."""
    return and_(BoxStatus.tenant_id == Box.tenant_id, BoxStatus.id == Box.id)


def of_the_group(boxes: Any = Box) -> ColumnElement[bool]:
    """This function will return the condition that a pointer is that of a box's group."""
    return and_(Pointer.tenant_id == boxes.tenant_id, Pointer.group_id == boxes.group_id)


def with_feed(statement: Any, boxes: Any = Box) -> Any:
    """This function will join to a statement about boxes and their status what each box's group has on air."""
    return statement.outerjoin(Pointer, of_the_group(boxes)).outerjoin(
        Release, and_(Release.tenant_id == Pointer.tenant_id, Release.id == Pointer.release_id)
    )


def is_as(health: Health, now: datetime) -> ColumnElement[bool]:
    """This function will return the condition that a bound box is so by its heartbeats, as `fleet.health_of` tells it."""
    since = now - offline_after()
    faultless = cast(BoxStatus.faults, Text) == "[]"
    match health:
        case Health.NEVER:
            return BoxStatus.seen_at.is_(None)
        case Health.OFFLINE:
            return BoxStatus.seen_at < since
        case Health.ONLINE:
            return and_(BoxStatus.seen_at >= since, faultless)
        case Health.FAULTY:
            return and_(BoxStatus.seen_at >= since, ~faultless)


def is_in(state: BoxState) -> ColumnElement[bool]:
    """This function will return the condition that boxes stand so, for statements that look at the status of all of them.

    Said by the other states, so that SQLite goes through boxes and their status side by side, in the order of their keys: by the index of
    states it would find each of a large fleet twice.
    """
    return Box.state.not_in([each.value for each in BoxState if each is not state])


def is_behind() -> ColumnElement[bool]:
    """This function will return the condition that a box shows less than its group has on air."""
    later = select(Pointer.id).where(of_the_group(), Pointer.sequence > BoxStatus.sequence)
    return exists(later.correlate(Box, BoxStatus))  # a statement `with_feed` has pointers of its own


def reports_fault(*codes: str) -> ColumnElement[bool]:
    """This function will return the condition that a box reports a fault of one of these codes.

    Both databases write JSON as text with a space after the colon, and a quotation mark inside a detail is escaped.
    """
    text = cast(BoxStatus.faults, Text)
    return or_(*(text.contains(f'"code": "{code}"', autoescape=True) for code in codes))


def reason_of(now: datetime, old: Pairs) -> ColumnElement[str]:
    """This function will return why a box is behind, in a statement `with_feed`: the first that holds of what a box can say or be.

    `old` are the models with versions of firmware that are not the newest of the model.
    """
    return case(*_troubles(now), *_untold(now, old, Box.model, BoxStatus.firmware), else_=_UNKNOWN)


def trouble_of(now: datetime) -> ColumnElement[str]:
    """This function will return the first reason to be behind that a box says itself, nothing where it says none."""
    fine = and_(is_as(Health.ONLINE, now), BoxStatus.free_bytes >= catalogue().boxes.low_space_bytes)
    return case((fine, NO_TROUBLE), *_troubles(now), else_=NO_TROUBLE)


def why(now: datetime, old: Pairs, trouble: Any, model: Any, firmware: Any) -> ColumnElement[str]:
    """This function will return what `reason_of` does, of boxes that were counted by their trouble, model and firmware."""
    return case((trouble != NO_TROUBLE, trouble), *_untold(now, old, model, firmware), else_=_UNKNOWN)


def _untold(now: datetime, old: Pairs, model: Any, firmware: Any) -> Iterator[tuple[ColumnElement[bool], str]]:
    """This function will yield the reasons that a box does not say itself."""
    yield Release.published_at > now - timedelta(minutes=catalogue().boxes.download_minutes), Reason.DOWNLOADING.value
    yield tuple_(model, firmware).in_(old) if old else false(), Reason.FIRMWARE.value


def _troubles(now: datetime) -> Iterator[tuple[ColumnElement[bool], str]]:
    little = BoxStatus.free_bytes < catalogue().boxes.low_space_bytes
    yield is_as(Health.NEVER, now), Reason.NEVER.value
    yield is_as(Health.OFFLINE, now), Reason.OFFLINE.value
    yield reports_fault("bad_signature"), Reason.SIGNATURE.value
    yield reports_fault(*REJECTING), Reason.REJECTED.value
    yield or_(reports_fault("disk_full"), little), Reason.DISK.value
    yield reports_fault("stale_pointer"), Reason.STALE.value


def shown_release(sequence: Any = BoxStatus.sequence) -> ColumnElement[int]:
    """This function will return the number of the release that a box with this sequence shows, in a statement `with_feed`; null where it is not known.

    Every publication raises the sequence of each channel by one, so the steps between what a box shows and what its channel points
    at are as many releases.
    """
    return case((sequence > 0, Release.number - Pointer.sequence + sequence))


def in_province(tenant_id: Any, province: str) -> ColumnElement[bool]:
    """This function will return the condition that a tenant is owned by a province, or that the province applied for its ID."""
    mine = of_province(province)
    return exists(select(Tenant.id).where(Tenant.id == tenant_id, mine))


def lags(sequence: Any = BoxStatus.sequence) -> ColumnElement[bool]:
    """This function will return what `is_behind` says, of a box with this sequence in a statement `with_feed`."""
    late: ColumnElement[bool] = func.coalesce(Pointer.sequence, 0) > sequence
    return late
