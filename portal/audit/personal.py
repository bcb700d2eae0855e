"""People's own signatures: what somebody decided, signed with a passkey or certificate of theirs.

How another room takes part:

1. It registers, once, how evidence of its kind is checked: `register_verifier("passkey", verify)`. `verify(evidence, digest)`
   tells whether the evidence holds a signature over the 32 bytes `digest`. Evidence is a JSON object that stands for itself:
   it contains the public key (or the certificate) beside the signature, so that it can be checked in ten years, when the
   person's key is gone.
2. Before the decision it makes the statement to sign, `statement = Statement(event.value, decided_on, new_nonce())`, keeps it
   in the session on the server, and has the person's key sign `statement.digest` (as a WebAuthn challenge: these 32 bytes).
3. In the request that decides, it checks the evidence in full (challenge, origin, counter, whose key it is) and, before the
   command runs, hands it over: `sign(ctx, PersonalSignature("passkey", statement, evidence))`.

The record of that event over that content then carries the signature; nothing else in the command changes. A transaction
that was given a signature and decided something else does not commit.
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from portal.core import unit_of_work
from portal.core.canonical import canonical, canonical_sha256
from portal.core.context import Context

_NONCE_BYTES = 16


class SignatureMismatch(Exception):
    """A person signed one thing and the transaction decided another: a fault or an attack, never committed."""


class NoVerifier(Exception):
    """No room has registered how this kind of evidence is checked."""


@dataclass(frozen=True)
class Statement:
    """What a person signs: that this event happens to the content with this SHA-256 (64 hex digits), once."""

    event: str
    decided_on: str
    nonce: str

    @property
    def digest(self) -> bytes:
        """The 32 bytes to sign: SHA-256 over the canonical JSON of the three."""
        return sha256(canonical({"event": self.event, "decided_on": self.decided_on, "nonce": self.nonce})).digest()


@dataclass(frozen=True)
class PersonalSignature:
    """A checked signature: the kind of its evidence, what was signed, and the evidence, which is JSON."""

    method: str
    statement: Statement
    evidence: Mapping[str, Any]

    @property
    def sha256(self) -> str:
        """What the record keeps of it: SHA-256 over the canonical JSON of kind, nonce and evidence."""
        return canonical_sha256({"method": self.method, "nonce": self.statement.nonce, "evidence": dict(self.evidence)})


Verifier = Callable[[Mapping[str, Any], bytes], bool]
_verifiers: dict[str, Verifier] = {}


def register_verifier(method: str, verifier: Verifier) -> None:
    """This function will make `verifier` the one that checks evidence of the kind `method`."""
    _verifiers[method] = verifier


def holds(signature: PersonalSignature) -> bool:
    """This function will tell whether the evidence is a signature over its statement; raises `NoVerifier`."""
    if signature.method not in _verifiers:
        raise NoVerifier(signature.method)
    return _verifiers[signature.method](signature.evidence, signature.statement.digest)


def new_nonce() -> str:
    """This function will return the random part that makes a statement be signed once."""
    return secrets.token_hex(_NONCE_BYTES)


def sign(ctx: Context, signature: PersonalSignature) -> None:
    """This function will have the record of the signed event carry the signature.

    Raises `SignatureMismatch` for evidence that does not hold, and at the commit where the transaction decided something else.
    """
    if not holds(signature):
        raise SignatureMismatch(f"the {signature.method} did not sign {signature.statement}")
    unit_of_work.work_of(ctx.session).signatures.append(signature)
