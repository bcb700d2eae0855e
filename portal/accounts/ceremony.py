"""What a passkey's request needs of the current browser: for which site it is, and to whom its challenge is bound."""

from typing import Any
from urllib.parse import urlsplit

from flask import current_app, session

from portal.accounts import challenges, passkeys, queries
from portal.accounts.challenges import Purpose
from portal.accounts.passkeys import Credential, Site
from portal.core.database import platform_session
from portal.core.ids import UserId
from portal.core.tokens import new_token
from portal.web.sessions import current_session

_BROWSER = "browser"


def site() -> Site:
    """This function will return the site that passkeys are made for: the installation's own address, whatever the request says."""
    base: str = current_app.config["BASE_URL"]
    return Site(urlsplit(base).hostname or "", base)


def bound_to() -> str:
    """This function will return what a challenge for this browser is bound to: its session, or a visitor's own note."""
    found = current_session().signed_in
    if found is not None:
        return f"session {found.session_id}"
    if _BROWSER not in session:
        session[_BROWSER] = new_token()
    return f"visitor {session[_BROWSER]}"


def ask_for_passkey(user_id: UserId | None) -> dict[str, Any]:
    """This function will return what the browser is asked: one of a known person's passkeys, else any that it has."""
    challenge = challenges.issue(Purpose.PROVE, bound_to())
    if user_id is None:
        return passkeys.prove_options(site(), challenge)
    with platform_session() as reader:
        held = queries.passkeys_of(reader, user_id)
    allowed = [Credential(row.credential_id, row.public_key, row.sign_count, tuple(row.transports)) for row in held]
    return passkeys.prove_options(site(), challenge, allowed)


def ask_for_new_passkey(user_id: UserId, username: str) -> dict[str, Any]:
    """This function will return what the browser is asked to make a passkey for a person; the caller has checked that it may."""
    challenge = challenges.issue(Purpose.ENROL, _for_whom(user_id))
    with platform_session() as reader:
        held = [row.credential_id for row in queries.passkeys_of(reader, user_id)]
    return passkeys.enrol_options(site(), challenge, user_id, username, held)


def new_passkey(raw: str, user_id: UserId) -> Credential:
    """This function will return the passkey that the browser made when it was asked to, for that person.

    Raises `PasskeyRefused` and `ChallengeRefused`.
    """
    answer = passkeys.read_new(raw)
    challenges.spend(answer.challenge, Purpose.ENROL, _for_whom(user_id))
    return passkeys.check_new(site(), answer)


def _for_whom(user_id: UserId) -> str:
    return f"{bound_to()} {user_id}"
