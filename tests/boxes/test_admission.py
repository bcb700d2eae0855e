"""Threads that boxes never take: whoever finds no place is told when to come back, and people are always let through."""

import json
import os
import socket
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

import pytest
from flask import Flask
from jsonschema import validate

from portal import factory
from portal.boxes.admission import COME_BACK, BoxAdmission, places_of, room_beside
from portal.boxes.nonces import age_of
from portal.boxes.openapi import description
from portal.cli.server import Server
from portal.core import clock
from portal.core.settings import load_settings
from tests.world.threads import at_once

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


def test_who_finds_no_place_waits_for_one_in_the_order_of_coming() -> None:
    app = BoxAdmission(answering, 1, room=2, patience=30)
    first, served = Asked(app, CALL), list[str]()

    def come(name: str) -> None:
        asked = Asked(app, CALL)
        served.append(f"{name} {asked.status}")
        asked.end()

    waiting = []
    for number, name in enumerate(("second", "third"), start=1):
        waiting.append(threading.Thread(target=come, args=(name,)))
        waiting[-1].start()
        while len(app._waiting) < number:  # noqa: SLF001 - until it stands there
            time.sleep(0.001)
    fourth, people = Asked(app, CALL), Asked(app, "/e/352846102937/boxes")
    first.end()
    for thread in waiting:
        thread.join(30)

    assert (fourth.status, people.status) == ("503", "200")
    assert served == ["second 200", "third 200"]
    assert Asked(app, CALL).status == "200"


def test_who_waits_in_vain_is_sent_away_and_leaves_its_room_to_others() -> None:
    app = BoxAdmission(answering, 1, room=1, patience=0.01)
    first = Asked(app, CALL)

    statuses = [Asked(app, CALL).status for _ in range(3)]
    first.end()

    assert statuses == ["503"] * 3
    assert Asked(app, CALL).status == "200"


def test_places_are_neither_lost_nor_made_by_those_who_wait_too_long() -> None:
    """Many come and go around the very moment at which their patience ends."""
    app = BoxAdmission(slow, 2, room=4, patience=0.002)

    def come() -> None:
        for _ in range(60):
            Asked(app, CALL).end()

    ended = at_once(*[come] * 8)

    assert ended == [None] * 8
    held = [Asked(app, CALL) for _ in range(3)]
    assert [each.status for each in held] == ["200", "200", "503"]


def slow(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    time.sleep(0.002)
    return answering(environ, start_response)


def test_the_server_has_threads_for_those_who_wait(tmp_path: Path) -> None:
    settings = load_settings({"PORTAL_THREADS": "4", "PORTAL_INSTANCE_DIR": str(tmp_path)})

    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = Server(settings, listener, lambda _: answering, 0)

    assert server.cfg.threads == 4 + room_beside(4)
    os.close(server._descriptor)  # noqa: SLF001 - the server has taken the listener's


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
