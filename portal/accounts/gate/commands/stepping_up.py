"""Stepping up: judging what somebody proves at a module's door, and noting it for the session."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from portal.access.checks import ask
from portal.access.doors import Lack
from portal.access.modules import Module
from portal.access.permissions import Permission
from portal.accounts.commands.factors import ProvenFactor, use_factor
from portal.accounts.gate.models import GIVEN_AWAY, SessionProof
from portal.accounts.gate.queries import captcha_proof
from portal.accounts.models import UserSession
from portal.accounts.states import STRONGEST, TWO_FACTORS, Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock
from portal.core.context import Actor, Context, RequestMeta
from portal.core.database import commit, platform_session
from portal.core.ids import SessionId
from portal.core.tokens import new_token, token_hash

# How a factor that was shown at a door is named in the log, and the level that it proves; a recovery code opens none.
PROOF_OF: Mapping[Method, tuple[str, int]] = MappingProxyType(
    {
        Method.PASSWORD_AND_TOTP: ("totp", TWO_FACTORS),
        Method.PASSWORD_AND_PASSKEY: ("passkey", STRONGEST),
        Method.PASSWORD_AND_CERTIFICATE: ("certificate", STRONGEST),
    }
)
PREFIX = "step_up_"
CAPTCHA_FIELD = PREFIX + "captcha"


def note_captcha(actor: Actor, lack: Lack, request: RequestMeta) -> None:
    """This function will note that the actor's session typed the page code at the door of the module."""
    with platform_session(writes=True) as session:
        ctx = Context(session, actor, None, request)
        _note(ctx, lack, captcha_proof(lack.module), 0)
        commit(session)


def note_factor(actor: Actor, lack: Lack, factor: ProvenFactor, request: RequestMeta) -> str:
    """This function will take a factor as a fresh proof of the session and return the session's new token.

    Raises `SignInFailed` for a code that was used before, a passkey that was copied and a certificate that was revoked.
    """
    with platform_session(writes=True) as session:
        ctx = Context(session, actor, None, request)
        ask(ctx, Permission.SELF_MANAGE)
        proof, level = PROOF_OF[use_factor(ctx, factor)]
        _note(ctx, lack, proof, level)
        token = _renewed(ctx)
        commit(session)
    return token


def vouch(session: Session, session_id: SessionId) -> None:
    """This function will note page codes for every door at once, for a session that is given away to scripts; the caller asks.

    It is marked as such: scripts have no key with which its person would sign.
    """
    now = clock.now()
    session.add(SessionProof(session_id=session_id, proof=GIVEN_AWAY, level=0, proven_at=now))
    for module in Module:
        session.add(SessionProof(session_id=session_id, proof=captcha_proof(module), level=0, proven_at=now))


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
