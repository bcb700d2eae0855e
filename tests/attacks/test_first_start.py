"""A new installation: three links for three officers, and whoever gets hold of one too late, twice, or of somebody else's."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.access.roles import OFFICERS, Role
from portal.accounts import ceremony, queries
from portal.accounts.commands import first_officers, links
from portal.accounts.commands.users import Issued, add_staff
from portal.accounts.models import OneTimeLink, User
from portal.core import clock
from portal.core.context import COMMAND_LINE, Context
from portal.core.database import Database, commit, platform_session
from portal.core.errors import NotFound, Refused
from portal.core.tokens import token_hash
from tests.accounts.test_sign_in_views import submit, token_of
from tests.attacks.log import newest, recorded
from tests.world.authenticator import Authenticator
from tests.world.cast import PASSWORD, PASSWORD_HASH

USUAL = ("", "admin", "123456")


@pytest.fixture
def new(app: Flask, sqlite: Database) -> Mapping[Role, str]:
    """The tokens of the links of a database that has just been made."""
    return appointed()


def appointed() -> Mapping[Role, str]:
    with platform_session(writes=True) as session:
        made = first_officers.appoint_first_officers(Context(session, COMMAND_LINE))
        commit(session)
    return {role: issued.token for role, issued in made}


def set_up(app: Flask, token: str, ceremony_of: str = "") -> TestResponse:
    """Somebody uses a link with a new device, which was asked for a passkey behind this link or behind another one."""
    client, device = app.test_client(), Authenticator()
    form = {"csrf_token": token_of(client.get(f"/welcome/{ceremony_of or token}")), "password": PASSWORD}
    options: Any = client.post(f"/welcome/{ceremony_of or token}/options", data=form).get_json()
    return client.post(f"/welcome/{token}", data={**form, "credential": device.enrol(options)})


def ready() -> set[str]:
    """The officers who can sign in."""
    with platform_session() as session:
        return set(session.scalars(select(User.staff_role).where(User.password_hash.is_not(None))))


def guesses(client: FlaskClient, *more: str) -> set[int]:
    """What is answered to everybody's first ideas, at the names that everybody knows."""
    return {
        submit(client, "/sign-in", username=name, password=typed).status_code
        for name in ("system-admin", "security-admin", "auditor", "admin")
        for typed in (*more, *USUAL)
    }


def test_three_links_are_all_there_is(app: Flask, new: Mapping[Role, str], client: FlaskClient) -> None:
    assert set(new) == set(OFFICERS)
    assert (ready(), 302 in guesses(client, PASSWORD)) == (set(), False)
    assert client.get("/account").status_code == 302


def test_default_password_would_be_seen(
    app: Flask, sqlite: Database, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: the first accounts come with a password."""

    def careless(ctx: Context, *account: Any) -> Issued:
        issued = add_staff(ctx, *account)
        ctx.session.get_one(User, issued.user_id).password_hash = PASSWORD_HASH
        return issued

    monkeypatch.setattr(first_officers, "add_staff", careless)
    appointed()

    assert ready() == set(OFFICERS)
    assert 302 not in guesses(client, PASSWORD), "even so it opens nothing, for a second factor is not there"


def test_link_that_was_used_is_worth_nothing(app: Flask, new: Mapping[Role, str]) -> None:
    token = new[Role.AUDITOR]
    assert set_up(app, token).status_code == 302
    before = newest()

    late = app.test_client()
    answers = [late.get(f"/welcome/{token}"), late.get("/welcome/never-was"), late.post(f"/welcome/{token}/options")]

    assert ({answer.status_code for answer in answers[:2]}, answers[2].status_code in {400, 404}) == ({404}, True)
    assert (ready(), recorded("done", since=before)) == ({Role.AUDITOR}, [])
    assert Role.AUDITOR not in appointed(), "the command line gives no second link to whoever has an account"


def test_link_is_worth_nothing_after_a_day(app: Flask, new: Mapping[Role, str]) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=24, seconds=1), tick=False):
        assert app.test_client().get(f"/welcome/{new[Role.SYSTEM_ADMIN]}").status_code == 404

    assert ready() == set()


def test_link_that_is_good_for_ever_would_be_seen(
    app: Flask, new: Mapping[Role, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: nobody looks whether a link was used or ran out."""
    set_up(app, new[Role.AUDITOR])
    monkeypatch.setattr(queries, "open_link", _open_whatever)

    with time_machine.travel(clock.now() + timedelta(hours=25), tick=False):
        pages = [app.test_client().get(f"/welcome/{new[role]}") for role in (Role.AUDITOR, Role.SYSTEM_ADMIN)]

    assert [page.status_code for page in pages] == [200, 200]


def _open_whatever(session: Any, token: str) -> queries.OpenLink:
    wanted = select(OneTimeLink, User).join(User, User.id == OneTimeLink.user_id)
    found = session.execute(wanted.where(OneTimeLink.token_hash == token_hash(token))).one_or_none()
    if found is None:
        raise NotFound
    link, user = found
    purpose = queries.link_purpose(session, user)
    return queries.OpenLink(link.id, user.id, user.username, user.display_name, purpose, link.expires_at)


def test_device_of_one_officer_opens_no_account_of_another(app: Flask, new: Mapping[Role, str]) -> None:
    """Who holds two links makes a passkey behind one and hands it in behind the other."""
    before = newest()

    answer = set_up(app, new[Role.SECURITY_ADMIN], ceremony_of=new[Role.AUDITOR])

    assert (answer.status_code, ready(), recorded("done", since=before)) == (422, set(), [])


def test_ceremony_that_forgets_for_whom_it_was_would_be_seen(
    app: Flask, new: Mapping[Role, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fault planted: a challenge for a new passkey is anybody's."""
    monkeypatch.setattr(ceremony, "_for_whom", lambda _: "anybody")

    assert set_up(app, new[Role.SECURITY_ADMIN], ceremony_of=new[Role.AUDITOR]).status_code == 302


def test_officer_sets_up_no_weaker_factor(app: Flask, new: Mapping[Role, str]) -> None:
    """The form of a dynamic token, sent to a link that asks for a passkey."""
    client, path = app.test_client(), f"/welcome/{new[Role.SYSTEM_ADMIN]}"
    form = {"csrf_token": token_of(client.get(path)), "password": PASSWORD, "code": "123456", "secret": "x"}

    answer = client.post(path, data=form)

    assert (answer.status_code, ready()) == (422, set())


def test_installation_that_has_its_officers_gives_no_link_any_more(app: Flask, new: Mapping[Role, str]) -> None:
    for token in new.values():
        assert set_up(app, token).status_code == 302

    with pytest.raises(Refused, match="三名管理员都已启用"):
        appointed()
    assert ready() == set(OFFICERS)


def test_link_used_again_would_be_seen(app: Flask, new: Mapping[Role, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: the last look before a link is used lets it pass, and an account lacks what it has."""
    token = new[Role.AUDITOR]
    set_up(app, token)
    monkeypatch.setattr(queries, "open_link", _open_whatever)
    monkeypatch.setattr(links, "_use_once", lambda *_: True)
    monkeypatch.setattr(queries, "link_purpose", lambda *_: queries.LinkPurpose.FIRST)
    before = newest()

    assert set_up(app, token).status_code == 302
    assert "account.link_used" in recorded("done", since=before)
