"""Checkpoints as notes: the documents' own form, and everything that is not it."""

from base64 import b64decode, b64encode
from hashlib import sha256

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from portal.audit.notes import BadCheckpoint, Checkpoint, origin_of, read_note, sign_note, verifier_key

KEY = Ed25519PrivateKey.from_private_bytes(b"k" * 32)
ORIGIN = origin_of("01990000-0000-7000-8000-000000000001")
CHECKPOINT = Checkpoint(ORIGIN, 20852163, sha256(b"root").digest())
NOTE = sign_note(CHECKPOINT, KEY)


def check_by_the_documents(note: str, verifier: str) -> tuple[str, int, bytes]:
    """c2sp.org/signed-note and c2sp.org/tlog-checkpoint, step by step, without our code."""
    name, hash_hex, key_data = verifier.split("+", 2)
    public = b64decode(key_data)
    assert public[0] == 1
    assert sha256(name.encode() + b"\n" + public).digest()[:4].hex() == hash_hex
    text, signatures = note.split("\n\n")
    dash, signer, data = signatures.rstrip("\n").split(" ")
    assert (dash, signer) == ("\u2014", name)
    assert b64decode(data)[:4].hex() == hash_hex
    Ed25519PublicKey.from_public_bytes(public[1:]).verify(b64decode(data)[4:], (text + "\n").encode())
    origin, size, root = text.split("\n")
    return origin, int(size), b64decode(root)


def test_note_is_what_the_documents_ask_for() -> None:
    found = check_by_the_documents(NOTE, verifier_key(ORIGIN, KEY.public_key()))

    assert found == (ORIGIN, 20852163, sha256(b"root").digest())


def test_documents_refuse_a_changed_note() -> None:
    with pytest.raises(InvalidSignature):
        check_by_the_documents(NOTE.replace("20852163", "20852164"), verifier_key(ORIGIN, KEY.public_key()))


def test_note_is_read_back() -> None:
    note = read_note(NOTE)

    assert note.checkpoint == CHECKPOINT
    assert note.is_signed_by(KEY.public_key())
    assert not note.is_signed_by(Ed25519PrivateKey.from_private_bytes(b"x" * 32).public_key())


def test_witness_may_sign_below() -> None:
    witnessed = f"{NOTE}— witness.example {b64encode(b'w' * 68).decode()}\n"

    assert read_note(witnessed).is_signed_by(KEY.public_key())


@pytest.mark.parametrize("old", ["20852163", ORIGIN[-8:], b64encode(CHECKPOINT.root).decode()[:9]])
def test_changed_text_is_not_signed(old: str) -> None:
    changed = NOTE.replace(old, old[::-1].upper() if not old.isdigit() else "20852164", 1)

    assert not read_note(changed).is_signed_by(KEY.public_key())


def test_two_signatures_of_the_key_must_both_hold() -> None:
    data = b64decode(NOTE.rstrip("\n").rpartition(" ")[2])
    forged = b64encode(data[:-1] + bytes((data[-1] ^ 1,))).decode()

    assert not read_note(f"{NOTE}— {ORIGIN} {forged}\n").is_signed_by(KEY.public_key())


@pytest.mark.parametrize(
    "text",
    [
        "", "\n\n", "dear auditor", NOTE.strip(), NOTE.replace("\n\n", "\n"), NOTE.replace("— ", "- "), NOTE.replace("20852163", "-1"),
        NOTE.replace("20852163", "007"), NOTE.replace("20852163", "1e9"), NOTE.replace("20852163", "٣"), NOTE + "x" * 10_000,
        NOTE.replace(b64encode(CHECKPOINT.root).decode(), "AAAA"), NOTE.replace(b64encode(CHECKPOINT.root).decode(), "ä"),
    ],
)  # fmt: skip
def test_everything_else_is_no_checkpoint(text: str) -> None:
    with pytest.raises(BadCheckpoint):
        read_note(text)
