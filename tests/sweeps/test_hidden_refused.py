"""Acts that are refused, or that answer with a page, name nothing that whoever sent them may not see."""

from collections.abc import Iterator, Mapping

import pytest
from flask import Flask

from portal.access.permissions import Permission
from portal.access.roles import Role
from portal.web.state import ctx
from tests.sweeps.conftest import Swept
from tests.sweeps.forms import Fields, endpoint_of, forms_of
from tests.sweeps.hidden import MARK, Planted, plant
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, may, rules
from tests.world.cast import Person

AS_PAGE = {"Accept": "text/html"}
BY_SCRIPTS = {"json": {"Accept": "application/json"}, "part": {**AS_PAGE, "HX-Request": "true"}}
ALSO_BY_SCRIPTS = {"empty", "late"}

Sent = Mapping[str, list[str]]


def sendings(own: list[Fields]) -> Iterator[tuple[str, Sent]]:
    """What is sent to an act: nothing, and each of its forms as it stands, without its texts, with too long ones, and of an older version."""
    yield "empty", {}
    for fields in own:
        honest: dict[str, list[str]] = {}
        for name, value in fields:
            honest.setdefault(name, []).append(value)
        yield "honest", honest
        yield "blank", {name: values if _is_mark(name) else [""] for name, values in honest.items()}
        yield "wrong", {name: values if _is_mark(name) else ["字" * 900] for name, values in honest.items()}
        yield "late", {**honest, "version": ["0"]}
        yield "stale", {name: _stale(values) for name, values in honest.items()}


def _is_mark(name: str) -> bool:
    return name in {"csrf_token", "version", "object_id", "act", "decision", "revision"} or name.endswith("_id")


def _stale(values: list[str]) -> list[str]:
    """Pairs of an id and a hash or a number, as lists send them, with another one behind the colon."""
    return [
        one.rpartition(":")[0] + ":" + ("0" * 64 if len(one.rpartition(":")[2]) == 64 else "99") if ":" in one else one
        for one in values
    ]


def answers(swept: Swept, app: Flask, person: Person, *only: str) -> Iterator[tuple[str, int, str]]:
    """The name, status and text of every answer to every act in the tenant that a person may try, or to `only` these."""
    browsers = Browsers(app)
    forms = forms_seen(swept, app, browsers, person)
    for rule, mark in rules(app, method="POST", in_tenant=True):
        assert mark.permission is not None
        if not may(person, Permission(mark.permission), swept.yunqi.house.tenant, None):
            continue
        if only and rule.endpoint not in only:
            continue
        path = address(app, rule, swept.yunqi, swept.cast)
        for name, sent in sendings(forms.get(rule.endpoint, [])[:2]):
            for asked, headers in {"page": AS_PAGE, **(BY_SCRIPTS if name in ALSO_BY_SCRIPTS else {})}.items():
                data = {**sent, "csrf_token": browsers.of(person).form_token}
                answer = browsers.of(person).client.post(path, data=data, headers=headers)
                text = answer.get_data().decode(errors="replace")
                if answer.status_code in {302, 303}:  # what is said on the next page
                    text = browsers.of(person).get(answer.headers["Location"]).get_data().decode(errors="replace")
                yield f"{rule.endpoint} {name} {asked}", answer.status_code, text


def forms_seen(swept: Swept, app: Flask, browsers: Browsers, person: Person) -> dict[str, list[Fields]]:
    """The fields of the forms that the person finds on the tenant's pages, by the endpoint they lead to."""
    found: dict[str, list[Fields]] = {}
    for rule, mark in rules(app, method="GET", in_tenant=True):
        assert mark.permission is not None
        if may(person, Permission(mark.permission), swept.yunqi.house.tenant, None):
            path = address(app, rule, swept.yunqi, swept.cast)
            answer = browsers.of(person).get(path)
            if answer.mimetype == "text/html":
                for form in forms_of(answer.get_data(as_text=True), path):
                    found.setdefault(endpoint_of(app, form.action) or "", []).append(form.fields)
            answer.close()
    return found


def told(swept: Swept, app: Flask, person: Person, planted: Planted, *only: str) -> dict[str, int]:
    """The answers that name something hidden, and those that are no answer."""
    return {
        name: status
        for name, status, text in answers(swept, app, person, *only)
        if status >= 500 or any(sign in text for sign in planted.signs)
    }


@pytest.mark.usefixtures("nothing_kept")
@pytest.mark.parametrize("who", ["editor", "group_editor", "reviewer"])
def test_refused_act_names_nothing_hidden(swept: Swept, who: str) -> None:
    planted = plant(swept.yunqi, Role.TENANT_EDITOR, Role.GROUP_EDITOR, Role.CENTER_REVIEWER)
    person = swept.cast.reviewer if who == "reviewer" else getattr(swept.yunqi.house, who)

    assert told(swept, swept.app, person, planted) == {}


@pytest.mark.usefixtures("nothing_kept")
def test_page_drawn_with_what_a_command_knows_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: pages that answer an act are drawn from everything that is there."""
    planted = plant(swept.yunqi, Role.TENANT_EDITOR, Role.CENTER_REVIEWER)
    monkeypatch.setattr("portal.web.state.begin_drawing", lambda session: None)
    monkeypatch.setattr("portal.core.database.begin_drawing", lambda session: None)
    monkeypatch.setattr("portal.web.state.may_draw", lambda session: True)

    editor = told(swept, swept.app, swept.yunqi.house.editor, planted, "review.submit", "slots.edit", "slots.new")
    reviewer = told(swept, swept.app, swept.cast.reviewer, planted, "desk.decision")

    assert {name.partition(" ")[0] for name in [*editor, *reviewer]} == {
        "review.submit",
        "slots.edit",
        "slots.new",
        "desk.decision",
    }


@pytest.mark.usefixtures("nothing_kept")
def test_view_that_forgets_to_ask_is_stopped(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: a view draws its page from what it found as a writer. Nothing is shown, and the sweep says so."""
    planted = plant(swept.yunqi, Role.TENANT_EDITOR)
    monkeypatch.setattr("portal.review.views.drawing", ctx)
    editor = swept.yunqi.house.editor

    names = [text for _name, _status, text in answers(swept, swept.app, editor, "review.submit")]
    wrong = told(swept, swept.app, editor, planted, "review.submit")

    assert wrong == {"review.submit wrong page": 500}
    assert not any(MARK in text for text in names)
