"""Decisions at level 3: the person's own key signs all that one request decides, over the very hashes that its records keep.

Nobody knows these hashes before the command has run. So it runs twice: the first time, without a signature, it is rolled back at the
commit, and `SignatureRequired` says what would be decided; the second time it brings a `Deed`. A ticket ties both together: its
seed yields the salts, so that the same decisions have the same hashes, and its nonce is signed with them and good once. What
has changed in between has another digest, and is asked about again instead of being committed.
"""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from portal.audit.events import Event
from portal.audit.pending import DONE, PendingRecord
from portal.audit.personal import PersonalSignature, SignatureMismatch, Statement, holds, new_nonce
from portal.core.errors import PortalError
from portal.core.messages import N_, Words

LEVEL = 3
_SEED_BYTES = 32

# What somebody answers for with the own name: who holds which office and level, who may what, what goes on air, which keys count.
DECISIONS = frozenset(
    {
        Event.OFFICER_PROPOSED, Event.OFFICER_CONFIRMED, Event.OFFICER_REFUSED,
        Event.USER_CREATED, Event.USER_CHANGED, Event.USER_DISABLED, Event.USER_ENABLED, Event.LINK_ISSUED,
        Event.CERTIFICATE_REVOKED,
        Event.ROLE_LEVEL_CHANGED, Event.PERSON_LEVEL_CHANGED, Event.TENANT_LEVEL_CHANGED,
        Event.ROLE_POLICY_CHANGED, Event.MODULE_POLICY_CHANGED,
        Event.ACL_ENTRY_ADDED, Event.ACL_ENTRY_REMOVED, Event.USER_GROUP_CHANGED,
        Event.DELETION_ASKED, Event.DELETION_CONFIRMED, Event.DELETION_DECLINED, Event.DELETION_WITHDRAWN,
        Event.GRANT_GIVEN, Event.GRANT_ENDED,
        Event.APPROVED, Event.RETURNED,
        Event.RELEASE_STARTED, Event.ROLLED_BACK, Event.TAKEN_DOWN, Event.TAKE_DOWN_LIFTED,
        Event.KEY_ROTATED, Event.AUDIT_KEY_ROTATED, Event.KEY_RETIRED, Event.RELEASE_KEY_REVOKED,
    }
)  # fmt: skip


@dataclass(frozen=True)
class Ticket:
    """What both requests of one decision share: the nonce that is signed, and the secret seed of the salts."""

    nonce: str
    seed: str

    @classmethod
    def new(cls) -> "Ticket":
        """This function will return a ticket for decisions that nobody has signed yet."""
        return cls(new_nonce(), secrets.token_hex(_SEED_BYTES))

    def salt(self, number: int) -> str:
        """This function will return the salt of the record `number` of the transaction."""
        return sha256(f"{self.seed}|{number}".encode()).hexdigest()


@dataclass(frozen=True)
class Deed:
    """A signature that a request has brought: checked in itself, with whose key and over which digest; of what, the commit will say."""

    method: str
    ticket: Ticket
    digest: bytes
    evidence: Mapping[str, Any]


@dataclass(frozen=True)
class Decision:
    """Something to sign, as people read it and as its record will keep it."""

    event: str
    decided_on: str
    target: Words
    details: Mapping[str, Any]


class SignatureRequired(PortalError):
    """A decision at level 3 is not signed by the person; `ticket` and `digest` are for the signature."""

    status = 403
    code = "signature_required"

    def __init__(self, ticket: Ticket, decisions: Sequence[Decision]) -> None:
        super().__init__(N_("这个决定要用您自己的通行密钥或数字证书签名。"))
        self.ticket = ticket
        self.decisions = tuple(decisions)

    @property
    def digest(self) -> bytes:
        """The 32 bytes to sign."""
        return digest_of([_statement(each.event, each.decided_on, self.ticket) for each in self.decisions])


def digest_of(statements: Sequence[Statement]) -> bytes:
    """This function will return what a key signs for several statements at once: SHA-256 over their digests, one after the other."""
    return sha256(b"".join(each.digest for each in statements)).digest()


def brought(pending: Sequence[PendingRecord]) -> Deed | None:
    """This function will return the signature that the request of these records brought, or None."""
    return next((each.request.deed for each in pending if isinstance(each.request.deed, Deed)), None)


def has_to_be_signed(pending: PendingRecord) -> bool:
    """This function will tell whether a record is a decision at level 3 by somebody who has a key of their own."""
    actor = pending.actor
    is_decision = pending.event in DECISIONS and pending.outcome == DONE
    return is_decision and actor.holds_key and actor.auth_level >= LEVEL


def ticket_for(pending: Sequence[PendingRecord], deed: Deed | None) -> Ticket | None:
    """This function will return the ticket of the decisions among `pending`, None where nothing of them is to be signed."""
    if not any(map(has_to_be_signed, pending)):
        return None
    return deed.ticket if deed is not None else Ticket.new()


def signatures_for(
    pending: Sequence[PendingRecord], rows: Sequence[Mapping[str, Any]], ticket: Ticket | None, deed: Deed | None
) -> list[PersonalSignature]:
    """This function will return the signature of each decision.

    Raises `SignatureRequired` where there is none, or one over something else. Where nothing was decided, one is worth nothing.
    """
    if ticket is None:
        return []
    both = [(each, row) for each, row in zip(pending, rows, strict=True) if has_to_be_signed(each)]
    statements = [_statement(row["event"], row["decided_on"], ticket) for _, row in both]
    if deed is None or digest_of(statements) != deed.digest:
        raise SignatureRequired(Ticket.new() if deed else ticket, [_decision(each, row) for each, row in both])
    digests = [each.digest.hex() for each in statements]
    made = [
        PersonalSignature(deed.method, each, {**deed.evidence, "digests": digests, "index": number})
        for number, each in enumerate(statements)
    ]
    if not all(map(holds, made)):
        raise SignatureMismatch(f"the {deed.method} did not sign {statements}")
    return made


def _statement(event: str, decided_on: str, ticket: Ticket) -> Statement:
    return Statement(event, decided_on, ticket.nonce)


def _decision(pending: PendingRecord, row: Mapping[str, Any]) -> Decision:
    target = pending.target.title if pending.target else ""
    return Decision(row["event"], row["decided_on"], target, pending.details)
