"""Stepping up: judging what somebody proves at a module's door, and noting it for the session."""

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.doors import Lack, StepUpRequired
from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.accounts import attempts, proofs
from portal.accounts.attempts import TooManyTries
from portal.accounts.commands.sign_in import use_step
from portal.accounts.gate.models import SessionProof
from portal.accounts.gate.queries import captcha_proof
from portal.accounts.models import UserSession
from portal.accounts.proofs import ProvenCode, SignInFailed
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Actor, Context, RequestMeta
from portal.core.database import commit, platform_session
from portal.core.ids import SessionId
from portal.core.tokens import new_token, token_hash

CODE = "totp"
CODE_LEVEL = 2
CODE_FIELD, CAPTCHA_FIELD = "step_up_code", "step_up_captcha"


def note_captcha(actor: Actor, lack: Lack, request: RequestMeta) -> None:
    """This function will note that the actor's session typed the page code at the door of the module."""
    with platform_session(writes=True) as session:
        ctx = Context(session, actor, None, request)
        _note(ctx, lack, captcha_proof(lack.module), 0)
        commit(session)


def prove_code(actor: Actor, lack: Lack, typed: str, request: RequestMeta) -> str:
    """This function will take a fresh dynamic code as a proof of the session and return the session's new token.

    Raises `StepUpRequired` for a code that is wrong or was used before, and where too many were.
    """
    try:
        code = _judged(actor, typed, request)
        with platform_session(writes=True) as session:
            ctx = Context(session, actor, None, request)
            if not use_step(ctx, code.user_id, code.step):
                session.rollback()
                raise proofs.used_code(code.user_id, code.username, request)
            attempts.succeeded(session, [code.attempt])
            _note(ctx, lack, CODE, CODE_LEVEL)
            token = _renewed(ctx)
            commit(session)
    except (SignInFailed, TooManyTries) as failed:
        status = failed.status if isinstance(failed, TooManyTries) else StepUpRequired.status
        raise StepUpRequired(lack, failed.message, status) from failed
    return token


def vouch(session: Session, session_id: SessionId) -> None:
    """This function will note page codes for every door at once, for a session that is given away to scripts; the caller asks."""
    now = clock.now()
    for module in Module:
        session.add(SessionProof(session_id=session_id, proof=captcha_proof(module), level=0, proven_at=now))


def _judged(actor: Actor, typed: str, request: RequestMeta) -> ProvenCode:
    assert actor.user_id is not None  # noqa: S101 - sessions are people's
    return proofs.prove_code(actor.user_id, typed, request)


def _note(ctx: Context, lack: Lack, proof: str, level: int) -> None:
    ask(ctx, Permission.SELF_MANAGE)
    row = SessionProof(session_id=str(ctx.actor.session_id), proof=proof, level=level, proven_at=clock.now())
    ctx.session.merge(row)
    target = Target("user", str(ctx.actor.user_id), ctx.actor.username)
    record(ctx, Event.STEPPED_UP, target, module=lack.module, method=proof.partition(":")[0], level=level)


def _renewed(ctx: Context) -> str:
    """A session that can do more than before goes on under a new token (ASVS 7.2.4)."""
    token = new_token()
    ctx.session.get_one(UserSession, ctx.actor.session_id).token_hash = token_hash(token)
    return token
