"""Passkeys (通行密钥, WebAuthn): what a browser is asked, and what its answer says. The one module that knows the library.

The person is always verified by the authenticator (PIN, finger, face), so that a passkey is two factors in one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import webauthn
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    encode_cbor,
    options_to_json_dict,
    parse_authentication_credential_json,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from portal.core.ids import UserId

_NAME = "企业专区门户"
_LONGEST = 16_000  # characters of an answer; a real one has some 2,000
_MALFORMED = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError, RecursionError)
_EC2, _ES256, _P256 = 2, -7, 1  # RFC 9053: key type, algorithm, curve


class PasskeyRefused(Exception):
    """A browser's answer proves nothing: malformed, for another site, without the person verified, wrongly signed."""


@dataclass(frozen=True)
class Site:
    """For whom passkeys are made: the host of the address that people type, and that address (WebAuthn origin)."""

    rp_id: str
    origin: str


@dataclass(frozen=True)
class Credential:
    """What is kept of a passkey to recognise it: its id, its public key (COSE), its counter, and how it is reached."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: tuple[str, ...] = ()
    is_synced: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer taken apart and not believed yet: the challenge and the credential it speaks of, the handle of its owner."""

    challenge: bytes
    credential_id: bytes
    user_handle: bytes | None
    raw: str


def user_handle(user_id: UserId) -> bytes:
    """This function will return the handle under which authenticators know an account: its id, which names nobody."""
    return user_id.encode()


def enrol_options(
    site: Site, challenge: bytes, user_id: UserId, username: str, held: Sequence[bytes]
) -> dict[str, Any]:
    """This function will return what a browser is asked to make a passkey, other than those `held`, as JSON."""
    options = webauthn.generate_registration_options(
        rp_id=site.rp_id,
        rp_name=_NAME,
        user_name=username,
        user_id=user_handle(user_id),
        challenge=challenge,
        attestation=AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in held],
    )
    return dict(options_to_json_dict(options))


def prove_options(site: Site, challenge: bytes, allowed: Sequence[Credential] = ()) -> dict[str, Any]:
    """This function will return what a browser is asked to use one of the passkeys `allowed`, or any, as JSON."""
    options = webauthn.generate_authentication_options(
        rp_id=site.rp_id,
        challenge=challenge,
        user_verification=UserVerificationRequirement.REQUIRED,
        allow_credentials=[
            PublicKeyCredentialDescriptor(
                id=each.credential_id, transports=[AuthenticatorTransport(name) for name in each.transports] or None
            )
            for each in allowed
        ],
    )
    return dict(options_to_json_dict(options))


def read_new(raw: str) -> Answer:
    """This function will take a browser's new passkey apart; raises `PasskeyRefused` where it is none."""
    try:
        credential = parse_registration_credential_json(raw[:_LONGEST])
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
    except _MALFORMED as malformed:
        raise PasskeyRefused("malformed") from malformed
    return Answer(challenge, credential.raw_id, None, raw)


def read_proof(raw: str) -> Answer:
    """This function will take a browser's proof apart; raises `PasskeyRefused` where it is none."""
    try:
        credential = parse_authentication_credential_json(raw[:_LONGEST])
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
    except _MALFORMED as malformed:
        raise PasskeyRefused("malformed") from malformed
    return Answer(challenge, credential.raw_id, credential.response.user_handle, raw)


def check_new(site: Site, answer: Answer) -> Credential:
    """This function will return the passkey that a browser made; raises `PasskeyRefused`."""
    try:
        made = webauthn.verify_registration_response(
            credential=answer.raw,
            expected_challenge=answer.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            require_user_verification=True,
        )
        transports = parse_registration_credential_json(answer.raw).response.transports or []
    except _MALFORMED as refused:
        raise PasskeyRefused(str(refused)) from refused
    return Credential(
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        tuple(transport.value for transport in transports),
        made.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
    )


def check_proof(site: Site, answer: Answer, public_key: bytes) -> int:
    """This function will return the authenticator's counter after a proof made with `public_key`'s other half.

    Raises `PasskeyRefused`. Whether the counter has grown is for the caller to judge, who knows whose key it is.
    """
    try:
        proven = webauthn.verify_authentication_response(
            credential=answer.raw,
            expected_challenge=answer.challenge,
            expected_rp_id=site.rp_id,
            expected_origin=site.origin,
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _MALFORMED as refused:
        raise PasskeyRefused(str(refused)) from refused
    return proven.new_sign_count


def signature_of(site: Site, answer: Answer, public_key: bytes) -> dict[str, str]:
    """This function will return a proof as evidence that stands for itself, to be checked by `is_signature` in years to come."""
    response = parse_authentication_credential_json(answer.raw).response
    return {
        "credential_id": bytes_to_base64url(answer.credential_id),
        "public_key": bytes_to_base64url(public_key),
        "authenticator_data": bytes_to_base64url(response.authenticator_data),
        "client_data": bytes_to_base64url(response.client_data_json),
        "signature": bytes_to_base64url(response.signature),
        "rp_id": site.rp_id,
        "origin": site.origin,
    }


def is_signature(evidence: Mapping[str, Any], digest: bytes) -> bool:
    """This function will tell whether evidence of `signature_of` is a signature over `digest`, by a verified person."""
    try:
        own_id = evidence["credential_id"]
        response = {
            "authenticatorData": evidence["authenticator_data"],
            "clientDataJSON": evidence["client_data"],
            "signature": evidence["signature"],
        }
        webauthn.verify_authentication_response(
            credential={
                "id": own_id,
                "rawId": own_id,
                "type": "public-key",
                "response": response,
                "clientExtensionResults": {},
            },
            expected_challenge=digest,
            expected_rp_id=evidence["rp_id"],
            expected_origin=evidence["origin"],
            credential_public_key=base64url_to_bytes(evidence["public_key"]),
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except _MALFORMED:
        return False
    return True


def cose_key(key: EllipticCurvePublicKey) -> bytes:
    """This function will return an ES256 public key as an authenticator hands it over (COSE, RFC 9052)."""
    numbers = key.public_numbers()
    return encode_cbor(
        {1: _EC2, 3: _ES256, -1: _P256, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
    )


def from_base64url(text: str) -> bytes:
    """This function will return the bytes of unpadded base64url."""
    return base64url_to_bytes(text)


def to_base64url(data: bytes) -> str:
    """This function will return bytes as unpadded base64url."""
    return bytes_to_base64url(data)
