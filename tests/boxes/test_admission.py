"""Threads that boxes never take: whoever finds no place is told when to come back, and people are always let through."""

import json
from collections.abc import Iterable
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from jsonschema import validate

from portal import factory
from portal.boxes.admission import COME_BACK, BoxAdmission, places_of
from portal.boxes.nonces import age_of
from portal.boxes.openapi import description
from portal.core import clock
from portal.core.settings import load_settings

CALL = "/box/v1/heartbeats"


def answering(_environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("200 OK", [])
    return (b"there",)


def breaking(_environ: WSGIEnvironment, _start_response: StartResponse) -> Iterable[bytes]:
    raise ZeroDivisionError


class Asked:
    """One request; its answer is open until it is closed, as a server's is while it writes."""

    def __init__(self, app: WSGIApplication, path: str, length: str = "200") -> None:
        self.status, self.headers = "", dict[str, str]()
        self.body: Any = app({"PATH_INFO": path, "CONTENT_LENGTH": length}, self._start)

    def _start(self, status: str, headers: list[tuple[str, str]], _info: object = None) -> Any:
        self.status, self.headers = status[:3], dict(headers)

    def end(self) -> bytes:
        data = b"".join(self.body)
        if hasattr(self.body, "close"):
            self.body.close()
        return data


def test_who_finds_no_place_is_told_when_to_come_back() -> None:
    app = BoxAdmission(answering, 2)
    taken = [Asked(app, CALL), Asked(app, CALL)]

    refused = Asked(app, CALL)
    people = Asked(app, "/e/352846102937/boxes")
    problem = json.loads(refused.end())

    assert [each.status for each in (*taken, refused, people)] == ["200", "200", "503", "200"]
    assert COME_BACK[0] <= int(refused.headers["Retry-After"]) <= COME_BACK[1]
    assert refused.headers["Content-Type"] == "application/problem+json"
    assert (problem["code"], problem["status"]) == ("unavailable", 503)
    assert age_of(refused.headers["DPoP-Nonce"], clock.now()) is not None
    validate(problem, description()["components"]["schemas"]["Problem"])


def test_a_place_is_free_again_when_its_answer_is_written() -> None:
    app = BoxAdmission(answering, 1)
    first = Asked(app, CALL)
    refused = Asked(app, CALL)

    ended = first.end()

    assert (refused.status, ended) == ("503", b"there")
    assert [Asked(app, CALL).end() for _ in range(1)] == [b"there"]
    assert Asked(app, CALL).status == "200"


def test_a_fault_gives_its_place_back() -> None:
    app = BoxAdmission(breaking, 1)

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            Asked(app, CALL)


def test_boxes_come_back_spread_out() -> None:
    app = BoxAdmission(answering, 0)

    moments = {int(Asked(app, CALL).headers["Retry-After"]) for _ in range(500)}

    assert len(moments) > 20


@pytest.mark.parametrize(("length", "closes"), [("200", False), ("16385", True), ("", True), ("-1", True)])
def test_what_is_long_is_not_read_to_its_end(length: str, closes: bool) -> None:
    refused = Asked(BoxAdmission(answering, 0), CALL, length)

    assert (refused.headers.get("Connection") == "close") == closes


@pytest.mark.parametrize(("threads", "places"), [(1, 1), (2, 1), (4, 3), (12, 9), (64, 48)])
def test_a_quarter_of_the_threads_is_for_people(threads: int, places: int) -> None:
    assert places_of(threads) == places


def test_the_server_admits_boxes(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "create_app", lambda _settings: answering)
    served = factory.create_wsgi(load_settings({"PORTAL_THREADS": "2"}))
    held = Asked(served, CALL)

    assert Asked(served, CALL).status == "503"
    held.end()
