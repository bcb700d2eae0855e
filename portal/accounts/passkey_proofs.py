"""Proving who one is by a passkey. As with other proofs, each failure is counted and recorded, and the person told little."""

from collections.abc import Callable
from dataclasses import dataclass

from portal.accounts import challenges, passkeys, queries
from portal.accounts.attempts import Attempt, Factor
from portal.accounts.challenges import ChallengeRefused, Purpose
from portal.accounts.models import Passkey, User
from portal.accounts.passkeys import Answer, PasskeyRefused, Site
from portal.accounts.proofs import Reason, SignInFailed, begin, failed
from portal.core import database
from portal.core.context import RequestMeta
from portal.core.ids import PasskeyId, UserId
from portal.core.messages import N_

_REFUSED = N_("通行密钥没有通过验证，请再试一次，或换一种方式登录。")


@dataclass(frozen=True)
class ProvenPasskey:
    """A passkey that its owner has just used; it proves something where `sign_count` has grown."""

    user_id: UserId
    username: str
    passkey_id: PasskeyId
    sign_count: int
    attempt: Attempt


def prove_passkey(
    site: Site,
    raw: str,
    bound_to: str,
    request: RequestMeta,
    *,
    user_id: UserId | None = None,
    spend: Callable[[bytes], None] | None = None,
) -> ProvenPasskey:
    """This function will return whose passkey gave the browser's answer `raw`, of `user_id` where somebody is known already.

    `bound_to` is the browser that the challenge was issued to; a challenge of another kind is judged and used up by `spend`.
    Raises `SignInFailed` and `TooManyTries`.
    """
    try:
        answer = passkeys.read_proof(raw)
    except PasskeyRefused:
        raise failed(Reason.WRONG_PASSKEY, None, request, _REFUSED) from None
    with database.platform_session() as session:
        found = queries.find_passkey(session, answer.credential_id)
    owner = found[1] if found else None
    name = owner.username if owner else passkeys.to_base64url(answer.credential_id)
    attempt = begin(Factor.PASSKEY, name, owner, request)
    try:
        if spend is not None:
            spend(answer.challenge)
        else:
            challenges.spend(answer.challenge, Purpose.PROVE, bound_to)
    except ChallengeRefused:
        raise failed(Reason.SPENT_CHALLENGE, owner, request, N_("验证请求已过期，请再试一次。")) from None
    if found is None or not _is_owners(found, answer, user_id):
        raise failed(Reason.FOREIGN_PASSKEY, owner, request, _REFUSED)
    passkey, user = found
    try:
        sign_count = passkeys.check_proof(site, answer, passkey.public_key)
    except PasskeyRefused:
        raise failed(Reason.WRONG_PASSKEY, user, request, _REFUSED) from None
    if user.disabled_at is not None:
        raise failed(Reason.DISABLED, user, request, _REFUSED)
    return ProvenPasskey(UserId(user.id), user.username, PasskeyId(passkey.id), sign_count, attempt)


def fallen_back(proven: ProvenPasskey, request: RequestMeta) -> SignInFailed:
    """This function will record that a passkey's counter did not grow, and return the error to raise."""
    with database.platform_session() as session:
        user = queries.get_user(session, proven.user_id)
    return failed(
        Reason.PASSKEY_FELL_BACK,
        user,
        request,
        N_("这把通行密钥的使用次数倒退了，可能被人复制过。请换一种方式登录，然后把它移除。"),
    )


def _is_owners(found: tuple[Passkey, User], answer: Answer, user_id: UserId | None) -> bool:
    """An authenticator that names an owner must name ours; one that stands for somebody half signed in, that person."""
    owner = UserId(found[1].id)
    names_owner = answer.user_handle in {None, b"", passkeys.user_handle(owner)}
    return names_owner and user_id in {None, owner}
