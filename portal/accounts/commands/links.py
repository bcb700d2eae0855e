"""One-time links: issued for an account, used once to set password and dynamic token."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from sqlalchemy import CursorResult, select, update

from portal.accounts import passwords, queries, rules, totp
from portal.accounts.commands import sign_in
from portal.accounts.commands.passkeys import enrol_passkey
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.commands.sessions import Standing, actor_of, end_sessions, member_context
from portal.accounts.commands.sign_in import Entered
from portal.accounts.models import OneTimeLink, User
from portal.accounts.passkeys import Credential
from portal.accounts.queries import OpenLink
from portal.accounts.states import Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context
from portal.core.errors import Invalid, NotFound
from portal.core.ids import UserId
from portal.core.messages import N_, Message
from portal.core.tokens import new_token, token_hash

VALID_FOR = timedelta(hours=24)


class Purpose(StrEnum):
    """What a link is for: the first set-up of an account, or a new one after password or phone were lost."""

    FIRST = "first"
    AGAIN = "again"


@dataclass(frozen=True)
class NewFactors:
    """A password and a dynamic token that satisfy the rules, the first hashed, the second proven with a code."""

    password_hash: str
    totp_secret: str
    step: int


@dataclass(frozen=True)
class StrongFactors:
    """A password that satisfies the rules, hashed, and a passkey that the browser has just made, for whoever needs level 3."""

    password_hash: str
    passkey: Credential


def issue_link(ctx: Context, user: User) -> str:
    """This function will void the open links of an account, issue a new one and return its token; the caller asks."""
    void_links(ctx, user)
    token = new_token()
    purpose = Purpose.FIRST if user.password_hash is None else Purpose.AGAIN
    ctx.session.add(
        OneTimeLink(token_hash=token_hash(token), user_id=user.id, purpose=purpose, expires_at=clock.now() + VALID_FOR)
    )
    record(ctx, Event.LINK_ISSUED, Target("user", user.id, user.username), username=user.username, purpose=purpose)
    return token


def void_links(ctx: Context, user: User) -> bool:
    """This function will end the open links of an account and say whether there were any; the caller asks."""
    now = clock.now()
    found = ctx.session.scalars(
        select(OneTimeLink).where(
            OneTimeLink.user_id == user.id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
        )
    ).all()
    for link in found:
        link.expires_at = now
        record(ctx, Event.LINK_VOIDED, Target("user", user.id, user.username), username=user.username)
    return bool(found)


def new_factors(username: str, password: str, secret: str, typed_code: str) -> NewFactors:
    """This function will check a new password and the first code of a new secret, and hash; no transaction is open.

    Raises `Invalid` for the fields `password` and `code`.
    """
    folded = rules.password(password)
    errors: dict[str, Message] = {}
    if problem := rules.password_problem(folded, name=username):
        errors["password"] = problem
    step = code_step(secret, typed_code)
    if step is None:
        errors["code"] = N_("这不是新二维码现在的 6 位数字，请再看一眼身份验证器。")
    if errors or step is None:
        raise Invalid(errors)
    return NewFactors(passwords.hash_password(folded), secret, step)


def check_password(username: str, password: str) -> str:
    """This function will return a new password folded; raises `Invalid` for the field `password`."""
    folded = rules.password(password)
    if problem := rules.password_problem(folded, name=username):
        raise Invalid({"password": problem})
    return folded


def strong_factors(username: str, password: str, passkey: Credential) -> StrongFactors:
    """This function will check and hash the new password that goes with a new passkey; no transaction is open.

    Raises `Invalid` for the field `password`.
    """
    return StrongFactors(passwords.hash_password(check_password(username, password)), passkey)


def code_step(secret: str, typed_code: str) -> int | None:
    """This function will return the time step for which a typed code is right, or None."""
    code = rules.code(typed_code)
    return totp.time_step(secret, code) if code else None


def use_link(ctx: Context, link: OpenLink, factors: NewFactors | StrongFactors, *, lasts: timedelta) -> Entered | None:
    """This function will set a person's factors in place of older ones, end what sessions there are, and sign the person in.

    None stands for somebody who may enter nowhere yet. Raises `NotFound` where the link was used meanwhile.
    """
    seats = queries.seats_of(link.user_id)
    ask_as_portal(ctx)
    if not _use_once(ctx, link.id):
        raise NotFound
    user = queries.get_user(ctx.session, link.user_id)
    now = clock.now()
    method = Method.PASSWORD_AND_TOTP if isinstance(factors, NewFactors) else Method.PASSWORD_AND_PASSKEY
    standing = Standing(UserId(user.id), method, now, now, seats[0] if seats else None)
    as_person = member_context(ctx, actor_of(user, standing), standing)
    target = Target("user", user.id, user.username)
    purpose = Purpose.FIRST if link.is_first else Purpose.AGAIN
    record(as_person, Event.LINK_USED, target, purpose=purpose)
    record(as_person, Event.PASSWORD_CHANGED, target)
    _set_factors(as_person, user, factors)
    end_sessions(as_person, user, "factors_changed")
    if not seats:
        return None
    return sign_in.enter(ctx, user, seats[0] if len(seats) == 1 else None, method, now, lasts)


def _set_factors(ctx: Context, user: User, factors: NewFactors | StrongFactors) -> None:
    """The older ones go: a link is for somebody who has none yet, or has lost them."""
    user.password_hash, user.password_changed_at = factors.password_hash, clock.now()
    user.totp_secret, user.totp_enrolled_at = None, None
    for older in queries.passkeys_of(ctx.session, user.id):
        ctx.session.delete(older)
        record(ctx, Event.PASSKEY_REMOVED, Target("user", user.id, user.username), name=older.name)
    ctx.session.flush()
    if isinstance(factors, StrongFactors):
        enrol_passkey(ctx, user, factors.passkey, "")
        return
    user.totp_secret, user.totp_last_step, user.totp_enrolled_at = factors.totp_secret, factors.step, clock.now()
    record(ctx, Event.TOTP_ENROLLED, Target("user", user.id, user.username))


def _use_once(ctx: Context, link_id: str) -> bool:
    now = clock.now()
    statement = update(OneTimeLink).where(
        OneTimeLink.id == link_id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
    )
    result = ctx.session.execute(statement.values(used_at=now).execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE has no other
    return result.rowcount == 1
