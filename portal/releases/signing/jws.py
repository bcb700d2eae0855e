"""Signatures in JWS general JSON serialization (RFC 7515), with `Ed25519` (RFC 9864) and `ES256` (RFC 7518).

A key has one algorithm, for good: verifying takes it from the key, and a header that names another one is a forgery. Nothing but
`alg` and `kid` may stand in a header, and both are protected.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Literal, get_args

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey

from portal.core.canonical import canonical

Algorithm = Literal["Ed25519", "ES256"]
ALGORITHMS: Final[tuple[Algorithm, ...]] = get_args(Algorithm)
Jwk = Mapping[str, str]

_MOST_SIGNATURES = 8
_LARGEST_BYTES = 256 * 1024
_COMPACT_PARTS = 3
_COORDINATE_BYTES = 32
_ES256 = ec.ECDSA(hashes.SHA256())


class BadSignature(Exception):
    """The signatures do not hold, or the bytes are no signed document; the text says what is the matter."""


@dataclass(frozen=True)
class Signer:
    """A private key ready to sign."""

    kid: str
    algorithm: Algorithm
    key: ECKey | OKPKey

    @property
    def public(self) -> Jwk:
        """What everybody may know of it."""
        return {**_texts(self.key.as_dict(private=False)), "alg": self.algorithm, "kid": self.kid}


@dataclass(frozen=True)
class Verified:
    """What was signed, and which of the trusted keys signed it."""

    payload: bytes
    kids: frozenset[str]


def new_private_jwk(algorithm: Algorithm) -> Jwk:
    """This function will make a new private key for `algorithm`, as a JWK with its thumbprint (RFC 7638) as `kid`."""
    key = OKPKey.generate_key("Ed25519") if algorithm == "Ed25519" else ECKey.generate_key("P-256")
    return {**_texts(key.as_dict(private=True)), "alg": algorithm, "kid": key.thumbprint(), "use": "sig"}


def public_jwk(private: Jwk) -> Jwk:
    """This function will return what everybody may know of a key."""
    return {name: value for name, value in private.items() if name != "d"}


def signer(private: Jwk) -> Signer:
    """This function will read a private JWK; raises `ValueError` for anything else, and where `kid` is not its thumbprint."""
    try:
        key = _key(private)
        if not key.is_private:
            raise ValueError("the key has no private part")
        if key.thumbprint() != private["kid"]:
            raise ValueError("the key's kid is not its thumbprint")
    except (JoseError, KeyError, TypeError) as error:
        raise ValueError("this is no private key of ours") from error
    return Signer(private["kid"], _algorithm(private), key)


def sign(payload: bytes, signers: Iterable[Signer]) -> bytes:
    """This function will sign `payload` with each of the signers, in their order, as one JSON document."""
    by_kid = {one.kid: one for one in signers}
    members: Any = [{"protected": {"alg": one.algorithm, "kid": one.kid}} for one in by_kid.values()]
    signed = jws.serialize_json(members, payload, lambda part: by_kid[part.headers()["kid"]].key, list(ALGORITHMS))
    return canonical(dict(signed))


def verify(data: bytes, trusted: Mapping[str, Jwk]) -> Verified:
    """This function will return what `data` signs, where at least one of the `trusted` keys (by `kid`) signed it.

    Raises `BadSignature` where none did, where a trusted key's signature fails or names another algorithm than the key's, and for
    everything that is not strictly of the form. Signatures of keys that are not trusted say nothing and are passed over.
    """
    document = _object(data, {"payload", "signatures"})
    parts = document["signatures"]
    if not isinstance(parts, list) or not 1 <= len(parts) <= _MOST_SIGNATURES:
        raise BadSignature("there is no list of signatures")
    payload = _bytes(document["payload"])
    valid: set[str] = set()
    for part in parts:
        kid = _checked(document["payload"], part, trusted)
        if kid is not None:
            valid.add(kid)
    if not valid:
        raise BadSignature("no trusted key has signed this")
    return Verified(payload, frozenset(valid))


@dataclass(frozen=True)
class SelfSigned:
    """What was signed by the key that the header itself carries, and that key's thumbprint (RFC 7638)."""

    claims: Mapping[str, Any]
    thumbprint: str


def verify_self_signed(text: str, typ: str) -> SelfSigned:
    """This function will return what a compact JWS of this `typ` says, where the public P-256 key in its header has signed it (`ES256`).

    It proves nothing but that whoever wrote it holds that key. Raises `BadSignature` for another algorithm or kind of key, for a key
    with a private part, and for everything that is not written in the one right way: else one key could have several names.
    """
    parts = text.split(".")
    if len(parts) != _COMPACT_PARTS:
        raise BadSignature("there are not three parts")
    header = _object(_bytes(parts[0]), {"typ", "alg", "jwk"})
    if header["typ"] != typ or header["alg"] != "ES256":
        raise BadSignature("the header is of another type or algorithm")
    jwk = _point(header["jwk"])
    claims = _object(_bytes(parts[1]), None)
    _check_es256(jwk, text.rpartition(".")[0].encode(), _bytes(parts[2]))
    return SelfSigned(claims, _thumbprint(jwk))


def sign_self(claims: Mapping[str, Any], typ: str, private: Jwk) -> str:
    """This function will sign `claims` as a compact JWS whose header carries the public part of the P-256 key that signs."""
    key = ECKey.import_key(_point(private, private=True))
    header = {"typ": typ, "alg": "ES256", "jwk": _point(public_jwk(private))}
    return jws.serialize_compact(header, canonical(dict(claims)), key, ["ES256"])


def _check_es256(jwk: Mapping[str, str], signed: bytes, signature: bytes) -> None:
    """Boxes prove every call, so this is done without what joserfc looks up on the way (RFC 7518, section 3.4)."""
    if len(signature) != 2 * _COORDINATE_BYTES:
        raise BadSignature("the signature fails")
    r, s = int.from_bytes(signature[:_COORDINATE_BYTES]), int.from_bytes(signature[_COORDINATE_BYTES:])
    try:
        point = b"\x04" + _bytes(jwk["x"]) + _bytes(jwk["y"])
        key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
        key.verify(encode_dss_signature(r, s), signed, _ES256)
    except (InvalidSignature, ValueError) as error:  # ValueError: no point of the curve
        raise BadSignature("the signature fails") from error


def _thumbprint(jwk: Mapping[str, str]) -> str:
    """RFC 7638 of a key on P-256: its required members in their order, base64url written in the one way there is."""
    named = {name: jwk[name] for name in ("crv", "kty", "x", "y")}
    return _written(sha256(json.dumps(named, separators=(",", ":")).encode()).digest())


def _point(jwk: object, *, private: bool = False) -> Any:
    """A key on P-256 without anything but what makes it one."""
    if not isinstance(jwk, dict) or (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256"):
        raise BadSignature("the key is none on P-256")
    if not private and jwk.keys() & {"d", "k", "p", "q"}:
        raise BadSignature("the key shows its private part")
    if any(len(_bytes(jwk.get(name))) != _COORDINATE_BYTES for name in ("x", "y")):
        raise BadSignature("a coordinate is not 32 bytes long")
    return {name: jwk[name] for name in ("kty", "crv", "x", "y", *(["d"] if private else []))}


def _checked(payload: object, part: object, trusted: Mapping[str, Jwk]) -> str | None:
    """The key that made one signature, None for one that is not trusted."""
    if not isinstance(part, dict) or part.keys() != {"protected", "signature"}:
        raise BadSignature("a signature has other members than protected and signature")
    header = _object(_bytes(part["protected"]), {"alg", "kid"})
    key = trusted.get(header["kid"]) if isinstance(header["kid"], str) else None
    if key is None:
        return None
    if header["alg"] != key["alg"]:
        raise BadSignature(f"the header says {header['alg']}, the key {header['kid']} is for {key['alg']}")
    _bytes(part["signature"])
    flattened: Any = {"payload": payload, "protected": part["protected"], "signature": part["signature"]}
    try:
        jws.deserialize_json(flattened, _key(key), [_algorithm(key)])
    except (JoseError, ValueError) as error:
        raise BadSignature(f"the signature of the key {header['kid']} fails") from error
    return str(header["kid"])


def _key(jwk: Jwk) -> ECKey | OKPKey:
    bare: Any = {name: value for name, value in jwk.items() if name in {"kty", "crv", "x", "y", "d"}}
    return OKPKey.import_key(bare) if _algorithm(jwk) == "Ed25519" else ECKey.import_key(bare)


def _algorithm(jwk: Jwk) -> Algorithm:
    """A key's algorithm, where its type and curve go with it."""
    shapes: Mapping[tuple[str | None, str | None], Algorithm] = {
        ("OKP", "Ed25519"): "Ed25519",
        ("EC", "P-256"): "ES256",
    }
    found = shapes.get((jwk.get("kty"), jwk.get("crv")))
    if found is None or jwk.get("alg") != found:
        raise ValueError("the key is of no kind that signs here")
    return found


def _object(data: bytes, members: set[str] | None) -> dict[str, Any]:
    """A JSON object with exactly these members, or any where none are named, none of them twice."""
    if len(data) > _LARGEST_BYTES:
        raise BadSignature("the document is too large")
    try:
        found = json.loads(data.decode(), object_pairs_hook=_once)
    except (ValueError, RecursionError) as error:
        raise BadSignature("this is no JSON document") from error
    if not isinstance(found, dict):
        raise BadSignature("this is no JSON object")
    if members is not None and found.keys() != members:
        raise BadSignature(f"the document has other members than {' and '.join(sorted(members))}")
    return found


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands there twice")
    return found


def _bytes(text: object) -> bytes:
    """What base64url without padding says, written in the one way there is (RFC 7515, section 2)."""
    if not isinstance(text, str):
        raise BadSignature("there is no base64url text")
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except (binascii.Error, ValueError) as error:
        raise BadSignature("there is no base64url text") from error
    if _written(data) != text:
        raise BadSignature("the base64url text is not written in the one right way")
    return data


def _written(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def _texts(jwk: Mapping[str, Any]) -> dict[str, str]:
    return {name: str(value) for name, value in jwk.items() if name in {"kty", "crv", "x", "y", "d"}}
