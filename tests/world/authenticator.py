"""An authenticator in software: it makes passkeys and proofs as a device does, and as a thief or a broken one would."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.helpers import encode_cbor

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import queries
from portal.accounts.commands.certificates import issue_certificate
from portal.accounts.commands.passkeys import enrol_passkey
from portal.accounts.passkeys import Credential, cose_key, from_base64url, to_base64url, user_handle
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, platform_session
from tests.world.cast import Person

ORIGIN = "http://localhost:8000"
RP_ID = "localhost"
_PRESENT, _VERIFIED, _ATTESTED = 0x01, 0x04, 0x40
_AAGUID = bytes(16)


@dataclass
class Authenticator:
    """One passkey on one device; `origin`, `rp_id` and `verified` are what it claims, and `count` its counter."""

    origin: str = ORIGIN
    rp_id: str = RP_ID
    verified: bool = True
    counts: bool = True
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    count: int = 0
    user_handle: bytes = b""
    passkey_id: str = ""

    def enrol(self, options: dict[str, Any]) -> str:
        """This function will make a passkey as the options of the server ask, and return the browser's answer as JSON."""
        self.user_handle = from_base64url(options["user"]["id"])
        attested = len(self.credential_id).to_bytes(2, "big") + self.credential_id + cose_key(self.key.public_key())
        data = self._data(_ATTESTED) + _AAGUID + attested
        attestation = encode_cbor({"fmt": "none", "attStmt": {}, "authData": data})
        client_data = self._client_data("webauthn.create", options["challenge"])
        return self._answer(
            {
                "clientDataJSON": to_base64url(client_data),
                "attestationObject": to_base64url(attestation),
                "transports": ["internal"],
            }
        )

    def prove(self, options: dict[str, Any]) -> str:
        """This function will use the passkey as the options of the server ask, and return the browser's answer as JSON."""
        self.count += 1 if self.counts else 0
        data = self._data(0)
        client_data = self._client_data("webauthn.get", options["challenge"])
        signed = data + hashlib.sha256(client_data).digest()
        return self._answer(
            {
                "clientDataJSON": to_base64url(client_data),
                "authenticatorData": to_base64url(data),
                "signature": to_base64url(self.key.sign(signed, ec.ECDSA(hashes.SHA256()))),
                "userHandle": to_base64url(self.user_handle),
            }
        )

    def _data(self, more: int) -> bytes:
        flags = _PRESENT | more | (_VERIFIED if self.verified else 0)
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + self.count.to_bytes(4, "big")

    def _client_data(self, kind: str, challenge: str) -> bytes:
        return json.dumps({"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        own_id = to_base64url(self.credential_id)
        return json.dumps(
            {"id": own_id, "rawId": own_id, "type": "public-key", "response": response, "clientExtensionResults": {}}
        )


def give_passkey(person: Person, device: Authenticator | None = None, name: str = "办公室电脑") -> Authenticator:
    """This function will enrol a device for somebody without a browser, as the demo does, and return it with its id in `passkey_id`."""
    device = device or Authenticator()
    device.user_handle = user_handle(person.id)
    credential = Credential(device.credential_id, cose_key(device.key.public_key()), 0)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        device.passkey_id = enrol_passkey(ctx, queries.get_user(session, person.id), credential, name).id
        commit(session)
    return device


def give_certificate(person: Person) -> str:
    """This function will issue a certificate to somebody, as an administrator does, and return its id."""
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        issue_certificate(ctx, queries.get_user(session, person.id))
        commit(session)
        return str(queries.certificates_of(session, person.id)[0].id)
