"""People's own signatures under decisions of level 3: how evidence is checked, and what a request has brought.

A passkey signs: its WebAuthn challenge is the digest of what is decided. A certificate of the connection does not, since no browser lets
a page sign with it: it has proven in the TLS handshake that its key is at hand, and the portal says so. The two are told apart
wherever they are shown.
"""

import binascii
import json
from base64 import b64decode, b64encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import Encoding

from portal.accounts import challenges, passkeys
from portal.accounts.challenges import ChallengeRefused
from portal.accounts.passkeys import Answer, Site
from portal.audit.deeds import Deed, Ticket
from portal.audit.personal import register_verifier
from portal.core import clock
from portal.core.context import Actor
from portal.core.crypto import SealBroken, vault

PASSKEY, CERTIFICATE = "passkey", "certificate"
_HEX_DIGEST = 64


class TicketRefused(Exception):
    """The ticket is none of ours, is another session's, or has run out."""


def sealed_ticket(actor: Actor, ticket: Ticket, digest: bytes) -> str:
    """This function will return a ticket as a page carries it: closed, for one session, for as long as a challenge lasts."""
    end = (clock.now() + challenges.LASTS).isoformat()
    text = json.dumps([end, ticket.nonce, ticket.seed, digest.hex()])
    return urlsafe_b64encode(vault().seal(text, _place(actor))).decode()


def open_ticket(actor: Actor, sealed: str) -> tuple[Ticket, bytes]:
    """This function will return a ticket and the digest that it was made out for; raises `TicketRefused`."""
    try:
        end, nonce, seed, digest = json.loads(vault().open(urlsafe_b64decode(sealed), _place(actor)))
    except (SealBroken, binascii.Error, ValueError) as broken:
        raise TicketRefused("not one of ours, or another session's") from broken
    if datetime.fromisoformat(end) <= clock.now():
        raise TicketRefused("ran out")
    return Ticket(nonce, seed), bytes.fromhex(digest)


def spend(ticket: Ticket, wanted: bytes, challenge: bytes) -> None:
    """This function will take a ticket as used, by a signature over `wanted` alone; raises `ChallengeRefused`."""
    if challenge != wanted:
        raise ChallengeRefused("signed something else")
    challenges.spend_once(f"deed|{ticket.nonce}".encode())


def by_passkey(site: Site, answer: Answer, public_key: bytes, ticket: Ticket) -> Deed:
    """This function will return the deed that a passkey has signed."""
    return Deed(PASSKEY, ticket, answer.challenge, passkeys.signature_of(site, answer, public_key))


def by_certificate(der: bytes, authority: x509.Certificate, ticket: Ticket, digest: bytes) -> Deed:
    """This function will return the deed at which a certificate's key was at hand, by the portal's word."""
    evidence = {
        "certificate": b64encode(der).decode(),
        "authority": b64encode(authority.public_bytes(Encoding.DER)).decode(),
        "thumbprint": sha256(der).hexdigest(),
        "proven": "tls-handshake",
        "digest": digest.hex(),
    }
    return Deed(CERTIFICATE, ticket, digest, evidence)


def passkey_holds(evidence: Mapping[str, Any], digest: bytes) -> bool:
    """This function will tell whether a passkey signed the statement with this digest, among those of one request."""
    signed = _signed(evidence, digest)
    return signed is not None and passkeys.is_signature(evidence, signed)


def certificate_holds(evidence: Mapping[str, Any], digest: bytes) -> bool:
    """This function will tell whether the portal attested a certificate of its authority for the statement with this digest.

    That the key was at hand is the portal's word, which the record's own stamp covers.
    """
    signed = _signed(evidence, digest)
    try:
        der = b64decode(evidence["certificate"])
        certificate = x509.load_der_x509_certificate(der)
        certificate.verify_directly_issued_by(x509.load_der_x509_certificate(b64decode(evidence["authority"])))
        named = bytes.fromhex(evidence["digest"])
    except (KeyError, ValueError, TypeError, InvalidSignature):
        return False
    return signed is not None and signed == named and sha256(der).hexdigest() == evidence["thumbprint"]


def register() -> None:
    """This function will tell the log how people's signatures are checked."""
    register_verifier(PASSKEY, passkey_holds)
    register_verifier(CERTIFICATE, certificate_holds)


def _signed(evidence: Mapping[str, Any], digest: bytes) -> bytes | None:
    """What the key signed, where the statement of `digest` is among it at the place that the evidence names."""
    digests, index = evidence.get("digests"), evidence.get("index")
    if not isinstance(digests, list) or not isinstance(index, int) or not 0 <= index < len(digests):
        return None
    if digests[index] != digest.hex() or not all(
        isinstance(each, str) and len(each) == _HEX_DIGEST for each in digests
    ):
        return None
    try:
        return sha256(b"".join(map(bytes.fromhex, digests))).digest()
    except ValueError:
        return None


def _place(actor: Actor) -> str:
    return f"deed|{actor.session_id}"
