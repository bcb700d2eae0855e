"""What a session that ran out leaves behind: a form that was sent too late is kept for the same person to sign in again.

The browser still has the dead token. It is good for nothing, but with it the form token of its pages is still known, so
that a form from elsewhere is told from one of ours. The form itself travels sealed inside the page that asks to sign in; the
server keeps nothing of it.
"""

import binascii
import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from portal.accounts.models import SessionActivity, User, UserSession
from portal.core import clock, database
from portal.core.crypto import SealBroken, vault
from portal.core.ids import UserId
from portal.web.sessions import WAS

FORM_TOKEN = "csrf_token"  # noqa: S105 - the key under which Flask-WTF keeps its seed
MOST_BYTES = 1024 * 1024  # sealed and in base 64 it has to fit into a form again
KEPT_FOR = timedelta(hours=1)
_LEFT_FOR = timedelta(hours=24)
_ON_PURPOSE = frozenset({"signed_out", "ended_by_owner", "signed_in", "tenant_chosen"})


def left_over(hashed: str) -> Mapping[str, Any]:
    """This function will return what a dead session leaves to its browser: form token, language, and whose it was.

    One that its owner ended on purpose leaves nothing, nor does one of a day ago or one that is unknown.
    """
    found = (
        select(UserSession.user_id, UserSession.end_reason, SessionActivity.data, User.language)
        .join(SessionActivity, SessionActivity.session_id == UserSession.id)
        .join(User, User.id == UserSession.user_id)
        .where(
            UserSession.token_hash == hashed,
            UserSession.auth_level > 0,
            UserSession.created_at > clock.now() - _LEFT_FOR,
        )
    )
    with database.platform_session() as session:
        row = session.execute(found).one_or_none()
    if row is None or row.end_reason in _ON_PURPOSE or FORM_TOKEN not in row.data:
        return {}
    return {FORM_TOKEN: row.data[FORM_TOKEN], "language": row.language, WAS: owner_mark(UserId(row.user_id))}


def owner_mark(user_id: UserId) -> str:
    """This function will return what tells whose session a browser had to whoever has the installation's key, and to nobody else."""
    return vault().fingerprint(user_id, "owner of an ended session")


@dataclass(frozen=True)
class KeptForm:
    """A form that was sent after its session had ended: where to, and every field with every value."""

    address: str
    fields: Sequence[tuple[str, str]]

    def sealed(self, was: str) -> str | None:
        """This function will return the form sealed for the person of the mark `was`; None where it is too large to travel."""
        text = json.dumps([clock.now().isoformat(), self.address, list(self.fields)], ensure_ascii=False)
        if len(text.encode()) > MOST_BYTES:
            return None
        return urlsafe_b64encode(vault().seal(text, _place(was))).decode()


def open_kept(sealed: str, was: str) -> KeptForm | None:
    """This function will return the form that was sealed for the person of the mark, or None: another's, changed, too old."""
    try:
        at, address, fields = json.loads(vault().open(urlsafe_b64decode(sealed), _place(was)))
    except (SealBroken, binascii.Error, ValueError):
        return None
    if clock.now() - datetime.fromisoformat(at) > KEPT_FOR:
        return None
    return KeptForm(address, [(name, value) for name, value in fields])


def _place(was: str) -> str:
    return f"form of an ended session|{was}"
