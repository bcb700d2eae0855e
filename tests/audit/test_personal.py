"""A person's own signature goes with the record of what was signed, and with nothing else; on both databases."""

from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from portal.audit import personal
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.audit.models import AuditPersonalSignature, AuditRecord
from portal.audit.personal import NoVerifier, PersonalSignature, SignatureMismatch, Statement, new_nonce, sign
from portal.core.canonical import canonical
from portal.core.context import Context
from portal.core.database import Database, commit, platform_session, system_session
from portal.core.unit_of_work import UnrecordedWrite
from tests.world.log import ALICE

SHA = "ab" * 32
KEY = Ed25519PrivateKey.generate()


def verify(evidence: Mapping[str, Any], digest: bytes) -> bool:
    public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(evidence["public_key"]))
    try:
        public.verify(bytes.fromhex(evidence["signature"]), digest)
    except InvalidSignature:
        return False
    return True


@pytest.fixture(autouse=True)
def _verifier(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(personal, "_verifiers", {"test-key": verify})


def signed(statement: Statement) -> PersonalSignature:
    public = KEY.public_key().public_bytes_raw().hex()
    evidence = {"public_key": public, "signature": KEY.sign(statement.digest).hex()}
    return PersonalSignature("test-key", statement, evidence)


def approval(decided_on: str = SHA, event: Event = Event.APPROVED) -> Statement:
    return Statement(event.value, decided_on, new_nonce())


def decide(*signatures: PersonalSignature, sha: str = SHA) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, ALICE)
        for signature in signatures:
            sign(ctx, signature)
        record(ctx, Event.APPROVED, Target("revision", "1", "冬季"), title="冬季", sha256=sha)
        commit(session)


def stored() -> list[tuple[str | None, str | None]]:
    both = select(AuditRecord.personal, AuditPersonalSignature.sha256).outerjoin(
        AuditPersonalSignature, AuditPersonalSignature.seq == AuditRecord.seq
    )
    with system_session(reason="test") as session:
        return [tuple(row) for row in session.execute(both)]  # type: ignore[misc]


def test_signed_digest_is_the_one_the_documents_say() -> None:
    statement = Statement("review.approved", SHA, "00")

    expected = sha256(canonical({"decided_on": SHA, "event": "review.approved", "nonce": "00"})).digest()

    assert statement.digest == expected


def test_signature_is_kept_with_the_record_of_what_was_signed(database: Database) -> None:
    signature = signed(approval())

    decide(signature)

    assert stored() == [(signature.sha256, signature.sha256)]


def test_decision_without_a_signature_has_none(database: Database) -> None:
    decide()

    assert stored() == [(None, None)]


@pytest.mark.parametrize("statement", [approval("cd" * 32), approval(event=Event.RETURNED)], ids=["content", "event"])
def test_signature_over_something_else_stops_the_decision(database: Database, statement: Statement) -> None:
    with pytest.raises(SignatureMismatch, match="signed and not decided"):
        decide(signed(statement))

    assert stored() == []


def test_signature_counts_once(database: Database) -> None:
    signature = signed(approval())
    decide(signature)

    with pytest.raises(IntegrityError):
        decide(signature)

    assert len(stored()) == 1


def test_evidence_that_does_not_hold_is_refused(database: Database) -> None:
    good = signed(approval())
    for bad in (
        PersonalSignature("test-key", approval(), good.evidence),
        PersonalSignature("test-key", good.statement, {**good.evidence, "signature": "00" * 64}),
    ):
        with pytest.raises(SignatureMismatch, match="did not sign"):
            decide(bad)

    assert stored() == []


def test_evidence_of_an_unknown_kind_is_refused(database: Database) -> None:
    with pytest.raises(NoVerifier):
        decide(PersonalSignature("wax", approval(), {}))


def test_signature_without_a_decision_does_not_commit(database: Database) -> None:
    with platform_session(writes=True) as session:
        sign(Context(session, ALICE), signed(approval()))
        with pytest.raises(UnrecordedWrite, match="signed a decision"):
            commit(session)
