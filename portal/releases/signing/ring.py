"""The release keys in use: which ones sign now, their private parts opened once and kept in memory."""

import json
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import cast

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.releases.signing.jws import ALGORITHMS, Algorithm, Jwk, Signer, signer
from portal.releases.signing.models import KeySet, ReleaseKey, RootKey

_opened: dict[str, Signer] = {}
_lock = Lock()


class NoKeys(RuntimeError):
    """No release key is there: the portal was not prepared for a start."""


def active_signers(session: Session) -> Sequence[Signer]:
    """This function will return the active keys, one of each algorithm, ready to sign; one query. Raises `NoKeys`."""
    rows = {row.algorithm: row for row in session.scalars(select(ReleaseKey).where(ReleaseKey.state == "active"))}
    if rows.keys() != set(ALGORITHMS):
        raise NoKeys("no release key is active: run `portal keys root FILE`, or start the portal once")
    return [_open(rows[algorithm]) for algorithm in ALGORITHMS]


def own_keys(session: Session) -> Mapping[str, Jwk]:
    """This function will return the public parts of the keys that the portal can sign with, by kid: read from the sealed private ones.

    Those of the table itself could be anybody's who can write it; a sealed key is ours, and its kid its thumbprint.
    """
    rows = session.scalars(select(ReleaseKey).where(ReleaseKey.state.in_(["active", "listed"])))
    return {row.kid: _open(row).public for row in rows}


def release_keys(session: Session) -> Sequence[ReleaseKey]:
    """This function will return every release key there ever was, newest first."""
    return session.scalars(select(ReleaseKey).order_by(ReleaseKey.made_at.desc(), ReleaseKey.algorithm)).all()


def newest_key_set(session: Session) -> KeySet | None:
    """This function will return the newest version of the list of keys, or None before the first."""
    return session.scalar(select(KeySet).order_by(KeySet.version.desc()).limit(1))


def current_root(session: Session) -> RootKey | None:
    """This function will return the root key whose signature boxes rely on, its public part, or None before there is one."""
    return session.scalar(select(RootKey).where(RootKey.current))


def handovers(session: Session) -> Sequence[str]:
    """This function will return each root key's word for the next one, oldest first; nothing where the first one is still in use."""
    wanted = select(RootKey.handover).where(RootKey.handover.is_not(None)).order_by(RootKey.made_at, RootKey.kid)
    return [step for step in session.scalars(wanted) if step is not None]


def _open(row: ReleaseKey) -> Signer:
    """Opening a seal and reading a key takes longer than signing, so that happens once in each process."""
    with _lock:
        if row.kid not in _opened:
            made = signer(json.loads(cast(str, row.private_jwk)))
            if made.kid != row.kid or made.algorithm != cast(Algorithm, row.algorithm):
                raise NoKeys(f"the private part of {row.kid} belongs to another key")
            _opened[row.kid] = made
        return _opened[row.kid]
