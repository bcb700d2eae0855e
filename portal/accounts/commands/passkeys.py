"""A person's passkeys: enrolled, named, used, removed."""

from dataclasses import replace

from sqlalchemy import CursorResult, and_, literal, or_, update

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts import attempts, levels, queries, rules
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.models import Passkey, User
from portal.accounts.passkey_proofs import ProvenPasskey
from portal.accounts.passkeys import Credential
from portal.accounts.proofs import prove_current
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.database import commit, platform_session
from portal.core.errors import Invalid, NotFound, Refused
from portal.core.ids import PasskeyId, new_id
from portal.core.messages import N_

MOST_PASSKEYS = 10


def confirm_password(ctx: Context, current: str) -> None:
    """This function will check the actor's password before a passkey is made; raises `Invalid`, `TooManyTries`, `Refused`."""
    attempt = prove_current(ctx.actor.username, current, ctx.request)
    ask(ctx, Permission.SELF_MANAGE)
    levels.require_strongest(ctx)
    attempts.succeeded(ctx.session, [attempt])


def add_own_passkey(ctx: Context, credential: Credential, name: str) -> None:
    """This function will enrol a passkey of the actor and end all other sessions.

    Raises `Invalid` for the field `name`, and `Refused` as `levels.require_strongest` does.
    """
    ask(ctx, Permission.SELF_MANAGE)
    levels.require_strongest(ctx)
    user = queries.get_user(ctx.session, str(ctx.actor.user_id))
    enrol_passkey(ctx, user, credential, name)
    end_sessions(ctx, user, "factors_changed", keep=ctx.actor.session_id)


def enrol_passkey(ctx: Context, user: User, credential: Credential, name: str, *, is_copied: bool = False) -> Passkey:
    """This function will keep a passkey that `user` has shown; the caller asks. Raises `Invalid` for the field `name`."""
    held = queries.passkeys_of(ctx.session, user.id)
    if len(held) >= MOST_PASSKEYS:
        raise Invalid({"name": N_("最多登记 %(most)d 把通行密钥，请先移除不用的。", most=MOST_PASSKEYS)})
    if queries.find_passkey(ctx.session, credential.credential_id) is not None:
        raise Invalid({"name": N_("这把通行密钥已经登记过了。")})
    passkey = Passkey(
        id=new_id(),
        user_id=user.id,
        name=_name(name, len(held) + 1),
        credential_id=credential.credential_id,
        public_key=credential.public_key,
        sign_count=credential.sign_count,
        transports=list(credential.transports),
        is_synced=credential.is_synced,
        is_copied=is_copied,
        created_at=clock.now(),
    )
    ctx.session.add(passkey)
    record(ctx, Event.PASSKEY_ENROLLED, Target("user", user.id, user.username), name=passkey.name)
    return passkey


def rename_passkey(ctx: Context, passkey_id: PasskeyId, name: str) -> None:
    """This function will rename one of the actor's passkeys; raises `NotFound` for anybody else's, `Invalid` for `name`."""
    ask(ctx, Permission.SELF_MANAGE)
    passkey = get_own_passkey(ctx, passkey_id)
    tidy = rules.display_name(name)
    if problem := rules.factor_name_problem(tidy):
        raise Invalid({"name": problem})
    passkey.name = tidy
    record(ctx, Event.PASSKEY_RENAMED, _actor_itself(ctx), name=tidy)


def remove_passkey(ctx: Context, passkey_id: PasskeyId, current: str) -> None:
    """This function will remove one of the actor's passkeys and end all other sessions.

    Raises `NotFound`, `Invalid` for the field `current`, `TooManyTries`, and `Refused` where nothing would be left beside the
    password (`last_factor`).
    """
    attempt = prove_current(ctx.actor.username, current, ctx.request)
    ask(ctx, Permission.SELF_MANAGE)
    levels.require_strongest(ctx)
    passkey = get_own_passkey(ctx, passkey_id)
    user = queries.get_user(ctx.session, str(ctx.actor.user_id))
    held = queries.second_factors(ctx.session, user)
    if not held.totp and held.passkeys == 1:
        raise Refused("last_factor", N_("这是密码之外唯一的登录方式，请先绑定动态口令或另一把通行密钥。"))
    attempts.succeeded(ctx.session, [attempt])
    ctx.session.delete(passkey)
    record(ctx, Event.PASSKEY_REMOVED, _actor_itself(ctx), name=passkey.name)
    end_sessions(ctx, user, "factors_changed", keep=ctx.actor.session_id)


def get_own_passkey(ctx: Context, passkey_id: PasskeyId) -> Passkey:
    """This function will return one of the actor's passkeys; raises `NotFound`, for anybody else's too."""
    passkey = ctx.session.get(Passkey, passkey_id)
    if passkey is None or passkey.user_id != ctx.actor.user_id:
        raise NotFound
    return passkey


def use_passkey(ctx: Context, proven: ProvenPasskey) -> bool:
    """This function will note that a passkey was used and say whether its counter grew, in one conditional statement.

    An authenticator that does not count says 0 for ever, and a demo account's key is in many hands: both always pass.
    """
    counts = Passkey.sign_count < proven.sign_count
    does_not_count = and_(Passkey.sign_count == 0, literal(proven.sign_count) == 0)
    statement = update(Passkey).where(Passkey.id == proven.passkey_id, or_(counts, does_not_count, Passkey.is_copied))
    used = statement.values(sign_count=proven.sign_count, last_used_at=clock.now())
    result = ctx.session.execute(used.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE has no other
    return result.rowcount == 1


def note_fallen_back(ctx: Context, proven: ProvenPasskey) -> None:
    """This function will mark a passkey as perhaps copied, for its owner to see, in a transaction of its own."""
    with platform_session(writes=True) as session:
        apart = replace(ctx, session=session, tenant=None)
        ask_as_portal(apart)
        session.get_one(Passkey, proven.passkey_id).fell_back_at = clock.now()
        record(apart, Event.PASSKEY_FELL_BACK, Target("user", proven.user_id, proven.username), count=proven.sign_count)
        commit(session)


def _actor_itself(ctx: Context) -> Target:
    return Target("user", str(ctx.actor.user_id), ctx.actor.username)


def _name(typed: str, number: int) -> str:
    """Nobody is stopped by a field left empty; the number is one's own to change later."""
    tidy = rules.display_name(typed)
    if not tidy:
        return f"通行密钥 {number}"
    if problem := rules.factor_name_problem(tidy):
        raise Invalid({"name": problem})
    return tidy
