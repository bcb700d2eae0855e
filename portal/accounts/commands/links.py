"""One-time links: issued for an account, used once to set what it lacks, or a new password beside a second factor that stands."""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import CursorResult, select, update

from portal.access.roles import OFFICERS
from portal.accounts import attempts, passwords, profile, queries, rules, totp
from portal.accounts.attempts import Attempt
from portal.accounts.certificate_proofs import ProvenCertificate
from portal.accounts.commands import sign_in
from portal.accounts.commands.factors import ProvenFactor, use_factor
from portal.accounts.commands.passkeys import enrol_passkey
from portal.accounts.commands.portal_itself import ask_as_portal
from portal.accounts.commands.sessions import Standing, actor_of, end_sessions, member_context
from portal.accounts.commands.sign_in import Entered
from portal.accounts.models import OneTimeLink, User
from portal.accounts.passkeys import Credential
from portal.accounts.proofs import SignInFailed, prove_current
from portal.accounts.queries import OpenLink, Seat
from portal.accounts.states import LinkPurpose, Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Context, RequestMeta
from portal.core.errors import Invalid, NotFound
from portal.core.ids import UserId
from portal.core.messages import N_, Message
from portal.core.tokens import new_token, token_hash
from portal.notify.commands import tell

VALID_FOR = timedelta(hours=24)
_ONE_HAND = N_("数字证书不能用来重设密码，请用别的方式，或请管理员重设第二因素。")
_WHAT = {LinkPurpose.PASSWORD: N_("重设了密码"), LinkPurpose.FACTOR: N_("登记了新的第二因素")}


@dataclass(frozen=True)
class NewFactors:
    """A dynamic token, proven with a code, and a new password that satisfies the rules, hashed.

    Without a new password, `current` is the try that has proven the one that stands.
    """

    password_hash: str | None
    totp_secret: str
    step: int
    current: Attempt | None = None


@dataclass(frozen=True)
class StrongFactors:
    """A passkey that the browser has just made, for whoever needs level 3, and a new password as in `NewFactors`."""

    password_hash: str | None
    passkey: Credential
    current: Attempt | None = None


def issue_link(ctx: Context, user: User) -> str:
    """This function will void the open links of an account, issue a new one and return its token; the caller asks."""
    void_links(ctx, user)
    token = new_token()
    purpose = queries.link_purpose(ctx.session, user)
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


def new_factors(link: OpenLink, password: str, secret: str, typed_code: str, request: RequestMeta) -> NewFactors:
    """This function will check the password and the first code of a new secret, and hash; no transaction is open.

    Raises `Invalid` for the fields `password` (or `current`, where one stands) and `code`, and `TooManyTries`.
    """
    step = code_step(secret, typed_code)
    errors: dict[str, list[Message]] = {}
    if step is None:
        errors["code"] = [N_("这不是新二维码现在的 6 位数字，请再看一眼身份验证器。")]
    try:
        checked = check_password(link, password, request)
    except Invalid as invalid:
        errors |= {name: list(messages) for name, messages in invalid.errors.items()}
    if errors or step is None:
        raise Invalid(errors)
    return NewFactors(_hashed(checked), secret, step, checked if isinstance(checked, Attempt) else None)


def check_password(link: OpenLink, password: str, request: RequestMeta) -> str | Attempt:
    """This function will return a new password folded or, where one stands, the try that has proven it.

    Raises `Invalid` for the field `password` or `current`, and `TooManyTries`.
    """
    if link.purpose is LinkPurpose.FACTOR:
        return prove_current(link.username, password, request, may_lack_factor=True)
    return profile.check_new(link.username, password)


def strong_factors(link: OpenLink, password: str, passkey: Credential, request: RequestMeta) -> StrongFactors:
    """This function will check and hash the password that goes with a new passkey, as `new_factors` does; no transaction is open."""
    checked = check_password(link, password, request)
    return StrongFactors(_hashed(checked), passkey, checked if isinstance(checked, Attempt) else None)


def new_password(link: OpenLink, password: str) -> str:
    """This function will check and hash a new password; no transaction is open. Raises `Invalid` for the field `password`."""
    return passwords.hash_password(profile.check_new(link.username, password))


def _hashed(checked: str | Attempt) -> str | None:
    return None if isinstance(checked, Attempt) else passwords.hash_password(checked)


def code_step(secret: str, typed_code: str) -> int | None:
    """This function will return the time step for which a typed code is right, or None."""
    code = rules.code(typed_code)
    return totp.time_step(secret, code) if code else None


def use_link(ctx: Context, link: OpenLink, factors: NewFactors | StrongFactors, *, lasts: timedelta) -> Entered | None:
    """This function will set what an account lacks, the second factor or both factors, and sign the person in.

    None stands for somebody who may enter nowhere yet. Raises `NotFound` where the link was used meanwhile, or the account does not
    lack that: no link replaces a second factor that stands.
    """
    purpose = LinkPurpose.FACTOR if factors.password_hash is None else LinkPurpose.FIRST
    method = Method.PASSWORD_AND_TOTP if isinstance(factors, NewFactors) else Method.PASSWORD_AND_PASSKEY
    using = _begin(ctx, link, purpose, method)
    if factors.password_hash is None:
        if factors.current is None:
            raise NotFound
        attempts.succeeded(ctx.session, [factors.current])
    else:
        _set_password(using, factors.password_hash)
    if isinstance(factors, StrongFactors):
        enrol_passkey(using.as_person, using.user, factors.passkey, "")
    else:
        _set_token(using, factors)
    return _enter(ctx, using, method, lasts)


def reset_password(
    ctx: Context, link: OpenLink, password_hash: str, factor: ProvenFactor, *, lasts: timedelta
) -> Entered | None:
    """This function will set a new password for whoever holds the link and has shown a second factor that stands.

    Raises `NotFound` as `use_link` does, and `SignInFailed` where the factor was used or revoked meanwhile, or is a certificate that does
    not count here.
    """
    if factor.user_id != link.user_id:
        raise NotFound
    if isinstance(factor, ProvenCertificate) and not certificate_counts(link.user_id):
        raise SignInFailed(_ONE_HAND)
    ask_as_portal(ctx)
    method = use_factor(ctx, factor)
    using = _begin(ctx, link, LinkPurpose.PASSWORD, method)
    _set_password(using, password_hash)
    return _enter(ctx, using, method, lasts)


def certificate_counts(user_id: UserId) -> bool:
    """This function will tell whether a certificate confirms a new password: an officer's does, which two have issued.

    Anybody else's has passed through the hands of the one administrator who could issue the link as well, and have the account.
    """
    return any(seat.role in OFFICERS for seat in queries.seats_of(user_id))


@dataclass(frozen=True)
class _Using:
    """A link in use: whose account, as whom things are recorded, and where the person can act."""

    user: User
    as_person: Context
    target: Target
    seats: tuple[Seat, ...]
    purpose: LinkPurpose
    link_id: str


def _begin(ctx: Context, link: OpenLink, purpose: LinkPurpose, method: Method) -> _Using:
    """Of any number of uses at once one passes; and what the account lacks is looked at again where nobody else changes it."""
    seats = queries.seats_of(link.user_id)
    ask_as_portal(ctx)
    if not _use_once(ctx, link.id):
        raise NotFound
    user = ctx.session.get(User, link.user_id, with_for_update=True, populate_existing=True)
    if user is None or queries.link_purpose(ctx.session, user) is not purpose:
        raise NotFound
    now = clock.now()
    standing = Standing(UserId(user.id), method, now, now, seats[0] if seats else None)
    as_person = member_context(ctx, actor_of(user, standing), standing)
    target = Target("user", user.id, user.username)
    record(as_person, Event.LINK_USED, target, purpose=purpose)
    return _Using(user, as_person, target, seats, purpose, link.id)


def _set_password(using: _Using, password_hash: str) -> None:
    profile.set_password(using.as_person.session, using.user, password_hash)
    record(using.as_person, Event.PASSWORD_CHANGED, using.target)


def _set_token(using: _Using, factors: NewFactors) -> None:
    user = using.user
    user.totp_secret, user.totp_last_step, user.totp_enrolled_at = factors.totp_secret, factors.step, clock.now()
    record(using.as_person, Event.TOTP_ENROLLED, using.target)


def _enter(ctx: Context, using: _Using, method: Method, lasts: timedelta) -> Entered | None:
    end_sessions(using.as_person, using.user, "factors_changed")
    if using.purpose is not LinkPurpose.FIRST:
        told = N_(
            "您的账号刚用一次性链接%(what)s（来自 %(address)s），其他登录都已结束。不是您本人的话，请马上告诉管理员。",
            what=_WHAT[using.purpose],
            address=ctx.request.address,
        )
        tell(ctx, told, key=f"link-used:{using.link_id}", user_id=using.user.id, link="/account")
    if not using.seats:
        return None
    seat = using.seats[0] if len(using.seats) == 1 else None
    return sign_in.enter(ctx, using.user, seat, method, clock.now(), lasts)


def _use_once(ctx: Context, link_id: str) -> bool:
    now = clock.now()
    statement = update(OneTimeLink).where(
        OneTimeLink.id == link_id, OneTimeLink.used_at.is_(None), OneTimeLink.expires_at > now
    )
    result = ctx.session.execute(statement.values(used_at=now).execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE has no other
    return result.rowcount == 1
