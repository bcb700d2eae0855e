"""Proving who one is: a password, then a dynamic token; each failure is counted and recorded, and says nothing.

A proof reads in a short session of its own and hashes while no transaction is open. What it allows is then done by a
command, in the request's transaction.
"""

from dataclasses import dataclass
from enum import StrEnum

from portal.accounts import attempts, passwords, queries, rules, totp
from portal.accounts.attempts import Attempt, Factor, TooManyTries
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import FAILED, record_apart
from portal.core import database
from portal.core.context import Actor, RequestMeta
from portal.core.errors import Invalid, PortalError
from portal.core.ids import UserId
from portal.core.messages import N_, Message


class Reason(StrEnum):
    """Why a sign-in failed, for the log; the person is told less."""

    UNKNOWN_USER = "unknown_user"
    WRONG_PASSWORD = "wrong_password"  # noqa: S105 - a reason
    NOT_ENROLLED = "not_enrolled"
    DISABLED = "disabled"
    WRONG_CODE = "wrong_code"
    USED_CODE = "used_code"
    WRONG_PASSKEY = "wrong_passkey"
    FOREIGN_PASSKEY = "foreign_passkey"
    WRONG_CERTIFICATE = "wrong_certificate"
    SPENT_CHALLENGE = "spent_challenge"
    PASSKEY_FELL_BACK = "passkey_fell_back"
    WRONG_RECOVERY_CODE = "wrong_recovery_code"
    USED_RECOVERY_CODE = "used_recovery_code"
    LIMITED = "limited"
    NO_TENANT = "no_tenant"


class SignInFailed(PortalError):
    """Somebody did not prove who they are; the sentence is alike whatever was wrong with name or password."""

    status = 401
    code = "sign_in_failed"

    def __init__(self, message: Message | None = None) -> None:
        super().__init__(message or N_("用户名或密码不对。"))


@dataclass(frozen=True)
class Proven:
    """A person whose password was right; `rehash` is to be stored where the old hash is out of date.

    `is_long` tells whether the password may stand alone, where the policy allows that at all.
    """

    user_id: UserId
    username: str
    display_name: str
    language: str
    attempt: Attempt
    rehash: str | None = None
    is_long: bool = False


@dataclass(frozen=True)
class ProvenCode:
    """A code that was right for the time step `step`; it proves something once, where the step is a new one."""

    user_id: UserId
    username: str
    step: int
    attempt: Attempt


def prove_password(
    typed_name: str, typed_password: str, request: RequestMeta, *, may_lack_factor: bool = False
) -> Proven:
    """This function will return who has this user name and password.

    Raises `SignInFailed`, alike and after the same time for an unknown name, a wrong password, an account that is disabled or
    not set up, and `TooManyTries`. Whoever holds a link to enrol a new second factor `may_lack_factor`.
    """
    name = rules.username(typed_name)
    with database.platform_session() as session:
        user = queries.find_user(session, name)
        has_second = user is not None and queries.second_factors(session, user).any
    attempt = begin(Factor.PASSWORD, name, user, request)
    folded = rules.password(typed_password)
    checked = passwords.check_password(user.password_hash if user else None, folded[: rules.MODERN.most + 1])
    if user is None:
        raise failed(Reason.UNKNOWN_USER, None, request)
    if user.password_hash is None or not (has_second or may_lack_factor):
        raise failed(Reason.NOT_ENROLLED, user, request)
    if not checked.right:
        raise failed(Reason.WRONG_PASSWORD, user, request)
    if user.disabled_at is not None:
        raise failed(Reason.DISABLED, user, request)
    is_long = len(folded) >= rules.LONG_ENOUGH_ALONE
    return Proven(UserId(user.id), user.username, user.display_name, user.language, attempt, checked.rehash, is_long)


def prove_current(
    username: str, typed_password: str, request: RequestMeta, *, may_lack_factor: bool = False
) -> Attempt:
    """This function will check the password of somebody who changes a factor.

    Raises `Invalid` for the field `current`, and `TooManyTries`.
    """
    try:
        return prove_password(username, typed_password, request, may_lack_factor=may_lack_factor).attempt
    except SignInFailed:
        raise Invalid({"current": N_("现在的密码不对。")}) from None


def prove_code(user_id: UserId, typed: str, request: RequestMeta) -> ProvenCode:
    """This function will return the time step that a person's code is right for.

    Raises `SignInFailed` and `TooManyTries`.
    """
    with database.platform_session() as session:
        user = queries.get_user(session, user_id)
    attempt = begin(Factor.CODE, user.username, user, request)
    code = rules.code(typed)
    step = totp.time_step(user.totp_secret, code) if code and user.totp_secret else None
    if step is None or user.disabled_at is not None:
        raise failed(Reason.WRONG_CODE, user, request, N_("动态口令不对，请看身份验证器上现在的 6 位数字。"))
    return ProvenCode(user_id, user.username, step, attempt)


def used_code(user_id: UserId, username: str, request: RequestMeta) -> SignInFailed:
    """This function will record that a code was used before and return the error to raise.

    The caller holds no transaction that writes.
    """
    record_failure(Reason.USED_CODE, user_id, username, request)
    return SignInFailed(N_("这个动态口令已经用过，请等下一个。"))


def record_failure(reason: Reason, user_id: UserId | None, username: str, request: RequestMeta) -> None:
    """This function will record a failed sign-in; a name that is nobody's is not kept, it may be a mistyped password."""
    actor = Actor(user_id=user_id, username=username, display_name="", role="", layer="")
    record_apart(actor, request, None, Event.SIGN_IN_FAILED, outcome=FAILED, username=username, reason=reason)


def begin(factor: Factor, name: str, user: User | None, request: RequestMeta) -> Attempt:
    """This function will count a try, and record it where one has to wait first: then it raises `TooManyTries`."""
    try:
        return attempts.begin(factor, name, request.address)
    except TooManyTries:
        failed(Reason.LIMITED, user, request)
        raise


def failed(reason: Reason, user: User | None, request: RequestMeta, message: Message | None = None) -> SignInFailed:
    """This function will record a failed sign-in and return the error to raise; the caller holds no transaction."""
    record_failure(reason, UserId(user.id) if user else None, user.username if user else "", request)
    return SignInFailed(message)
