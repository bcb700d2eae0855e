"""Licences: the boxes of the subscription in force, of which each bound box takes one, in one conditional statement."""

from typing import Any, cast

from sqlalchemy import CursorResult, select, update
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_new
from portal.boxes.models.bound import BoxLicences
from portal.core.ids import TenantId


def take_licence(session: Session, tenant_id: TenantId, licences: int) -> bool:
    """This function will count one more bound box unless `licences` are bound already, and tell whether it did.

    Of two boxes that want the last one, one gets it: the second waits for the row and finds it full. A smaller subscription
    unbinds nobody. The caller asks and records.
    """
    insert_new(session, BoxLicences, tenant_id=tenant_id, bound=0)
    taken = (
        update(BoxLicences)
        .where(BoxLicences.tenant_id == tenant_id, BoxLicences.bound < licences)
        .values(bound=BoxLicences.bound + 1)
    )
    return _changed(session, taken)


def give_back_licence(session: Session, tenant_id: TenantId) -> None:
    """This function will count one bound box less."""
    given = (
        update(BoxLicences)
        .where(BoxLicences.tenant_id == tenant_id, BoxLicences.bound > 0)
        .values(bound=BoxLicences.bound - 1)
    )
    _changed(session, given)


def bound_boxes(session: Session, tenant_id: TenantId) -> int:
    """This function will return how many boxes of the tenant are bound."""
    return session.scalar(select(BoxLicences.bound).where(BoxLicences.tenant_id == tenant_id)) or 0


def _changed(session: Session, statement: Any) -> bool:
    result = cast(CursorResult[Any], session.execute(statement, execution_options={"synchronize_session": False}))
    return result.rowcount == 1
