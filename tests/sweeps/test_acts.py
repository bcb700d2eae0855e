"""Every act, sent as a person would send it: the form comes from the page on which its button is.

What a member of another tenant sends is 404 and changes nothing, and the very same request of the owner is answered by
success: only so does the 404 say anything.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.access.permissions import Permission
from portal.access.roles import LAYER_OF, Role
from portal.audit.models import AuditRecord
from portal.core.database import database
from portal.web.access import Mark, mark_of, needs
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps.acts import ACTS, ELSEWHERE, Act
from tests.sweeps.conftest import Swept
from tests.sweeps.forms import FoundForm, endpoint_of, forms_of
from tests.sweeps.test_tenancy import SIGN_IN_AGAIN, Browsers
from tests.sweeps.world import address, may, owner_of, people, rules, written, written_matrix
from tests.world.cast import Person

# What a role may do with some things and not with the one behind this address: a submission that reaches beyond the own subtree.
NARROWER = {"review.withdraw group_editor"}
_DONE = {200, 201, 202, 204, 302, 303}
_RECORDED = select(func.count()).select_from(AuditRecord).where(AuditRecord.outcome == "done")


def _posts() -> list[str]:
    """The endpoints with a post, as the matrix that people read names them; another test holds it against the URL map."""
    with (Path(__file__).parents[2] / "docs" / "permissions.csv").open(encoding="utf-8", newline="") as written:
        rows = [row for row in csv.DictReader(written) if "POST" in row["methods"] and ":" in row["permission"]]
    return [row["endpoint"] for row in rows if row["endpoint"] not in ELSEWHERE]


@pytest.mark.parametrize("endpoint", _posts())
def test_act_succeeds_for_its_owner_and_is_404_for_another_tenant(swept: Swept, endpoint: str) -> None:
    swept = replace(swept, yunqi=replace(swept.yunqi, ids=dict(swept.yunqi.ids)))
    act, browsers = ACTS.get(endpoint, Act()), Browsers(swept.app)
    act.before(swept)
    person = act.who(swept) if act.who else _who_may(swept, endpoint)
    form = _form(swept, browsers, person, endpoint, act)

    if TENANT_ARGUMENT in _arguments(swept.app, endpoint):
        stranger = swept.cast.jiangzhou.admin
        browsers.of(stranger)
        typed = act.typed(swept)
        before = _acts_recorded()
        other = _send(browsers, stranger, form, typed)
        assert other.status_code == 404
        assert _acts_recorded() == before
    own = _send(browsers, person, form, act.typed(swept))

    assert own.status_code in _DONE, f"{endpoint}: say in ACTS what else has to be typed: {_words(own)}"


@pytest.mark.usefixtures("nothing_kept")
def test_acts_are_open_to_exactly_the_roles_of_the_matrix(swept: Swept) -> None:
    """Every role on every act, one sign-in for each."""
    assert _judged_wrongly(swept, rules(swept.app, method="POST"), written_matrix()) == {}


def test_act_with_one_wrong_cell_in_the_matrix_is_caught(swept: Swept) -> None:
    """Two cells with a fault planted: one that lets somebody in, one that keeps somebody out."""
    one = [(rule, mark) for rule, mark in rules(swept.app, method="POST") if rule.endpoint == "users.disable"]
    key = ("users.disable", "POST")
    planted = {key: {**written_matrix()[key], "app_admin": "yes", "security_admin": "-"}}

    wrong = _judged_wrongly(swept, one, planted)

    assert list(wrong) == ["users.disable app_admin", "users.disable security_admin"]


def test_act_that_forgot_its_role_would_be_seen(planting: Flask, swept: Swept) -> None:
    """The fault planted: accounts are disabled by whoever is signed in."""
    planting.view_functions["users.disable"] = needs(Permission.SELF_MANAGE)(lambda user_id: user_id)
    one = [(rule, mark) for rule, mark in rules(planting, method="POST") if rule.endpoint == "users.disable"]

    wrong = _judged_wrongly(replace(swept, app=planting), one, written_matrix())

    assert sorted(wrong) == sorted(
        f"users.disable {role.value}" for role in LAYER_OF if role is not Role.SECURITY_ADMIN
    )


def _judged_wrongly(
    swept: Swept, acts: list[tuple[Rule, Mark]], matrix: Mapping[tuple[str, str], Mapping[str, str]]
) -> dict[str, int]:
    """The statuses that are not what the matrix says: refused exactly to those who may not, and then nothing was done.

    Refused is 403, or 404 in a tenant to whom tenants are none of their business.
    """
    browsers, wrong = Browsers(swept.app), {}
    for rule, _mark in acts:
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        in_tenant = TENANT_ARGUMENT in rule.arguments
        for person in people(swept.cast, swept.cast.yunqi):
            browsers.of(person)
            before = _acts_recorded()
            status = browsers.of(person).post(path).status_code
            if status == SIGN_IN_AGAIN:  # an act before this one ended the sessions, as signing out does
                status = browsers.anew(person).post(path).status_code
            refused = status == 403 or (status == 404 and in_tenant and not _knows(person))
            act = f"{rule.endpoint} {person.role.value}"
            if refused == written(rule, person.role, matrix) and act not in NARROWER:
                wrong[act] = status
            assert not refused or _acts_recorded() == before, f"{act}: {status}, and done all the same"
    return wrong


def _knows(person: Person) -> bool:
    """Whether the tenant exists for somebody at all; for everybody else its pages are no pages."""
    return person.role.value not in {"system_admin", "security_admin", "auditor"}


def _who_may(swept: Swept, endpoint: str) -> Person:
    mark: Mark = mark_of(swept.app, endpoint)
    assert mark.permission is not None
    if TENANT_ARGUMENT in _arguments(swept.app, endpoint):
        return owner_of(swept.cast, swept.cast.yunqi, mark.permission)
    return next(
        person
        for person in people(swept.cast, swept.cast.yunqi)
        if person.tenant is None and may(person, mark.permission, None, None)
    )


def _arguments(app: Flask, endpoint: str) -> set[str]:
    return {name for rule in app.url_map.iter_rules(endpoint) for name in rule.arguments}


def _form(swept: Swept, browsers: Browsers, person: Person, endpoint: str, act: Act) -> FoundForm:
    """The first form that leads to the endpoint, on the pages that the person may open, its own page first."""
    if act.direct:
        rule = next(swept.app.url_map.iter_rules(endpoint))
        return FoundForm(address(swept.app, rule, swept.yunqi, swept.cast))
    pages = [act.at(swept)] if act.at else _pages(swept, endpoint)
    for path in pages:
        answer = browsers.of(person).get(path)
        if answer.mimetype == "text/html":
            for form in forms_of(answer.get_data(as_text=True), path):
                if endpoint_of(swept.app, form.action) == endpoint:
                    return form
        answer.close()
    raise AssertionError(
        f"no page has a form for {endpoint}: say in ACTS on which page it is, and what has to be before"
    )


def _pages(swept: Swept, endpoint: str) -> list[str]:
    room = endpoint.partition(".")[0]
    near = {"sign_in": "account"}.get(room, room)
    found = [rule for rule, _mark in rules(swept.app, method="GET") if rule.endpoint.partition(".")[0] == near]
    own_first = sorted(found, key=lambda rule: rule.endpoint != endpoint)
    return [address(swept.app, rule, swept.yunqi, swept.cast) for rule in own_first]


def _multi(form: FoundForm) -> dict[str, list[str]]:
    data: dict[str, list[str]] = {}
    for name, value in form.fields:
        data.setdefault(name, []).append(value)
    return data


def _send(browsers: Browsers, person: Person, form: FoundForm, typed: Mapping[str, object]) -> TestResponse:
    browser = browsers.of(person)
    return browser.client.post(form.action, data={**_multi(form), **typed, "csrf_token": browser.form_token})


def _acts_recorded() -> int:
    """Without a session, as it is asked thousands of times."""
    with database().engine.connect() as connection:
        return connection.scalar(_RECORDED) or 0


def _words(answer: TestResponse) -> str:
    text = re.sub(r"<(script|style|nav|header).*?</\1>|<[^>]+>", " ", answer.get_data(as_text=True), flags=re.DOTALL)
    return f"{answer.status_code} {' '.join(text.split())[:900]}"
