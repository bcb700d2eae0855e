"""Tokens: random, shown once, kept as a hash, each for one key and one box. Of a box one is good; those before it have ended."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from portal.boxes.commands.channels import want_account
from portal.boxes.models.bound import Box, BoxToken
from portal.core import clock
from portal.core.ids import BoxId
from portal.core.tokens import new_token, token_hash


def issue_token(session: Session, box: Box) -> str:
    """This function will give a bound box a new token, and another account at the broker, and end those it had; the caller asks and records."""
    end_tokens(session, BoxId(box.id))
    token = new_token()
    session.add(
        BoxToken(
            token_hash=token_hash(token),
            tenant_id=box.tenant_id,
            box_id=box.id,
            thumbprint=box.thumbprint,
            issued_at=clock.now(),
        )
    )
    session.flush()
    want_account(session, BoxId(box.id))
    return token


def end_tokens(session: Session, box_id: BoxId) -> None:
    """This function will end every token of a box; its next call is told so. The caller asks and records."""
    ended = update(BoxToken).where(BoxToken.box_id == box_id, BoxToken.ended_at.is_(None)).values(ended_at=clock.now())
    session.execute(ended, execution_options={"synchronize_session": False})
