"""Writes: the root key's public part, new release keys, revocations, and each new version of the list that tells of them.

Whoever signs a list presents the root key's private part for the length of one command; it is written nowhere.
"""

import json
from collections.abc import Callable, Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Actor, Context
from portal.core.database import commit, platform_session
from portal.core.ids import new_id
from portal.core.logs import get_logger
from portal.releases.signing.handover import hand_over, steps_bytes
from portal.releases.signing.jws import ALGORITHMS, Algorithm, Jwk, Signer, new_private_jwk, public_jwk, sign, signer
from portal.releases.signing.keyset import KeyList, key_list_bytes
from portal.releases.signing.models import KeySet, ReleaseKey, RootKey
from portal.releases.signing.ring import current_root, handovers, newest_key_set
from portal.releases.site import bucket_may_be_away, site

ROOT_ALGORITHM: Algorithm = "Ed25519"

_log = get_logger()


class KeysRefused(Exception):
    """The keys stay as they are; the text is a sentence that says why."""


def make_root(actor: Actor, keep: Callable[[Jwk], None]) -> str:
    """This function will make the root key, hand its private part to `keep` and nobody else, sign the list of keys with it and return its `kid`.

    Raises `KeysRefused` where there is a root key already: boxes have pinned it.
    """
    private = new_private_jwk(ROOT_ALGORITHM)

    def act(ctx: Context) -> None:
        if current_root(ctx.session) is not None:
            raise KeysRefused("There is a root key already, which boxes rely on.")
        keep(private)
        ctx.session.add(RootKey(kid=private["kid"], public_jwk=dict(public_jwk(private)), made_at=clock.now()))
        ctx.session.flush()
        record(ctx, Event.ROOT_KEY_MADE, Target("key", private["kid"], "root"), key=private["kid"])
        _ensure_active(ctx)
        _issue(ctx, [signer(private)])

    _run(actor, act)
    write_key_set()
    return private["kid"]


def replace_root(actor: Actor, old: Jwk, keep: Callable[[Jwk], None]) -> str:
    """This function will make another root key, as `make_root` does, that the old one vouches for, and return its `kid`.

    Boxes follow by `/pub/roots.json`; this one list of keys bears both signatures, so that those that cannot go on until the next one.
    Raises `KeysRefused` for another key than the one that boxes rely on.
    """
    private = new_private_jwk(ROOT_ALGORITHM)
    public = dict(public_jwk(private))

    def act(ctx: Context) -> None:
        before = _root_signer(ctx.session, old)
        keep(private)
        row = ctx.session.get_one(RootKey, before.kid)
        row.current = False
        ctx.session.flush()
        said = hand_over(before, public).decode()
        ctx.session.add(RootKey(kid=private["kid"], public_jwk=public, made_at=clock.now(), handover=said))
        ctx.session.flush()
        target = Target("key", private["kid"], "root")
        record(ctx, Event.ROOT_KEY_REPLACED, target, key=private["kid"], before=before.kid)
        _issue(ctx, [before, signer(private)])

    _run(actor, act)
    write_key_set()
    return private["kid"]


def ensure_keys(actor: Actor) -> bool:
    """This function will make release keys where none are active, as a first start does; tells whether it did.

    The list that tells of them waits for the root key's signature.
    """
    with platform_session() as session:
        if newest_key_set(session) is not None:
            return False

    def act(ctx: Context) -> None:
        if newest_key_set(ctx.session) is None:
            _ensure_active(ctx)
            _issue(ctx, [])

    _run(actor, act)
    return True


def rotate_release_keys(actor: Actor, root: Jwk) -> list[str]:
    """This function will make new active keys and return their `kid`s; those that were active stay listed, those that were listed go.

    Raises `KeysRefused` for another root key than the one that boxes rely on.
    """
    made: list[str] = []

    def act(ctx: Context) -> None:
        signing = _root_signer(ctx.session, root)
        _end_what_boxes_know_as_revoked(ctx.session)
        for row in _rows(ctx.session, "listed"):
            _end(row, "retired")
        for row in _rows(ctx.session, "active"):
            row.state = "listed"
        ctx.session.flush()
        made.extend(_ensure_active(ctx))
        _issue(ctx, [signing])

    _run(actor, act)
    write_key_set()
    return made


def revoke_release_key(actor: Actor, root: Jwk, kid: str, reason: str) -> list[str]:
    """This function will revoke a key, for good, and return the `kid`s of those that were made in its place.

    Raises `KeysRefused` for a key that is not there or revoked already, and as `rotate_release_keys` does.
    """
    made: list[str] = []

    def act(ctx: Context) -> None:
        signing = _root_signer(ctx.session, root)
        row = ctx.session.scalar(select(ReleaseKey).where(ReleaseKey.kid == kid))
        if row is None or row.state == "revoked":
            raise KeysRefused(f"There is no release key {kid} that could be revoked.")
        _end(row, "revoked")
        ctx.session.flush()
        record(ctx, Event.RELEASE_KEY_REVOKED, Target("key", kid, kid), key=kid, reason=reason)
        made.extend(_ensure_active(ctx))
        _issue(ctx, [signing])

    _run(actor, act)
    write_key_set()
    return made


def write_key_set() -> bool:
    """This function will put the newest list of keys below `/pub/`, and the steps from root key to root key; tells whether there is a signed list."""
    with platform_session() as session:
        newest = newest_key_set(session)
        if steps := handovers(session):
            with bucket_may_be_away():
                site().folder.put_roots(steps_bytes(step.encode() for step in steps))
        if newest is None:
            return False
        if published_version() > newest.version:
            _log.error(
                "the list of release keys below /pub/ is newer than the database's, which was restored: rotate them"
            )
            return False
        with bucket_may_be_away():
            site().folder.put_key_set(newest.body.encode(), newest.jws.encode() if newest.jws else None)
        return newest.jws is not None


def published_version() -> int:
    """This function will return the version of the list that boxes can see, 0 where there is none."""
    listed = _published()
    return listed.version if listed else 0


def _published() -> KeyList | None:
    try:
        return KeyList.model_validate_json((site().root / "keys.json").read_bytes())
    except (OSError, ValueError):
        return None


def _end_what_boxes_know_as_revoked(session: Session) -> None:
    """A database that was restored may take a key for good that was revoked after the backup: the published list knows better."""
    listed = _published()
    for row in session.scalars(select(ReleaseKey).where(ReleaseKey.kid.in_(listed.revoked if listed else ()))):
        if row.state != "revoked":
            _end(row, "revoked")
    session.flush()


def _run(actor: Actor, act: Callable[[Context], None]) -> None:
    with platform_session(writes=True) as session:
        ctx = Context(session, actor)
        ask(ctx, Permission.SYSTEM_MAINTAIN)
        act(ctx)
        commit(session)


def _root_signer(session: Session, root: Jwk) -> Signer:
    current = current_root(session)
    if current is None:
        raise KeysRefused("There is no root key yet: run `portal keys root FILE`.")
    try:
        signing = signer(root)
    except ValueError as error:
        raise KeysRefused(f"The file holds no root key: {error}.") from error
    if signing.kid != current.kid:
        raise KeysRefused(f"The file holds the key {signing.kid}, boxes rely on {current.kid}.")
    return signing


def _ensure_active(ctx: Context) -> list[str]:
    """One active key of each algorithm; returns the new ones."""
    held = {row.algorithm for row in _rows(ctx.session, "active")}
    return [_make(ctx, algorithm) for algorithm in ALGORITHMS if algorithm not in held]


def _make(ctx: Context, algorithm: Algorithm) -> str:
    private = new_private_jwk(algorithm)
    row = ReleaseKey(
        id=new_id(),
        kid=private["kid"],
        algorithm=algorithm,
        public_jwk=dict(public_jwk(private)),
        state="active",
        made_at=clock.now(),
    )
    row.private_jwk = json.dumps(dict(private))
    ctx.session.add(row)
    ctx.session.flush()
    record(ctx, Event.RELEASE_KEY_MADE, Target("key", row.kid, row.kid), key=row.kid, kind=algorithm)
    return row.kid


def _end(row: ReleaseKey, state: str) -> None:
    row.state, row.ended_at, row.private_jwk = state, clock.now(), None


def _issue(ctx: Context, roots: Sequence[Signer]) -> None:
    """The next version of the list, signed where a root key is at hand; of two the last is the one to come."""
    before = newest_key_set(ctx.session)
    version = (
        max(before.version if before else 0, published_version()) + 1
    )  # also after a restore: boxes refuse a lower one
    at = clock.now()
    seen = _published()
    revoked = {row.kid for row in _rows(ctx.session, "revoked")} | set(seen.revoked if seen else ())
    rows = (*_rows(ctx.session, "active"), *_rows(ctx.session, "listed"))
    root = roots[-1] if roots else None
    body = key_list_bytes((row.public_jwk for row in rows if row.kid not in revoked), version, at, revoked)
    ctx.session.add(
        KeySet(
            version=version,
            body=body.decode(),
            jws=sign(body, roots).decode() if roots else None,
            root_kid=root.kid if root else None,
            issued_at=at,
        )
    )
    record(
        ctx,
        Event.KEY_LIST_ISSUED,
        Target("key_list", str(version), f"#{version}"),
        number=version,
        key=root.kid if root else None,
    )


def _rows(session: Session, state: str) -> Iterable[ReleaseKey]:
    wanted = select(ReleaseKey).where(ReleaseKey.state == state).order_by(ReleaseKey.made_at.desc(), ReleaseKey.kid)
    return session.scalars(wanted).all()
