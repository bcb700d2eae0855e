"""Proofs that count once, and refusals that count against whoever comes next with the same ID, phone, address or serial.

Both are written in the transaction of the call: a refusal is an answer, not an error, and is committed like any other.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.boxes.commands.inserting import insert_for, insert_new
from portal.boxes.errors import TooMany, Unproven
from portal.boxes.models.limiting import Refusals, SpentProof
from portal.boxes.proving import Proof
from portal.catalog.catalogue import catalogue
from portal.core import clock
from portal.core.crypto import vault
from portal.core.database import Ground
from portal.core.messages import N_
from portal.core.prepared import Prepared

_SHORT: Final = timedelta(minutes=10)
DAY: Final = timedelta(days=1)


_SPEND: Final = Prepared(
    lambda dialect: insert_for(dialect, SpentProof).on_conflict_do_nothing().returning(SpentProof.mark)
)


def spend(on: Ground, proof: Proof) -> None:
    """This function will note that a call was made with the proof; raises `Unproven` where one was before, by whatever worker."""
    if not _SPEND.rows(on, {"mark": proof.mark, "spent_at": clock.now()}):
        raise Unproven("proof_replayed", N_("这个 DPoP 证明已经用过。"))


class Tally:
    """The refusals that concern the things of one call; their rows are locked until the transaction ends, in one order for all."""

    def __init__(self, session: Session, subjects: Iterable[str]) -> None:
        now = clock.now()
        self._rows = [_locked(session, subject, now) for subject in sorted(set(subjects))]

    def check(self) -> None:
        """This function will raise `TooMany` where one of the things was refused too often to be asked about again now."""
        waits = [wait for row in self._rows if (wait := _wait(row.times, clock.now())) > 0]
        if waits:
            raise TooMany(min(max(waits), catalogue().boxes.retry_seconds))

    def refused(self) -> None:
        """This function will count one more refusal of each."""
        now = clock.now()
        for row in self._rows:
            row.times = [*_of_the_last(DAY, row.times, now), int(now.timestamp())][-catalogue().boxes.refusals_a_day :]
            row.last_at = now


def subject(kind: str, value: str) -> str:
    """This function will return the name under which refusals that concern something are counted; it does not say what it is."""
    return f"{kind}:{vault().fingerprint(value, 'box refusal')}"


def _locked(session: Session, name: str, now: datetime) -> Refusals:
    insert_new(session, Refusals, subject=name, times=[], last_at=now)
    wanted = select(Refusals).where(Refusals.subject == name).with_for_update()
    return session.scalars(wanted.execution_options(populate_existing=True)).one()


def _wait(times: list[int], now: datetime) -> int:
    """For how many seconds nothing more may be asked: until so many of the counted refusals are too old to count."""
    rules = catalogue().boxes
    waits = [0]
    for window, most in ((_SHORT, rules.refusals_in_10_minutes), (DAY, rules.refusals_a_day)):
        counted = _of_the_last(window, times, now)
        if len(counted) >= most:
            waits.append(int((datetime.fromtimestamp(counted[-most], UTC) + window - now).total_seconds()) + 1)
    return max(waits)


def _of_the_last(window: timedelta, times: list[int], now: datetime) -> list[int]:
    after = (now - window).timestamp()
    return [each for each in times if each > after]
