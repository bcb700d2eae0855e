"""Proofs about records, for people and for verifiers elsewhere.

Hashes of the tree are read across tenants: a proof needs those of other tenants' records, and they say nothing of what is in
them.
"""

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.checkpoints import latest
from portal.audit.keys import SIGN, sign_key_of
from portal.audit.leaf import HASHED, leaf
from portal.audit.models import AuditCheckpoint, AuditKey, AuditPersonalSignature, AuditRecord
from portal.audit.notes import SignedNote, read_note, verifier_key
from portal.audit.personal import PersonalSignature, Statement, holds
from portal.audit.tree import (
    HASH_BYTES,
    Node,
    Span,
    climb,
    consistency_spans,
    cover,
    inclusion_spans,
    leaf_hash,
    prove,
    split_hashes,
)
from portal.audit.verify.chunks import is_stamped
from portal.core.database import system_session

_NUMBERS_AT_ONCE = 1_000


@dataclass(frozen=True)
class Inclusion:
    """The way from a record's leaf to the root of a checkpoint: the hashes beside it, and those computed on the way."""

    index: int
    checkpoint: AuditCheckpoint
    note: SignedNote
    beside: tuple[bytes, ...]
    climbed: tuple[bytes, ...]

    @property
    def leads_to_root(self) -> bool:
        """Whether the way ends at the root that the checkpoint names."""
        return self.climbed[-1] == self.note.checkpoint.root


@dataclass(frozen=True)
class Proof:
    """What can be said of one record: is the stamp good, is the record unchanged, is it in the newest checkpoint."""

    is_signed: bool
    is_stamped: bool
    is_unchanged: bool
    inclusion: Inclusion | None
    public: Ed25519PublicKey | None
    signer: Ed25519PublicKey | None
    personal: PersonalSignature | None = None
    is_personal_good: bool = True

    @property
    def is_checkpoint_signed(self) -> bool:
        """Whether a key of the log signed the checkpoint."""
        return self.signer is not None

    @property
    def holds(self) -> bool:
        """Whether everything that can be checked is right; a record after the newest checkpoint has no inclusion yet."""
        stamp = self.is_stamped or not self.is_signed
        tree = self.inclusion is None or (self.inclusion.leads_to_root and self.is_checkpoint_signed)
        return stamp and self.is_unchanged and tree and self.is_personal_good


def columns_of(record: AuditRecord) -> dict[str, Any]:
    """This function will return the columns of a record that are hashed."""
    return {name: getattr(record, name) for name in HASHED}


def proof_of(session: Session, record: AuditRecord) -> Proof:
    """This function will check a record's stamp and hash and prove that it is in the newest checkpoint."""
    columns = columns_of(record)
    digest = leaf_hash(leaf(columns))
    publics = public_keys(session)
    public = publics.get(record.sign_key or "")
    checkpoint = latest(session)
    inclusion = None
    if checkpoint is not None and checkpoint.size >= record.seq:
        inclusion = prove_inclusion(digest, record.seq, checkpoint)
    personal = _personal(session, record)
    return Proof(
        is_signed=record.sign_key is not None,
        is_stamped=public is not None and is_stamped(columns, public),
        is_unchanged=record.nodes[:HASH_BYTES] == digest,
        inclusion=inclusion,
        public=public,
        signer=next((key for key in publics.values() if inclusion and inclusion.note.is_signed_by(key)), None),
        personal=personal,
        is_personal_good=record.personal is None
        or (personal is not None and personal.sha256 == record.personal and holds(personal)),
    )


def prove_inclusion(digest: bytes, seq: int, checkpoint: AuditCheckpoint) -> Inclusion:
    """This function will return the way from the leaf with hash `digest`, record `seq`, to the checkpoint's root."""
    spans = inclusion_spans(seq - 1, checkpoint.size)
    beside = prove(spans, _hashes(spans))
    climbed = climb(digest, seq - 1, checkpoint.size, beside)
    return Inclusion(seq - 1, checkpoint, read_note(checkpoint.note), tuple(beside), tuple(climbed))


def prove_consistency(old: int, new: int) -> list[bytes]:
    """This function will return the hashes that prove that the log of `new` records began as that of `old`."""
    spans = consistency_spans(old, new)
    return prove(spans, _hashes(spans))


def public_keys(session: Session) -> Mapping[str, Ed25519PublicKey]:
    """This function will return the public keys of stamps and checkpoints by id; raises `SealBroken` for a swapped one."""
    return {
        key.id: sign_key_of(key).public for key in session.scalars(select(AuditKey).where(AuditKey.purpose == SIGN))
    }


def evidence(record: AuditRecord, proof: Proof) -> dict[str, Any]:
    """This function will return all that somebody needs to check a record on an own machine, as JSON.

    The leaf is given byte for byte; its hash, the path and the checkpoint follow RFC 6962 and C2SP (docs/audit.md).
    """
    columns = columns_of(record)
    found: dict[str, Any] = {
        "format": "zone-portal/audit-record/1",
        "seq": record.seq,
        "leaf": b64encode(leaf(columns)).decode(),
        "leaf_hash": b64encode(leaf_hash(leaf(columns))).decode(),
        "opened": opened_of(record),
        "public_key": b64encode(proof.public.public_bytes_raw()).decode() if proof.public else None,
        "personal": _personal_evidence(proof.personal),
        "inclusion": None,
    }
    if proof.inclusion is not None:
        name = proof.inclusion.note.checkpoint.origin
        found["inclusion"] = {
            "index": proof.inclusion.index,
            "size": proof.inclusion.note.checkpoint.size,
            "path": [b64encode(each).decode() for each in proof.inclusion.beside],
            "checkpoint": proof.inclusion.checkpoint.note,
            "verifier_key": verifier_key(name, proof.signer) if proof.signer else None,
        }
    return found


def opened_of(record: AuditRecord) -> dict[str, Any]:
    """This function will return what of a record is sealed, as JSON; empty words where the key was destroyed."""
    return {
        "actor_username": record.actor_username,
        "actor_name": record.actor_name,
        "address": record.address,
        "target_title": record.target_title,
        "details": record.details,
        "salt": record.opened.salt,
    }


def _personal(session: Session, record: AuditRecord) -> PersonalSignature | None:
    row = session.get(AuditPersonalSignature, record.seq) if record.personal else None
    if row is None:
        return None
    return PersonalSignature(row.method, Statement(record.event, record.decided_on, row.nonce), row.evidence)


def _personal_evidence(signature: PersonalSignature | None) -> dict[str, Any] | None:
    if signature is None:
        return None
    evidence = dict(signature.evidence)
    return {"method": signature.method, "nonce": signature.statement.nonce, "evidence": evidence}


def _hashes(spans: Iterable[Span]) -> Mapping[Node, bytes]:
    return hashes_of([node for span in spans for node in cover(span)])


def hashes_of(nodes: Sequence[Node]) -> Mapping[Node, bytes]:
    """This function will return the hashes of complete subtrees, as far as the log has them."""
    numbers = sorted({node.seq for node in nodes})
    kept: dict[int, list[bytes]] = {}
    with system_session(reason="hashes of the audit tree") as session:
        for at in range(0, len(numbers), _NUMBERS_AT_ONCE):
            some = numbers[at : at + _NUMBERS_AT_ONCE]
            wanted = select(AuditRecord.seq, AuditRecord.nodes).where(AuditRecord.seq.in_(some))
            kept.update((row.seq, split_hashes(row.nodes)) for row in session.execute(wanted))
    return {node: kept[node.seq][node.level] for node in nodes if node.seq in kept and node.level < len(kept[node.seq])}
