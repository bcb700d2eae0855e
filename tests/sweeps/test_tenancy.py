"""The sixth fence: every address, as a member of another tenant, is no address at all."""

from functools import partial

import pytest
from flask import Flask
from sqlalchemy import select

from portal.access.permissions import Permission
from portal.content.models import Revision
from portal.core import database as databases
from portal.core.ids import new_id
from portal.core.tenancy import TenancyBreach
from portal.web.access import UnmarkedEndpoint, needs
from tests.sweeps.conftest import Swept
from tests.sweeps.world import Filled, address, owner_of, rules
from tests.world.browser import Browser
from tests.world.cast import Person

NO_SUCH_PAGE = 404
SIGN_IN_AGAIN = 401
# What an owner is answered by a page that is there: found, led on, corrected, or told that something is in the way.
ADMITTED = frozenset({200, 201, 202, 204, 302, 303, 304, 400, 409, 422})


# Enough of a form for an act to look at the thing it is about before it asks for more.
PLAUSIBLE = {"version": "1", "to": "2", "reason": "试试", "hidden": "1"}


class Browsers:
    """One browser for each person, opened when first needed."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._open: dict[str, Browser] = {}

    def of(self, person: Person) -> Browser:
        """This function will return the person's browser."""
        if person.username not in self._open:
            self._open[person.username] = Browser(self._app, person)
        return self._open[person.username]

    def anew(self, person: Person) -> Browser:
        """This function will sign the person in again and return the browser."""
        self._open.pop(person.username, None)
        return self.of(person)


def test_every_page_of_a_tenant_is_404_for_a_member_of_another(swept: Swept) -> None:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="GET", in_tenant=True):
        assert mark.permission is not None, rule.endpoint
        path = address(swept.app, rule, swept.yunqi, swept.cast)

        owner = browsers.of(owner_of(swept.cast, swept.cast.yunqi, mark.permission)).get(path, buffered=True)
        other = browsers.of(swept.cast.jiangzhou.admin).get(path, buffered=True)

        if owner.status_code not in {200, 302, 303} or other.status_code != NO_SUCH_PAGE:
            wrong[rule.endpoint] = (path, owner.status_code, other.status_code)
    assert wrong == {}


def test_every_act_in_a_tenant_is_404_for_a_member_of_another(swept: Swept) -> None:
    browsers, wrong = Browsers(swept.app), {}
    for rule, mark in rules(swept.app, method="POST", in_tenant=True):
        assert mark.permission is not None, rule.endpoint
        path = address(swept.app, rule, swept.yunqi, swept.cast)

        other = browsers.of(swept.cast.jiangzhou.admin).post(path)
        person = owner_of(swept.cast, swept.cast.yunqi, mark.permission)
        owner = browsers.of(person).post(path)
        if (
            owner.status_code == SIGN_IN_AGAIN
        ):  # an act before this one, such as suspending the enterprise, ended sessions
            owner = browsers.anew(person).post(path)

        if other.status_code != NO_SUCH_PAGE or (owner.status_code not in ADMITTED and not _gone(owner.status_code)):
            wrong[rule.endpoint] = (path, owner.status_code, other.status_code)
    assert wrong == {}


def test_ids_of_another_tenant_are_as_unknown_as_made_up_ones(swept: Swept) -> None:
    browsers, wrong = Browsers(swept.app), {}
    made_up = Filled(swept.yunqi.house, {**swept.yunqi.ids, **{name: new_id() for name in _names_of_ids(swept)}})
    house = swept.cast.jiangzhou
    for rule, mark in rules(swept.app, in_tenant=True):
        if mark.permission is None or not _is_about_a_thing(rule.arguments):
            continue
        person = owner_of(swept.cast, house, mark.permission)
        reads = "GET" in (rule.methods or ())
        fetch = browsers.of(person).get if reads else partial(browsers.of(person).post, data=PLAUSIBLE)

        foreign = fetch(address(swept.app, rule, swept.yunqi, swept.cast, own=house), buffered=True)
        unknown = fetch(address(swept.app, rule, made_up, swept.cast, own=house), buffered=True)

        alike = foreign.status_code == unknown.status_code and abs(len(foreign.data) - len(unknown.data)) <= 2
        if foreign.status_code != NO_SUCH_PAGE or not alike:
            wrong[rule.endpoint] = (foreign.status_code, unknown.status_code, len(foreign.data), len(unknown.data))
    assert wrong == {}


def test_enterprise_ids_of_others_and_made_up_ones_answer_alike(swept: Swept) -> None:
    browser = Browser(swept.app, swept.cast.jiangzhou.admin)

    others = browser.get(f"/e/{swept.cast.yunqi.tenant.enterprise_id}")
    made_up = browser.get("/e/123456789012")

    assert (others.status_code, len(others.data)) == (made_up.status_code, len(made_up.data)) == (404, len(others.data))


def test_view_that_forgets_the_tenant_is_stopped_by_the_session(swept: Swept) -> None:
    with swept.app.test_request_context(), databases.platform_session() as session, pytest.raises(TenancyBreach):
        session.scalars(select(Revision)).all()


def test_application_with_an_unmarked_endpoint_does_not_start(app: Flask) -> None:
    unmarked = type(app)("planted")
    unmarked.view_functions["static"] = app.view_functions["static"]
    unmarked.add_url_rule("/marked", "marked", needs(Permission.SELF_MANAGE)(lambda: ""))
    unmarked.finish_start()
    unmarked.add_url_rule("/planted", "planted", lambda: "")

    with pytest.raises(UnmarkedEndpoint):
        unmarked.finish_start()


def _gone(status: int) -> bool:
    """An act of this very sweep may have taken away what a later one is about; that it was there, the pages' sweep says."""
    return status == NO_SUCH_PAGE


def _is_about_a_thing(arguments: set[str]) -> bool:
    return any(name.endswith("_id") and name != "enterprise_id" for name in arguments)


def _names_of_ids(swept: Swept) -> list[str]:
    return [name for name in swept.yunqi.ids if name != "sha256"]
