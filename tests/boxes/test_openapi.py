"""The description that is shipped says what the calls do."""

from typing import Any

import pytest
from flask import Flask
from jsonschema import Draft202012Validator

from portal.boxes.openapi import description
from portal.core.context import TenantRef
from tests.boxes.test_intake import HEARTBEAT
from tests.world.fleet import PHONE, BoxClient, new_box


def test_every_call_is_described_and_nothing_else(app: Flask) -> None:
    rules = {
        rule.rule.replace("<command_id>", "{id}")
        for rule in app.url_map.iter_rules()
        if rule.endpoint.startswith("box_calls.")
    }

    assert set(description()["paths"]) == rules


def test_the_description_is_served_to_everybody_without_a_cookie(app: Flask) -> None:
    answer = app.test_client().get("/box/v1/openapi.json")

    assert (answer.status_code, answer.json) == (200, description())
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_the_page_beside_it_names_every_call(app: Flask, language: str) -> None:
    shown = app.test_client().get("/box/v1/openapi.html", headers={"Accept-Language": language}).get_data(as_text=True)

    assert all(path in shown for path in description()["paths"])


def answers(app: Flask, shops: TenantRef, box: BoxClient) -> dict[str, Any]:
    return {
        "/box/v1/lookups": box.look_up(shops.enterprise_id, PHONE),
        "/box/v1/bindings": new_box(app).bind(shops.enterprise_id, PHONE),
        "/box/v1/heartbeats": box.heartbeat(),
        "/box/v1/plays": box.play([]),
    }


def test_what_comes_back_is_as_described(app: Flask, shops: TenantRef, box: BoxClient) -> None:
    for path, answer in answers(app, shops, box).items():
        told = description()["paths"][path]["post"]["responses"][str(answer.status)]
        Draft202012Validator(told["content"]["application/json"]["schema"]).validate(answer.body)


def test_problems_are_as_described(shops: TenantRef, box: BoxClient) -> None:
    problem = Draft202012Validator(description()["components"]["schemas"]["Problem"])

    for answer in (
        box.call("/box/v1/heartbeats", {}, token=box.token),
        box.look_up(shops.enterprise_id, "13900139000"),
    ):
        problem.validate(answer.body)


def test_what_the_schema_takes_the_call_takes(shops: TenantRef, box: BoxClient) -> None:
    schemas = description()["components"]
    whole = {"$ref": "#/components/schemas/Heartbeat", "components": schemas}

    assert Draft202012Validator(whole).is_valid(HEARTBEAT)
    assert not Draft202012Validator(whole).is_valid({**HEARTBEAT, "more": 1})
    assert not Draft202012Validator(whole).is_valid({**HEARTBEAT, "count": "1"})
