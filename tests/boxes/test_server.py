"""Boxes in front of the portal as it runs: two server processes on one database, a restart, and everything that strangers send."""

import contextlib
import gzip
import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.cli.simulation.box import Answer
from portal.core.ids import new_id
from tests.world.boxes import PATH as BOX_PY
from tests.world.boxes import Rejected
from tests.world.boxes import full as shipped
from tests.world.fleet import PHONE
from tests.world.front import Front, answer_of, line_to
from tests.world.threads import at_once

LOOKUPS, BINDINGS, HEARTBEATS, PLAYS = (f"/box/v1/{name}" for name in ("lookups", "bindings", "heartbeats", "plays"))
JSON = {"Content-Type": "application/json"}
MEGABYTES_100 = 100 * 1024 * 1024


def test_a_replay_is_refused_by_both_workers_and_after_a_restart(front: Front) -> None:
    """The proof of one call, sent again on new connections until both processes have had it, and once more after a restart."""
    box = front.new_box()
    box.once(LOOKUPS, b"{}", JSON)
    headers = {**JSON, "DPoP": box.proof(LOOKUPS), "Content-Length": str(len(front.asked()))}
    codes: dict[int, list[str]] = {}

    def call() -> tuple[int, Answer]:
        with socket.create_connection(("127.0.0.1", front.server.port), timeout=60) as line:
            head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
            line.sendall(f"POST {LOOKUPS} HTTP/1.1\r\nHost: localhost\r\n{head}\r\n".encode() + front.asked())
            answer = answer_of(line)
            return front.server.server_of(line), answer

    _, first = call()
    deadline = time.monotonic() + 60
    while len(codes) < 2 and time.monotonic() < deadline:
        answered = at_once_answers(call, 4)
        for worker, answer in answered:
            codes.setdefault(worker, []).append(answer.code)
    front.server.stop()
    front.server.start()
    _, later = call()

    assert first.status == 200
    assert len(codes) == 2, "the second worker never answered"
    assert {code for found in codes.values() for code in found} == {"proof_replayed"}
    assert (later.status, later.code) == (401, "proof_replayed")


def at_once_answers(call: Callable[[], Any], times: int) -> list[Any]:
    """What several calls at one moment return; so they spread over the workers."""
    answers: list[Any] = []
    at_once(*[lambda: answers.append(call())] * times)
    return answers


HUGE = {
    "that says so": ({"Content-Length": str(MEGABYTES_100)}, False),
    "in pieces": ({"Transfer-Encoding": "chunked"}, True),
}


@pytest.mark.parametrize("path", [LOOKUPS, HEARTBEATS, PLAYS, "/box/v1/screenshots"])
@pytest.mark.parametrize(("how", "chunked"), HUGE.values(), ids=HUGE.keys())
def test_a_hundred_megabytes_are_neither_taken_nor_held(
    front: Front, path: str, how: dict[str, str], chunked: bool
) -> None:
    box, before = front.box, front.server.peak_kilobytes()
    kind = {"Content-Type": "multipart/form-data; boundary=x"} if path.endswith("screenshots") else JSON
    token = None if path == LOOKUPS else box.token
    headers = {**kind, **how, "DPoP": box.proof(path, token)} | ({"Authorization": f"DPoP {token}"} if token else {})
    piece = b" " * 65536
    body = b"10000\r\n" + piece + b"\r\n" if chunked else piece

    answer, sent = front.raw(path, headers, iter([body] * (MEGABYTES_100 // len(piece))))

    assert (answer.status, answer.code) == (413, "too_large")
    assert sent < MEGABYTES_100 // 5  # what lies in buffers between the two, not what was read
    assert front.server.peak_kilobytes() - before < 32 * 1024


MALFORMED = {
    "a depth of 100,000": (PLAYS, b"[" * 100_000 + b"]" * 100_000),
    "a depth of 20,000 objects": (PLAYS, b'{"a":' * 20_000 + b"1" + b"}" * 20_000),
    "a key twice": (HEARTBEATS, b'{"count":1,"count":2}'),
    "NaN": (HEARTBEATS, b'{"count":NaN}'),
    "a number beyond every size": (HEARTBEATS, b'{"count":1e999}'),
    "5,000 digits": (HEARTBEATS, b'{"count":' + b"9" * 5_000 + b"}"),
    "Latin-1": (HEARTBEATS, '{"firmware":"é"}'.encode("latin-1")),
    "UTF-16": (HEARTBEATS, '{"firmware":"x"}'.encode("utf-16")),
}


@pytest.mark.parametrize(("path", "data"), MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_json_is_malformed_and_costs_nothing(front: Front, path: str, data: bytes) -> None:
    box, began = front.box, time.monotonic()

    answer = box.request(path, data, JSON, token=box.token)

    assert (answer.status, answer.code) == (400, "malformed")
    assert time.monotonic() - began < 30


WRONG_TYPES = {
    "gzip": {**JSON, "Content-Encoding": "gzip"},
    "deflate": {**JSON, "Content-Encoding": "deflate"},
    "another character set": {"Content-Type": "application/json; charset=gb18030"},
    "text": {"Content-Type": "text/plain"},
}


@pytest.mark.parametrize("headers", WRONG_TYPES.values(), ids=WRONG_TYPES.keys())
def test_bombs_and_other_character_sets_are_not_opened(front: Front, headers: dict[str, str]) -> None:
    box, before = front.box, front.server.peak_kilobytes()
    bomb = gzip.compress(b" " * MEGABYTES_100, 9)

    answer = box.request(PLAYS, bomb, headers, token=box.token)

    assert (answer.status, answer.code) == (415, "unsupported_media_type")
    assert front.server.peak_kilobytes() - before < 32 * 1024


def test_a_token_is_worth_nothing_with_another_key(front: Front) -> None:
    box, thief = front.box, front.new_box()
    thief.token = box.token

    assert thief.heartbeat().code == "invalid_token"


def test_what_concerns_other_boxes_is_not_found(front: Front) -> None:
    other = front.bound("BOX-OTHER")

    assert other.done(front.command).status == 404
    assert other.screenshot(front.command, b"\x89PNG").status == 404
    assert other.heartbeat().body["commands"] == []


def test_plays_of_the_future_and_of_what_was_never_sent_do_not_count(front: Front) -> None:
    box, now = front.box, datetime.now(UTC)

    def play(at: datetime, item: str) -> dict[str, Any]:
        moment = at.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"list": "ads", "id": item, "started_at": moment, "seconds": 1, "completed": True}

    plays = [play(now, new_id()), play(now + timedelta(days=1), new_id()), play(now - timedelta(days=99), new_id())]

    assert box.play(plays).body == {"accepted": 0, "rejected": 3, "duplicate": 0}


def test_a_batch_counts_once_and_not_with_other_bytes(front: Front) -> None:
    box, batch = front.box, new_id()
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    plays = [{"list": "ads", "id": "x", "started_at": at, "seconds": 1, "completed": True}]

    answers = [box.play(plays, batch), box.play(plays, batch), box.play([*plays, *plays], batch)]

    assert [answer.status for answer in answers] == [202, 202, 409]
    assert answers[1].body == {"accepted": 0, "rejected": 0, "duplicate": 1}
    assert answers[2].code == "batch_changed"


def test_a_binding_that_is_replayed_doubled_or_raced_binds_once(front: Front) -> None:
    box = front.new_box(serial="BOX-RACED")
    box.once(BINDINGS, b"{}", JSON)
    about = {"serial": box.serial, "model": box.model, "firmware": box.firmware}
    data = json.dumps({"enterprise_id": front.tenant.enterprise_id, "installer_phone": PHONE, **about}).encode()
    proof = box.proof(BINDINGS)

    def once(given: str | None) -> Answer:
        own = copy(box)
        own.send = line_to(front.server)
        return own.once(BINDINGS, data, JSON, proof=given)

    with_one_proof = at_once_answers(lambda: once(proof), 4)
    with_their_own = at_once_answers(lambda: once(None), 4)
    thief = front.new_box(serial="BOX-RACED").bind(front.tenant.enterprise_id, PHONE)

    assert sorted(answer.status for answer in with_one_proof) == [201, 401, 401, 401]
    assert {answer.code for answer in with_one_proof} == {"", "proof_replayed"}
    assert [answer.status for answer in with_their_own] == [200] * 4
    assert len({answer.body["box_id"] for answer in [*with_their_own, *with_one_proof] if answer.status < 400}) == 1
    assert (thief.status, thief.code) == (409, "serial_bound")
    held = copy(box)
    held.send = line_to(front.server)
    alive = []
    for answer in with_their_own:
        held.token = answer.body["token"]
        alive.append(held.heartbeat().status)
    assert sorted(alive) == [200, 401, 401, 401]  # of all tokens the last one holds


def test_the_box_of_a_hundred_lines_binds_verifies_downloads_and_reports(front: Front, tmp_path: Path) -> None:
    """The program as docs/boxes.md tells one to start it: at first, and again."""
    told = [front.server.url, str(tmp_path), front.tenant.enterprise_id, PHONE, "BOX-IN-ONE-FILE"]

    runs = [
        subprocess.run([sys.executable, BOX_PY, *told], capture_output=True, text=True, check=False) for _ in range(2)
    ]

    memory = json.loads((tmp_path / "memory.json").read_bytes())
    assert [(run.returncode, run.stdout) for run in runs] == [(0, "['欢迎光临']\n")] * 2, runs
    assert (tmp_path / memory["release"]).exists()
    assert (memory["sequence"], memory["faults"]) == (1, [])


def test_the_fuller_box_reports_what_it_played_and_what_it_rejected(front: Front, tmp_path: Path) -> None:
    box = bound_box(front, tmp_path, "BOX-PLAYS")
    at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    line = box.poll()["marquee"][0]["id"]
    plays = [{"list": "marquee", "id": line, "started_at": at, "seconds": 3, "completed": True}]
    batch = new_id()

    counted = [box.played(plays, batch), box.played(plays, batch)]
    box.report(Rejected("old_sequence"))
    told = box.beat()

    assert counted == [
        {"accepted": 1, "rejected": 0, "duplicate": 0},
        {"accepted": 0, "rejected": 0, "duplicate": 1},
    ]
    assert (told["commands"], box.memory["faults"]) == ([], [])


def test_a_pointer_that_is_older_than_what_a_box_took_changes_nothing(front: Front, tmp_path: Path) -> None:
    """Whoever holds the web server puts yesterday's pointer there, signatures and all."""
    box = bound_box(front, tmp_path, "BOX-ROLLED-BACK")
    shown = box.poll()
    box.remember(sequence=box.memory["sequence"] + 1)  # it has seen a newer one

    with pytest.raises(Rejected) as rejected:
        box.poll()

    assert rejected.value.args[0] == "old_sequence"
    assert box.download("", box.memory["release"])  # what it shows is still there
    assert shown["marquee"][0]["text"] == "欢迎光临"


def test_a_box_whose_token_ended_keeps_nothing_but_its_key(front: Front, tmp_path: Path) -> None:
    """The key is bound once more from somewhere else, which ends the token."""
    box = bound_box(front, tmp_path, "BOX-ENDED")
    box.poll()
    twin_folder = tmp_path / "twin"
    shutil.copytree(tmp_path, twin_folder, ignore=lambda *_: {"twin"})
    twin = shipped.FullBox(front.server.url, twin_folder)
    twin.bind(enterprise_id=front.tenant.enterprise_id, installer_phone=PHONE, serial="BOX-ENDED")

    with pytest.raises(Rejected) as rejected:
        box.beat()

    assert rejected.value.args[0] == "token_ended"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["memory.json"]
    assert (box.memory["token"], box.memory["key"]) == ("", twin.memory["key"])
    assert twin.beat()["sequence"] == 1


def bound_box(front: Front, folder: Path, serial: str) -> Any:
    """The fuller box of docs/, bound to the portal that runs."""
    box = shipped.FullBox(front.server.url, folder)
    box.bind(enterprise_id=front.tenant.enterprise_id, installer_phone=PHONE, serial=serial)
    box.beat()
    return box


def test_a_refusal_says_whether_the_connection_stays_open_and_keeps_to_it(front: Front) -> None:
    """A box that was told to keep the connection, and finds it closed, loses its next call."""
    box, refused = front.box, {}
    wanted = {"too large": ({}, 300 * 1024), "a proof that fails": ({"DPoP": "x"}, 200 * 1024)}
    for name, (headers, size) in wanted.items():
        proven = {"DPoP": box.proof(PLAYS, box.token), "Authorization": f"DPoP {box.token}", **JSON, **headers}
        line = http.client.HTTPConnection("127.0.0.1", front.server.port, timeout=60)
        with contextlib.closing(line):
            line.request("POST", PLAYS, b" " * size, proven)
            answer = line.getresponse()
            answer.read()
            stays = not answer.will_close
            if stays:
                line.request("GET", "/box/v1/openapi.json")
                stays = line.getresponse().status == 200
        refused[name] = (answer.status, stays)

    assert refused == {"too large": (413, False), "a proof that fails": (401, True)}
