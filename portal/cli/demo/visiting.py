"""A session of a demo account without its password, for scripts: on the demo's database on loopback only."""

import secrets
from datetime import timedelta

import click
from itsdangerous import URLSafeTimedSerializer

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.commands.sessions import Standing, open_session
from portal.accounts.gate.commands.stepping_up import vouch
from portal.accounts.models import SessionActivity
from portal.accounts.queries import find_user, passkeys_of, seats_of
from portal.accounts.states import Method
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import clock, crypto
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import commit, database, platform_session
from portal.core.ids import UserId
from portal.core.installation import is_demo_database
from portal.core.settings import Settings
from portal.installation import open_installation

_FORM_TOKEN_SALT = "wtf-csrf-token"  # noqa: S105 - Flask-WTF's, by which it knows its own tokens


def visit(settings: Settings, username: str) -> tuple[str, str]:
    """This function will open a session and return its cookie as `name=value` and a form token that goes with it."""
    open_installation(settings)
    if not settings.is_loopback or not is_demo_database(database().engine):
        raise click.ClickException("Sessions are given away on the demo's database on loopback only.")
    with platform_session() as session:
        user = find_user(session, username)
        method = Method.PASSKEY if user and passkeys_of(session, user.id) else Method.PASSWORD_AND_TOTP
    seats = seats_of(user.id) if user else ()
    if user is None or not seats:
        raise click.ClickException(f"There is no account {username} that may enter.")
    now = clock.now()
    lasts = timedelta(hours=settings.absolute_hours)
    standing = Standing(UserId(user.id), method, now, now + lasts, seats[0])
    secret = secrets.token_hex(20)
    with platform_session(writes=True) as session:
        ctx = Context(session, COMMAND_LINE)
        ask(ctx, Permission.USERS_MANAGE)
        session_id, token = open_session(ctx, standing)
        session.flush()
        session.get_one(SessionActivity, session_id).data = {"csrf_token": secret}
        vouch(session, session_id)
        record(ctx, Event.SIGNED_IN, Target("user", user.id, username), method="demo session", level=standing.level)
        commit(session)
    name = "__Host-portal_session" if settings.uses_https else "portal_session"
    key = crypto.vault().key("cookies")
    return f"{name}=s.{token}", str(URLSafeTimedSerializer(key, salt=_FORM_TOKEN_SALT).dumps(secret))
