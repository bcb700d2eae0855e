"""Reads of officers: who holds an office, what was asked for and what came of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from portal.access.models import Appointment
from portal.access.roles import OFFICERS
from portal.accounts.models import User
from portal.core import clock

_SHOWN = 50


@dataclass(frozen=True)
class Asked:
    """An appointment with the names of who asked and who answered; `is_open` while somebody may still answer."""

    row: Appointment
    proposer: str
    decider: str | None
    is_open: bool


def officers(session: Session) -> Sequence[User]:
    """This function will return the accounts of the three offices, by office and name."""
    return session.scalars(
        select(User).where(User.staff_role.in_(OFFICERS)).order_by(User.staff_role, User.pinyin, User.username)
    ).all()


def appointments(session: Session) -> list[Asked]:
    """This function will return the newest appointments, those that wait for an answer first."""
    proposer, decider = aliased(User), aliased(User)
    rows = session.execute(
        select(Appointment, proposer.display_name, decider.display_name)
        .join(proposer, proposer.id == Appointment.proposed_by)
        .outerjoin(decider, decider.id == Appointment.decided_by)
        .order_by(Appointment.proposed_at.desc(), Appointment.id.desc())
        .limit(_SHOWN)
    )
    at = clock.now()
    found = [Asked(row, by, answered, row.decided_at is None and row.expires_at > at) for row, by, answered in rows]
    return sorted(found, key=lambda asked: not asked.is_open)


def asked_about(session: Session, user_id: str) -> Asked | None:
    """This function will return what somebody asked for about an account that its owner may still decline, or None."""
    proposer = aliased(User)
    waits = Appointment.decided_at.is_(None) & (Appointment.expires_at > clock.now())
    row = session.execute(
        select(Appointment, proposer.display_name)
        .join(proposer, proposer.id == Appointment.proposed_by)
        .where(Appointment.user_id == user_id, waits)
    ).first()
    return Asked(row[0], row[1], None, is_open=True) if row else None
