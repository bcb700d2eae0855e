"""Every call as its description says, under what schemathesis thinks up: no server error, no answer that is not described, and most get past the proof."""

import time
from collections import Counter
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from portal.boxes.openapi import description
from portal.core.context import TenantRef
from portal.core.ids import new_id
from tests.world.building import picture
from tests.world.fleet import PHONE, BoxClient, tell_box

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
PATHS = sorted(description()["paths"])
PAST_THE_PROOF = 0.8
PROCESSOR_SECONDS = 40
EXAMPLES = 25


class Caller:
    """The hook: whoever proves each call, and knows some of what a real box knows."""

    def __init__(self, app: Flask, shops: TenantRef, box: BoxClient) -> None:
        self.app, self.shops, self.box = app, shops, box
        self.statuses: Counter[int] = Counter()
        self.picture = picture(size=(320, 180))
        self.command = tell_box(shops, "screenshot")

    def call(self, case: Any, real: bool) -> None:
        """This function will make a call with nonce, proof and token, and hold the answer against the description."""
        if real:
            self._make_real(case)
        path = case.formatted_path
        has_token = path not in {"/box/v1/lookups", "/box/v1/bindings"}
        token = self.box.token if has_token else None
        proof = self.box.proof(path, token)
        authorization = {"Authorization": f"DPoP {token}"} if token else {}
        answer = case.call(headers={"DPoP": proof, **authorization})
        self.statuses[answer.status_code] += 1
        if "dpop-nonce" in answer.headers:
            self.box.nonce = answer.headers["dpop-nonce"][0]
        if isinstance(told := _json(answer), dict) and "token" in told:
            self.box.token = told["token"]  # the one before has ended
        case.validate_response(answer, checks=CHECKS)

    def _make_real(self, case: Any) -> None:
        """Much of what is thought up ends at a check digit: some of it is to get further."""
        if isinstance(case.body, dict) and "enterprise_id" in case.body:
            case.body |= {"enterprise_id": self.shops.enterprise_id, "installer_phone": PHONE}
        if isinstance(case.body, dict) and "image" in case.body:
            case.body = {"command": self.command, "image": self.picture}
        if case.path_parameters:
            case.path_parameters["id"] = self.command


def _json(answer: Any) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None


@pytest.fixture
def caller(app: Flask, shops: TenantRef, box: BoxClient) -> Caller:
    made = Caller(app, shops, box)
    box.heartbeat()
    return made


def explore(caller: Caller, examples: int, *, derandomize: bool) -> None:
    """Every call, with bodies that fit the description and with bodies that do not."""
    schema = schemathesis.openapi.from_wsgi("/box/v1/openapi.json", caller.app)
    schema.config.generation.update(with_security_parameters=False)  # they are the hook's
    for result in schema.get_all_operations():
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            cases = result.ok().as_strategy(generation_mode=mode)

            @settings(
                max_examples=examples,
                deadline=None,
                derandomize=derandomize,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=cases, real=st.booleans())
            def run(case: Any, real: bool) -> None:
                caller.call(case, real)

            run()


def share_past_the_proof(caller: Caller) -> float:
    return 1 - caller.statuses[401] / caller.statuses.total()


def test_every_call_is_as_described_and_most_get_past_the_proof(caller: Caller) -> None:
    began = time.process_time()

    explore(caller, EXAMPLES, derandomize=True)

    assert caller.statuses.total() >= len(PATHS) * EXAMPLES
    assert share_past_the_proof(caller) >= PAST_THE_PROOF
    assert {200, 201, 202, 204, 404, 422} <= set(caller.statuses), "what is thought up stops at the door"
    assert time.process_time() - began <= PROCESSOR_SECONDS


@pytest.mark.soak
def test_every_call_is_as_described_for_long(caller: Caller) -> None:
    explore(caller, 1000, derandomize=False)

    assert share_past_the_proof(caller) >= PAST_THE_PROOF


def test_without_the_hook_nothing_gets_past_the_proof(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """The share above is worth something: with proofs that are none it falls to nothing."""
    monkeypatch.setattr(BoxClient, "proof", lambda *_args, **_more: new_id())

    explore(caller, 2, derandomize=True)

    assert share_past_the_proof(caller) < PAST_THE_PROOF
