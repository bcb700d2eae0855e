"""The nginx of deploy/ before the calls of boxes: it counts none of them by address, and answers in the portal's place as the contract says."""

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from tests.cli.test_nginx import HSTS, Answer, Front, front  # noqa: F401 - the fixture is used by its name
from tests.world.tls import free_port, nginx_before

HEARTBEATS, PLAYS = "/box/v1/heartbeats", "/box/v1/plays"
AT_ONCE = 3


@pytest.fixture
def strict(front: Front) -> Iterator[Front]:  # noqa: F811
    """One more nginx, which lets an address have one request open."""
    port = free_port()
    with nginx_before(front.installation, port, front.behind, planted={"portal_open 200": "portal_open 1"}):
        yield replace(front, port=port)


def hold(front: Front, path: str, lines: ExitStack) -> list[int]:  # noqa: F811
    """An address asks for so many requests of which the bodies are still to come; how nginx answered each: 100 where it waits for the body.

    One after the other, and asked for that answer, so that each is counted before the next: else one that came later may be first.
    """
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n"
    answers = []
    for _ in range(AT_ONCE):
        opened = socket.create_connection(("127.0.0.1", front.port), timeout=30)
        line = lines.enter_context(front.trust().wrap_socket(opened, server_hostname="localhost"))
        line.sendall(f"{head}Expect: 100-continue\r\n\r\n".encode())
        answers.append(int(line.recv(1024).split()[1]))
    return answers


def test_a_hotel_behind_one_address_comes_in_at_once_and_a_crowd_of_browsers_does_not(strict: Front) -> None:
    with ExitStack() as lines:
        boxes = hold(strict, HEARTBEATS, lines)
        browsers = hold(strict, "/account/password", lines)

    assert (boxes, browsers) == ([100, 100, 100], [100, 429, 429])


def problem(answer: Answer) -> dict[str, object]:
    assert answer.headers["content-type"] == ["application/problem+json"]
    assert answer.headers["strict-transport-security"] == [HSTS]
    told: dict[str, object] = json.loads(answer.body)
    assert told["status"] == answer.status
    return told


def test_what_is_too_large_for_nginx_is_refused_with_the_code_of_the_contract(front: Front) -> None:  # noqa: F811
    refused = front.ask(HEARTBEATS, "POST", {"Content-Length": str(4 * 1024 * 1024)}, b"x")

    assert (refused.status, problem(refused)["code"]) == (413, "too_large")


def test_boxes_are_told_to_come_back_while_the_portal_is_away(front: Front) -> None:  # noqa: F811
    port = free_port()
    with nginx_before(front.installation, port, free_port()):
        away = replace(front, port=port).ask(HEARTBEATS, "POST", {"Content-Type": "application/json"}, b"{}")

    assert (away.status, problem(away)["code"]) == (503, "unavailable")
    assert away.headers["retry-after"] == ["5"]


@pytest.mark.parametrize("kilobytes", [5, 17, 100, 300, 2900])
def test_refusal_of_a_body_reaches_the_box_whatever_was_sent(front: Front, kilobytes: int) -> None:  # noqa: F811
    """The portal refuses before it has read all; what it says must not get lost on the way."""
    headers, body = {"Content-Type": "application/json"}, b" " * (kilobytes * 1024)

    answers = [front.ask(path, "POST", headers, body) for path in (HEARTBEATS, PLAYS) for _ in range(10)]

    codes = {(answer.status, problem(answer)["code"]) for answer in answers}
    assert codes <= {(413, "too_large"), (401, "invalid_dpop_proof")}, codes
