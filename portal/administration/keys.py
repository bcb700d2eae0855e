"""What stands on the page of keys: which there are, how old, what still needs them; never a secret byte."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.accounts.models import CertificateAuthority
from portal.audit.key_list import KeyList, key_list
from portal.core import clock, crypto
from portal.keys.commands import SETTLING
from portal.keys.queries import count_by_key
from portal.releases.signing.models import KeySet, ReleaseKey, RootKey
from portal.releases.signing.ring import current_root, newest_key_set, release_keys


@dataclass(frozen=True)
class RingKey:
    """A key of the ring; `may_retire` once nothing needs it and requests of before the last rotation are over."""

    id: str
    made_at: datetime | None
    is_active: bool
    needed: int
    may_retire: bool


@dataclass(frozen=True)
class Authority:
    """The authority of people's certificates: whom it names, its SHA-256 fingerprint, until when it is valid."""

    subject: str
    fingerprint: str
    valid_until: datetime


@dataclass(frozen=True)
class KeysPage:
    """Every key of the installation; `lost` are ids of keys that sealed something and are not in the ring."""

    ring: Sequence[RingKey]
    lost: dict[str, int]
    release: Sequence[ReleaseKey]
    root: RootKey | None
    list: KeySet | None
    audit: KeyList
    authority: Authority | None


def keys_page(session: Session) -> KeysPage:
    """This function will read all that the page shows, in a session that reads across tenants."""
    ring, needed = crypto.vault().ring, dict(count_by_key(session))
    settled = ring.active.made_at is None or clock.now() - ring.active.made_at >= SETTLING
    return KeysPage(
        [
            RingKey(key.id, key.made_at, key == ring.active, needed.get(key.id, 0), settled and not needed.get(key.id))
            for key in reversed(ring.keys)
        ],
        {key_id: count for key_id, count in needed.items() if ring.find(key_id) is None},
        release_keys(session),
        current_root(session),
        newest_key_set(session),
        key_list(session),
        _authority(session),
    )


def _authority(session: Session) -> Authority | None:
    pem = session.scalar(select(CertificateAuthority.certificate).limit(1))
    if pem is None:
        return None
    certificate = x509.load_pem_x509_certificate(pem.encode())
    print_ = certificate.fingerprint(SHA256()).hex(":").upper()
    return Authority(certificate.subject.rfc4514_string(), print_, certificate.not_valid_after_utc)
