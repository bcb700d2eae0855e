"""The doors of modules, on every address behind one: what the matrix says is asked, is asked, and before anything is done."""

from collections.abc import Mapping
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update
from werkzeug.routing import Rule

from portal.accounts.models import UserSession
from portal.core import clock
from portal.core import database as databases
from portal.web.access import Mark
from portal.web.pipeline import TENANT_ARGUMENT
from tests.sweeps.conftest import Swept
from tests.sweeps.test_acts import _acts_recorded
from tests.sweeps.test_pages import _somebody
from tests.sweeps.world import address, people, rules, written_matrix
from tests.world.browser import Browser
from tests.world.cast import Person

JSON = {"Accept": "application/json"}


class Unvouched:
    """One browser for each person, signed in long ago, in which nothing was proven since and no page code was typed."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._open: dict[str, Browser] = {}

    def of(self, person: Person) -> Browser:
        """This function will return the person's browser."""
        if person.username not in self._open:
            self._open[person.username] = Browser(self._app, person, vouched=False)
        return self._open[person.username]


@pytest.mark.usefixtures("nothing_kept")
def test_every_door_asks_what_the_matrix_says(swept: Swept) -> None:
    browsers = Unvouched(swept.app)
    for person in people(swept.cast, swept.cast.yunqi):
        browsers.of(person)
    _age_sessions()
    before = _acts_recorded()

    asked = _asked(swept, browsers)

    expected = {(rule.endpoint, method): _written(rule) for rule, mark in _guarded(swept) for method in _methods(rule)}
    assert asked == expected
    assert _acts_recorded() == before


def test_door_that_is_forgotten_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: one view says that it lies in no module."""
    rule, mark = next((rule, mark) for rule, mark in _guarded(swept) if rule.endpoint == "modules.index")
    view = swept.app.view_functions[rule.endpoint]
    monkeypatch.setattr(view, "__portal_access__", Mark(mark.audience, mark.permission, mark.feature))

    assert Unvouched(swept.app).of(swept.cast.app_admin).get("/admin/modules", headers=JSON).status_code == 200


def _guarded(swept: Swept) -> list[tuple[Rule, Mark]]:
    return [(rule, mark) for rule, mark in rules(swept.app) if _row(rule)["door"]]


def _methods(rule: Rule) -> list[str]:
    return sorted({"GET", "POST"} & (rule.methods or set()))


def _row(rule: Rule) -> Mapping[str, str]:
    return written_matrix()[rule.endpoint, " ".join(sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}))]


def _written(rule: Rule) -> str | None:
    """The code of what the door asks of somebody who signed in long ago at the role's level, without any trouble."""
    row = _row(rule)
    if row["minutes"]:
        return "step_up_required"
    return "captcha_required" if row["page_code"] == "always" else None


def _asked(swept: Swept, browsers: Unvouched) -> dict[tuple[str, str], str | None]:
    found = {}
    for rule, mark in _guarded(swept):
        assert mark.permission is not None
        person = _somebody(swept, mark.permission, in_tenant=TENANT_ARGUMENT in rule.arguments)
        path = address(swept.app, rule, swept.yunqi, swept.cast)
        for method in _methods(rule):
            browser = browsers.of(person)
            fetch = browser.get if method == "GET" else browser.post
            answer = fetch(path, headers=JSON)
            code = (answer.get_json(force=True, silent=True) or {}).get("code")
            found[rule.endpoint, method] = code if code in {"step_up_required", "captcha_required"} else None
            answer.close()
    return found


def _age_sessions() -> None:
    """Everybody signed in so long ago that no door with a time takes it any more, and has been active all the time."""
    longest = max(int(row["minutes"]) for row in written_matrix().values() if row["minutes"])
    since = clock.now() - timedelta(minutes=longest + 1)
    with databases.database().engine.begin() as connection:
        connection.execute(update(UserSession).values(authenticated_at=since))
