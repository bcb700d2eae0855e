"""What a call proves: that whoever makes it holds a certain key (DPoP, RFC 9449). Pure but for the installation's secret."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from urllib.parse import urlsplit, urlunsplit

from portal.boxes.errors import Unproven
from portal.boxes.nonces import GOOD_FOR, age_of
from portal.core.messages import N_
from portal.core.settings_values import is_loopback
from portal.releases.signing.jws import BadSignature, verify_self_signed

TYPE: Final = "dpop+jwt"
LONGEST: Final = 4096
JTI_CHARACTERS: Final = range(16, 65)
_PORTS = {"http": 80, "https": 443}


@dataclass(frozen=True)
class Proof:
    """A proof that holds: the thumbprint (RFC 7638) of the key that made it, its `jti`, and how old the nonce in it is."""

    thumbprint: str
    jti: str
    nonce_age: timedelta

    @property
    def wants_nonce(self) -> bool:
        """Whether the nonce is past half its life, so that the answer carries a new one."""
        return self.nonce_age * 2 >= GOOD_FOR

    @property
    def mark(self) -> str:
        """What is remembered of the proof: 43 characters that tell it from any other of any key."""
        return _base64url(sha256(f"{self.thumbprint}.{self.jti}".encode()).digest())


@dataclass(frozen=True)
class Called:
    """The call that a proof must be about: method, address as the portal is configured, and the token that came with it."""

    method: str
    base_url: str
    path: str
    token: str | None = None


def check_proof(text: str | None, called: Called, at: datetime) -> Proof:
    """This function will return what the header `DPoP` proves of the call; raises `Unproven`.

    Whether the proof was used before is for the caller to find out, in the transaction of the call. `iat` has to be there and is
    not judged: the clocks of boxes are not trusted, the nonce says when.
    """
    if not text or len(text) > LONGEST:
        raise _invalid()
    try:
        signed = verify_self_signed(text, TYPE)
    except BadSignature as error:
        raise _invalid() from error
    _check_claims(signed.claims, called)
    age = age_of(signed.claims.get("nonce"), at)
    if age is None:
        raise Unproven("use_dpop_nonce", N_("请带上 DPoP-Nonce 给出的新随机数再试。"))
    return Proof(signed.thumbprint, signed.claims["jti"], age)


def token_digest(token: str) -> str:
    """This function will return what the claim `ath` says of a token."""
    return _base64url(sha256(token.encode()).digest())


def _check_claims(claims: Mapping[str, Any], called: Called) -> None:
    jti, issued = claims.get("jti"), claims.get("iat")
    holds = (
        claims.get("htm") == called.method
        and _normal(claims.get("htu")) == _normal(called.base_url + called.path)
        and type(issued) in {int, float}
        and isinstance(jti, str)
        and jti.isprintable()
        and len(jti) in JTI_CHARACTERS
        and _speaks_of(claims.get("ath"), called.token)
    )
    if not holds:
        raise _invalid()


def _speaks_of(digest: object, token: str | None) -> bool:
    if token is None:
        return True
    # JSON can spell half a surrogate, which is text here and has no bytes
    return isinstance(digest, str) and digest.isascii() and hmac.compare_digest(digest, token_digest(token))


def _normal(address: object) -> str | None:
    """An address with scheme and host in lower case, without the scheme's own port; on loopback all its names are one."""
    if not isinstance(address, str) or "?" in address or "#" in address:
        return None
    try:
        parts = urlsplit(address)
        host, port = (parts.hostname or "").lower(), parts.port
    except ValueError:
        return None
    if not host or parts.username is not None or parts.scheme not in _PORTS:
        return None
    named = "localhost" if is_loopback(host) else host
    shown = f"[{named}]" if ":" in named else named
    where = shown if port in (None, _PORTS[parts.scheme]) else f"{shown}:{port}"
    return urlunsplit((parts.scheme, where, parts.path, "", ""))


def _invalid() -> Unproven:
    return Unproven("invalid_dpop_proof", N_("DPoP 证明不成立。"))


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
