"""Second factors: taken as used, each once, whoever shows them and wherever; and taken from an account that lost them."""

from dataclasses import replace

from sqlalchemy import CursorResult, delete, update
from sqlalchemy.sql.dml import Update

from portal.accounts import attempts, certificate_proofs, passkey_proofs, proofs, queries, recovery_proofs
from portal.accounts.certificate_proofs import ProvenCertificate
from portal.accounts.commands.certificates import revoke_certificate, use_certificate
from portal.accounts.commands.passkeys import note_fallen_back, use_passkey
from portal.accounts.commands.sessions import end_sessions
from portal.accounts.models import RecoveryCode, User
from portal.accounts.passkey_proofs import ProvenPasskey
from portal.accounts.proofs import ProvenCode, SignInFailed
from portal.accounts.recovery_proofs import ProvenRecovery
from portal.accounts.states import Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Actor, Context
from portal.core.ids import CertificateId, UserId
from portal.core.messages import N_
from portal.notify.commands import tell

ProvenFactor = ProvenCode | ProvenPasskey | ProvenCertificate | ProvenRecovery


def use_factor(ctx: Context, proven: ProvenFactor) -> Method:
    """This function will take a factor as used and return how somebody is proven who has shown it beside the password.

    The caller asks. Raises `SignInFailed` where it was used, copied or revoked meanwhile; the transaction is rolled back then, and the
    failure is recorded in one of its own.
    """
    method, failure = _use(ctx, proven)
    if failure is not None:
        raise failure
    if proven.attempt is not None:
        attempts.succeeded(ctx.session, [proven.attempt])
    return method


def use_step(ctx: Context, user_id: UserId, step: int) -> bool:
    """This function will take a time step as used and say whether it was new: one conditional statement, so one wins."""
    statement = update(User).where(User.id == user_id, User.totp_last_step < step, User.disabled_at.is_(None))
    return _changed(ctx, statement.values(totp_last_step=step))


def clear_factors(ctx: Context, user: User, *, password_too: bool) -> None:
    """This function will take every second factor from an account that lost them, the password too where that is gone, and end its sessions.

    The caller asks. What is left is good for nothing but a one-time link.
    """
    target = Target("user", user.id, user.username)
    for passkey in queries.passkeys_of(ctx.session, user.id):
        ctx.session.delete(passkey)
        record(ctx, Event.PASSKEY_REMOVED, target, name=passkey.name)
    for certificate in queries.certificates_of(ctx.session, user.id):
        revoke_certificate(ctx, user, CertificateId(certificate.id))
    forget_recovery_codes(ctx, user)
    user.totp_secret, user.totp_enrolled_at = None, None
    if password_too:
        user.password_hash = None
    record(ctx, Event.FACTORS_CLEARED, target, username=user.username, password_too=password_too)
    end_sessions(ctx, user, "factors_changed")


def forget_recovery_codes(ctx: Context, user: User) -> None:
    """This function will make every recovery code of an account worthless; the caller asks and records."""
    mine = delete(RecoveryCode).where(RecoveryCode.user_id == user.id)
    ctx.session.execute(mine.execution_options(synchronize_session=False))


def _use(ctx: Context, proven: ProvenFactor) -> tuple[Method, SignInFailed | None]:
    if isinstance(proven, ProvenPasskey):
        return Method.PASSWORD_AND_PASSKEY, None if use_passkey(ctx, proven) else _fell_back(ctx, proven)
    if isinstance(proven, ProvenCertificate):
        used = use_certificate(ctx, proven.certificate_id)
        return Method.PASSWORD_AND_CERTIFICATE, None if used else _undone(ctx, certificate_proofs.refusal())
    if isinstance(proven, ProvenRecovery):
        return Method.PASSWORD_AND_RECOVERY, None if _use_recovery(ctx, proven) else _used_recovery(ctx, proven)
    return Method.PASSWORD_AND_TOTP, None if use_step(ctx, proven.user_id, proven.step) else _used_code(ctx, proven)


def _use_recovery(ctx: Context, proven: ProvenRecovery) -> bool:
    """One conditional statement, so that of any number of uses at once one wins; then its owner is told."""
    statement = update(RecoveryCode).where(RecoveryCode.id == proven.code_id, RecoveryCode.used_at.is_(None))
    if not _changed(ctx, statement.values(used_at=clock.now())):
        return False
    left = queries.recovery_codes_left(ctx.session, proven.user_id)
    owner = Actor(user_id=proven.user_id, username=proven.username, display_name="", role="", layer="")
    target = Target("user", proven.user_id, proven.username)
    record(replace(ctx, actor=owner), Event.RECOVERY_CODE_USED, target, left=left)
    told = N_(
        "您的一个恢复代码刚被用掉（来自 %(address)s），还剩 %(left)d 个。不是您本人的话，请马上改密码，并告诉管理员。",
        address=ctx.request.address,
        left=left,
    )
    tell(ctx, told, key=f"recovery-code:{proven.code_id}", user_id=proven.user_id, link="/account")
    return True


def _fell_back(ctx: Context, proven: ProvenPasskey) -> SignInFailed:
    ctx.session.rollback()
    note_fallen_back(ctx, proven)
    return passkey_proofs.fallen_back(proven, ctx.request)


def _used_code(ctx: Context, proven: ProvenCode) -> SignInFailed:
    ctx.session.rollback()
    return proofs.used_code(proven.user_id, proven.username, ctx.request)


def _used_recovery(ctx: Context, proven: ProvenRecovery) -> SignInFailed:
    ctx.session.rollback()
    return recovery_proofs.used_recovery(proven.user_id, proven.username, ctx.request)


def _undone(ctx: Context, failure: SignInFailed) -> SignInFailed:
    ctx.session.rollback()
    return failure


def _changed(ctx: Context, statement: Update) -> bool:
    result = ctx.session.execute(statement.execution_options(synchronize_session=False))
    assert isinstance(result, CursorResult)  # noqa: S101 - an UPDATE has no other
    return result.rowcount == 1
