"""The second door: one tenant's things by their ids, at every address of the other tenant, and by lists, searches and exports."""

import pytest
from flask import Flask

from portal.access import policy
from portal.access.policy import Where
from portal.core.database import system_session
from portal.media import queries as media_queries
from portal.media.models import MediaAsset
from portal.media.states import Purpose
from tests.attacks.log import newest, recorded
from tests.sweeps.conftest import Swept
from tests.sweeps.test_tenancy import Browsers
from tests.sweeps.world import address, owner_of, rules
from tests.world import building
from tests.world.browser import Browser


def test_lists_searches_and_files_of_a_tenant_hold_nothing_of_another(swept: Swept) -> None:
    """Every page of the other tenant, asked for what only this one has: its names and ids stand on none."""
    house = swept.cast.jiangzhou
    browsers, leaks = Browsers(swept.app), {}
    ids = {value for value in swept.yunqi.ids.values() if len(value) >= 32} - set(swept.jiangzhou.ids.values())
    for rule, mark in rules(swept.app, method="GET", in_tenant=True):
        assert mark.permission is not None
        person = owner_of(swept.cast, house, mark.permission)
        if person.tenant is None:  # the center's own pages about a tenant show the queue of all of them
            continue
        path = address(swept.app, rule, swept.jiangzhou, swept.cast)
        query = {"q": "云栖", "tenant": swept.yunqi.house.tenant.enterprise_id, "customer": "云栖"}
        text = browsers.of(person).get(path, query_string=query, buffered=True).data.decode(errors="replace")
        found = [one for one in (*ids, "云栖酒店") if one in text.replace('value="云栖"', "")]
        if found:
            leaks[rule.endpoint] = found
    assert leaks == {}


def test_file_of_another_tenant_answers_like_a_made_up_one(swept: Swept) -> None:
    stranger = Browser(swept.app, swept.cast.jiangzhou.admin)
    foreign = building.add_picture(swept.yunqi.house.tenant, Purpose.ITEM, (7, 77, 177))

    answers = [stranger.get(f"{swept.cast.jiangzhou.path}/media/file/{one}") for one in (foreign, "0" * 64)]

    assert (
        Browser(swept.app, swept.cast.yunqi.admin)
        .get(f"{swept.cast.yunqi.path}/media/file/{foreign}", buffered=True)
        .status_code
        == 200
    )
    assert [(one.status_code, len(one.data)) for one in answers] == [(404, len(answers[1].data))] * 2


def test_file_that_is_looked_for_everywhere_would_be_seen(swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: a file is found by its hash alone, whosoever it is."""
    with system_session(reason="a test looks for files") as session:
        row = session.query(MediaAsset).filter(MediaAsset.tenant_id == swept.yunqi.house.tenant.id).first()
        assert row is not None
        sha256, info = row.sha256, media_queries.asset_info(row)
    rendition = next(one for one in info.files if one.sha256 == sha256)
    monkeypatch.setattr(media_queries, "find_rendition", lambda _session, _sha256: rendition)

    answer = Browser(swept.app, swept.cast.jiangzhou.admin).get(
        f"{swept.cast.jiangzhou.path}/media/file/{sha256}", buffered=True
    )

    assert answer.status_code == 200


def test_support_session_of_one_tenant_opens_no_other(swept: Swept) -> None:
    browser = Browser(swept.app, swept.cast.support)
    assert browser.post(f"{swept.cast.yunqi.path}/support/new", {"reason": "排查"}).status_code == 303
    before = newest()

    own, other = (
        browser.get(f"{house.path}/content/logo/").status_code for house in (swept.cast.yunqi, swept.cast.jiangzhou)
    )

    assert (own, other) == (200, 403)
    assert recorded("denied", since=before) == ["access.denied"]


def test_support_without_a_session_would_be_seen(app: Flask, swept: Swept, monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault planted: support reaches every tenant, session or not."""
    table = {permission: dict(holders) for permission, holders in policy.POLICY.items()}
    for holders in table.values():
        for role, where in holders.items():
            if where is Where.SUPPORTED:
                holders[role] = Where.ANY_TENANT
    monkeypatch.setattr(policy, "POLICY", table)

    assert Browser(app, swept.cast.support).get(f"{swept.cast.jiangzhou.path}/content/logo/").status_code == 200
