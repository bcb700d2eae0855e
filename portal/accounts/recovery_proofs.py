"""Proving who one is by a recovery code: like other proofs counted and recorded, and good once."""

from dataclasses import dataclass

from sqlalchemy import select

from portal.accounts import queries, recovery
from portal.accounts.attempts import Attempt, Factor
from portal.accounts.models import RecoveryCode
from portal.accounts.proofs import Reason, SignInFailed, begin, failed, record_failure
from portal.core import database
from portal.core.context import RequestMeta
from portal.core.ids import UserId
from portal.core.messages import N_


@dataclass(frozen=True)
class ProvenRecovery:
    """A recovery code of a person that was not used yet; it proves something once."""

    user_id: UserId
    username: str
    code_id: str
    attempt: Attempt


def prove_recovery(user_id: UserId, typed: str, request: RequestMeta) -> ProvenRecovery:
    """This function will return the recovery code that a person typed; raises `SignInFailed` and `TooManyTries`."""
    with database.platform_session() as session:
        user = queries.get_user(session, user_id)
    attempt = begin(Factor.RECOVERY, user.username, user, request)
    code = recovery.folded(typed)
    row = None
    if code is not None:
        wanted = select(RecoveryCode).where(
            RecoveryCode.user_id == user_id, RecoveryCode.code_hash == recovery.code_hash(user_id, code)
        )
        with database.platform_session() as session:
            row = session.scalars(wanted).one_or_none()
    if row is not None and row.used_at is not None:
        raise used_recovery(user_id, user.username, request)
    if row is None or user.disabled_at is not None:
        wrong = N_("恢复代码不对：它有 24 个字母和数字，请照着纸上的再输一次。")
        raise failed(Reason.WRONG_RECOVERY_CODE, user, request, wrong)
    return ProvenRecovery(user_id, user.username, row.id, attempt)


def used_recovery(user_id: UserId, username: str, request: RequestMeta) -> SignInFailed:
    """This function will record that a code was used before and return the error to raise; the caller holds no transaction that writes."""
    record_failure(Reason.USED_RECOVERY_CODE, user_id, username, request)
    return SignInFailed(N_("这个恢复代码已经用过，请用下一个。"))
