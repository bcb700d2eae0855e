"""The list of release keys (`/pub/keys.json`): a JWK set with a version that only rises."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from portal.core.canonical import canonical
from portal.releases.pointer import Moment, moment_text
from portal.releases.signing.jws import ALGORITHMS, BadSignature, Jwk, verify

_Kid = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
_Coordinate = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]


class PublicKey(BaseModel):
    """One key that signs pointers."""

    model_config = ConfigDict(strict=True)

    kty: Literal["OKP", "EC"]
    crv: Literal["Ed25519", "P-256"]
    x: _Coordinate
    y: _Coordinate | None = None
    alg: Literal["Ed25519", "ES256"]
    kid: _Kid
    use: Literal["sig"]


class KeyList(BaseModel):
    """What the list says; later versions may say more."""

    model_config = ConfigDict(strict=True)

    keys: Annotated[list[PublicKey], Field(max_length=32)]
    version: Annotated[int, Field(ge=1)]
    issued_at: Moment
    revoked: Annotated[list[_Kid], Field(max_length=1000)]


@dataclass(frozen=True)
class TrustedKeys:
    """The keys of a list whose signature held, by `kid`, the revoked ones left out."""

    version: int
    keys: Mapping[str, Jwk]


def key_list_bytes(keys: Iterable[Jwk], version: int, issued_at: datetime, revoked: Iterable[str]) -> bytes:
    """This function will write a list as canonical JSON: the keys by algorithm, newest first as given."""
    ordered = sorted(keys, key=lambda key: ALGORITHMS.index(key["alg"]))
    told = {
        "keys": [dict(key) for key in ordered],
        "version": version,
        "issued_at": moment_text(issued_at),
        "revoked": sorted(revoked),
    }
    KeyList.model_validate(told)
    return canonical(told)


def read_key_list(signed: bytes, root: Jwk) -> TrustedKeys:
    """This function will return the keys of a signed list (`keys.jws`) that the root key signed; raises `BadSignature`."""
    payload = verify(signed, {root["kid"]: root}).payload
    try:
        listed = KeyList.model_validate_json(payload)
    except ValueError as error:
        raise BadSignature("what the root key signed is no list of keys") from error
    keys = {key.kid: key.model_dump(exclude_none=True) for key in listed.keys if key.kid not in listed.revoked}
    return TrustedKeys(listed.version, keys)
