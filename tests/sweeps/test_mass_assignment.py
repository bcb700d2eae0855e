"""Fields that no form has, sent along with every form: role, tenant, level, status, price and more. Nothing of it is taken."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask, request
from sqlalchemy import select

from portal.access.checks import ask
from portal.access.permissions import Permission
from portal.accounts.models import User
from portal.audit.events import Event
from portal.audit.log import Target, record
from portal.core import database as databases
from portal.core import unit_of_work
from portal.core.database import Database
from portal.core.models import Base
from portal.web.access import needs
from portal.web.state import ctx, state
from tests.conftest import put_in_place
from tests.sweeps.acts import ACTS, Act
from tests.sweeps.conftest import Swept
from tests.sweeps.forms import FoundForm
from tests.sweeps.test_acts import _form, _multi, _posts, _who_may
from tests.sweeps.test_tenancy import Browsers

EXTRA = {
    "role": "security_admin",
    "staff_role": "security_admin",
    "auth_level": "3",
    "level": "3",
    "auth_method": "passkey",
    "status": "published",
    "state": "published",
    "price": "0.01",
    "settlement": "0.01",
    "author_id": "00000000-0000-7000-8000-000000000000",
    "user_id": "00000000-0000-7000-8000-000000000000",
    "tenant_id": "00000000-0000-7000-8000-000000000000",
    "province_code": "31",
    "features": "live",
    "boxes": "999999",
    "approved": "1",
    "urgent": "1",
    "disabled_at": "2026-01-01",
    "password_hash": "planted",
    "version": "1",
}
PROTECTED = frozenset(EXTRA) - {"version"} | {
    "owner_province",
    "kind",
    "offering_code",
    "group_id",
    "ended_at",
    "expires_at",
}
# Fields that a form has without showing them in every case: whoever sends one is answered, not overheard.
OWN = {"review.submit": {"urgent"}}  # shown where one marquee is handed in alone, refused for anything else

Shape = Mapping[str, Counter[str]]


def shape_of(opened: Database) -> Shape:
    """Every protected column with its values and how often each stands there; what is new in a run is called so."""
    found: dict[str, Counter[str]] = {}
    with opened.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            columns = [column for column in table.columns if column.name in PROTECTED]
            if not columns or "audit" in table.name or table.name in unit_of_work.TELEMETRY:
                continue
            rows = connection.execute(select(*columns)).all()
            for place, column in enumerate(columns):
                found[f"{table.name}.{column.name}"] = Counter(_named(column.name, row[place]) for row in rows)
    return found


def _named(column: str, value: Any) -> str:
    if column.endswith("_at"):
        return "set" if value is not None else "empty"
    if column == "password_hash":
        return str(value) if value == EXTRA[column] else "a hash"
    if column.endswith("_id") and value != EXTRA.get(column):
        return "an id" if value is not None else "empty"
    return str(value)


def act(
    swept: Swept, endpoint: str, extra: Mapping[str, str], form: FoundForm | None = None
) -> tuple[Shape, FoundForm]:
    """The shape of the database after the endpoint's act, sent by its owner with `extra` beside the form's own fields, and the form.

    A form that was found in the same world need not be looked for again, unless something had to be done before that made new ids.
    """
    own = replace(swept, yunqi=replace(swept.yunqi, ids=dict(swept.yunqi.ids)))
    how, browsers = ACTS.get(endpoint, Act()), Browsers(own.app)
    how.before(own)
    person = how.who(own) if how.who else _who_may(own, endpoint)
    if form is None or how.before is not Act().before:
        form = _form(own, browsers, person, endpoint, how)
    sent = {**_multi(form), **how.typed(own)}
    browser = browsers.of(person)
    more = {name: value for name, value in extra.items() if name not in {*sent, *OWN.get(endpoint, ())}}
    browser.client.post(form.action, data={**sent, **more, "csrf_token": browser.form_token})
    return shape_of(databases.database()), form


@pytest.mark.parametrize("endpoint", _posts())
def test_act_takes_no_field_that_its_form_has_not(
    swept: Swept, filled_template: tuple[Path, Any, Any, Any], endpoint: str
) -> None:
    honest, form = act(swept, endpoint, {})
    put_in_place(filled_template[0] / "portal.db", databases.database())

    greedy, _ = act(swept, endpoint, EXTRA, form)

    assert {name: greedy[name] for name in greedy if greedy[name] != honest[name]} == {}


def test_view_that_takes_whatever_comes_would_be_seen(planting: Flask, swept: Swept) -> None:
    """The fault planted: fields of the request become attributes of the person."""

    def greedy() -> str:
        context = ctx()
        ask(context, Permission.SELF_MANAGE)
        user = context.session.get_one(User, state().actor.user_id)
        user.staff_role = request.form["staff_role"]
        record(context, Event.USER_CHANGED, Target("user", user.id, user.username), fields=["staff_role"])
        return "done"

    planting.add_url_rule("/planted", "planted", needs(Permission.SELF_MANAGE)(greedy), methods=["POST"])
    browser = Browsers(planting).of(swept.cast.support)
    before = shape_of(databases.database())

    assert browser.post("/planted", EXTRA).status_code == 200

    changed = {name for name, values in shape_of(databases.database()).items() if values != before[name]}
    assert changed == {"users.staff_role"}
