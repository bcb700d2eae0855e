"""The installation's password profile: what a new password is held to, which former ones it must not be, and when it is due."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from portal.accounts import passwords, rules
from portal.accounts.models import FormerPassword, User
from portal.accounts.rules import PROFILES, PasswordProfile
from portal.core import clock, database
from portal.core.errors import Invalid
from portal.core.messages import N_

_current = rules.MODERN


def configure(name: str) -> None:
    """This function will make the profile of this name the one of this process."""
    global _current
    _current = PROFILES[name]


def current() -> PasswordProfile:
    """This function will return the installation's profile."""
    return _current


def check_new(username: str, typed: str) -> str:
    """This function will return a new password folded, as it is hashed; no transaction is open.

    Raises `Invalid` for the field `password`. Former passwords are tried one by one, each at the price of a sign-in.
    """
    folded = rules.password(typed)
    if problem := rules.password_problem(folded, name=username, profile=_current):
        raise Invalid({"password": problem})
    if any(passwords.check_password(former, folded).right for former in _former(username)):
        raise Invalid({"password": N_("最近用过这个密码，请换一个没用过的。")})
    return folded


def set_password(session: Session, user: User, hashed: str) -> None:
    """This function will set a new password and remember the old one as long as the profile asks; the caller asks and records."""
    now = clock.now()
    if _current.remembers > 1 and user.password_hash is not None:
        session.add(FormerPassword(user_id=user.id, password_hash=user.password_hash, replaced_at=now))
        session.flush()
        kept = _newest(user.id, _current.remembers - 1)  # the one in use is remembered as well
        older = delete(FormerPassword).where(FormerPassword.user_id == user.id, FormerPassword.id.not_in(kept))
        session.execute(older.execution_options(synchronize_session=False))
    user.password_hash, user.password_changed_at = hashed, now


def is_due(changed_at: datetime | None, signed_in_at: datetime) -> bool:
    """This function will tell whether a password was too old when somebody signed in with it at `signed_in_at`."""
    if _current.lasts is None:
        return False
    return changed_at is None or changed_at + _current.lasts <= signed_in_at


def _former(username: str) -> Sequence[str]:
    if not _current.remembers:
        return ()
    with database.platform_session() as session:
        user = session.scalar(select(User).where(User.username == username))
        if user is None:
            return ()
        former = session.scalars(
            select(FormerPassword.password_hash).where(FormerPassword.id.in_(_newest(user.id, _current.remembers - 1)))
        ).all()
    return [hashed for hashed in (user.password_hash, *former) if hashed]


def _newest(user_id: str, number: int) -> Select[str]:
    mine = select(FormerPassword.id).where(FormerPassword.user_id == user_id)
    return mine.order_by(FormerPassword.replaced_at.desc(), FormerPassword.id.desc()).limit(number)
