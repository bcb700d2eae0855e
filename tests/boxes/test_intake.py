"""What a call's body may be: bounded before it is read, strict, and answered with problems that are never pages."""

import gzip
import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.boxes.errors import Malformed
from portal.boxes.strict_json import read_object
from portal.core.context import TenantRef
from tests.world.fleet import PHONE, BoxClient, new_box

JSON = {"Content-Type": "application/json"}
LOOKUPS = "/box/v1/lookups"
SERVER_TAKES = 64 * 1024
SIZES = {
    "/box/v1/lookups": 4 * 1024,
    "/box/v1/bindings": 4 * 1024,
    "/box/v1/heartbeats": 16 * 1024,
    "/box/v1/plays": 256 * 1024,
}
CALLS = [*SIZES, "/box/v1/screenshots", "/box/v1/commands/01890000-0000-7000-8000-000000000001/done"]


def nested(levels: int) -> bytes:
    return b'{"a":' * (levels - 1) + b"{}" + b"}" * (levels - 1)


MALFORMED = {
    "nothing": b"",
    "no JSON": b"enterprise_id=1",
    "cut off": b'{"enterprise_id":"1',
    "two values": b"{}{}",
    "an array": b"[]",
    "text": b'"x"',
    "null": b"null",
    "a key twice": b'{"enterprise_id":"1","enterprise_id":"2"}',
    "a key twice further in": b'{"a":[{"b":1,"b":1}]}',
    "NaN": b'{"a":NaN}',
    "Infinity": b'{"a":-Infinity}',
    "a number beyond every size": b'{"a":1e999}',
    "17 levels": nested(17),
    "1,000 arrays": b'{"a":' + b"[" * 1000 + b"]" * 1000 + b"}",
    "1,000 that never close": b"[" * 1000,
    "Latin-1": '{"a":"é"}'.encode("latin-1"),
    "UTF-16": '{"a":1}'.encode("utf-16"),
    "a byte order mark": b"\xef\xbb\xbf{}",
    "half a character": b'{"a":"\xe4\xba"}',
    "an overlong slash": b'{"a":"\xc0\xaf"}',
    "a control character": b'{"a":"\x01"}',
}


@pytest.mark.parametrize("data", MALFORMED.values(), ids=MALFORMED.keys())
def test_what_is_no_object_is_malformed(box: BoxClient, data: bytes) -> None:
    answer = box.request(LOOKUPS, data, JSON)

    assert (answer.status, answer.code) == (400, "malformed")
    assert answer.body["type"] == "about:blank"
    assert answer.body["title"] == "Bad Request"
    assert answer.body["status"] == 400


def test_a_depth_of_a_hundred_thousand_and_a_number_of_5_000_digits_cost_nothing() -> None:
    for data in (b'{"a":' + b"9" * 5_000 + b"}", b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000):
        with pytest.raises(Malformed):
            read_object(data)


def test_sixteen_levels_are_read() -> None:
    assert read_object(nested(16))["a"]


@pytest.mark.parametrize("path", SIZES)
def test_a_body_that_says_it_is_too_large_is_refused_before_it_is_read(app: Flask, box: BoxClient, path: str) -> None:
    class Untouchable(io.RawIOBase):
        def read(self, *_: Any) -> bytes:
            raise AssertionError("somebody reads the body")

    builder = EnvironBuilder(path=path, method="POST", headers={**JSON, "DPoP": "x"})
    environ = {**builder.get_environ(), "CONTENT_LENGTH": str(SIZES[path] + 1), "wsgi.input": Untouchable()}

    body, status, headers = run_wsgi_app(app, environ)

    assert status == "413 REQUEST ENTITY TOO LARGE" or status.startswith("413")
    assert json.loads(b"".join(body))["code"] == "too_large"
    # A short rest the server takes from the line itself; a long one would be the next call on it.
    assert (headers.get("Connection") == "close") == (SIZES[path] > SERVER_TAKES)


@pytest.mark.parametrize("path", SIZES)
def test_a_body_that_does_not_say_its_size_is_read_no_further_than_allowed(
    app: Flask, box: BoxClient, path: str
) -> None:
    """A hundred megabytes in pieces: what is read of them is little more than the limit."""
    taken = 0

    class Pieces(io.RawIOBase):
        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any) -> int:
            nonlocal taken
            size = min(len(buffer), 100 * 1024 * 1024 - taken)
            buffer[:size] = b" " * size
            taken += size
            return size

    token = box.token if path not in {"/box/v1/lookups", "/box/v1/bindings"} else None
    headers = {**JSON, "DPoP": box.proof(path, token)} | ({"Authorization": f"DPoP {token}"} if token else {})
    environ = EnvironBuilder(path=path, method="POST", headers=headers).get_environ()
    environ |= {"wsgi.input": Pieces(), "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}
    environ.pop("CONTENT_LENGTH", None)

    body, status, _ = run_wsgi_app(app, environ)

    assert status.startswith("413")
    assert json.loads(b"".join(body))["code"] == "too_large"
    assert taken <= SIZES[path] + 64 * 1024 * 2


def test_the_largest_body_is_taken(box: BoxClient) -> None:
    padded = json.dumps({"enterprise_id": "1", "installer_phone": "1"}).encode()

    answer = box.request(LOOKUPS, padded.ljust(4 * 1024), JSON)

    assert answer.code == "invalid_enterprise_id"


WRONG_TYPES = {
    "none": {},
    "a form": {"Content-Type": "application/x-www-form-urlencoded"},
    "text": {"Content-Type": "text/plain"},
    "its own JSON": {"Content-Type": "application/vnd.box+json"},
    "another character set": {"Content-Type": "application/json; charset=gbk"},
    "gzip": {**JSON, "Content-Encoding": "gzip"},
    "identity": {**JSON, "Content-Encoding": "identity"},
}


@pytest.mark.parametrize("headers", WRONG_TYPES.values(), ids=WRONG_TYPES.keys())
def test_another_type_or_any_encoding_is_refused(box: BoxClient, headers: dict[str, str]) -> None:
    bomb = gzip.compress(b"0" * 10_000_000, 9)[:4000]

    answer = box.request(LOOKUPS, bomb if "Content-Encoding" in headers else b"{}", headers)

    assert (answer.status, answer.code) == (415, "unsupported_media_type")


def test_utf_8_may_be_named(box: BoxClient) -> None:
    assert box.request(LOOKUPS, b"{}", {"Content-Type": "application/json; charset=UTF-8"}).status == 422


@pytest.mark.parametrize("path", CALLS)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD"])
def test_another_method_is_refused_in_json(box: BoxClient, path: str, method: str) -> None:
    answer = box.send(method, path, {"Accept": "text/html"}, b"")

    assert answer.status == 405
    assert answer.headers["content-type"] == "application/problem+json"
    assert "POST" in answer.headers["allow"]
    assert answer.code == "method_not_allowed" or method == "HEAD"


@pytest.mark.parametrize("path", ["/box/v1/nothing", "/box/v2/lookups", "/box/", "/box/v1/commands/x"])
def test_an_address_that_is_none_is_told_in_json(box: BoxClient, path: str) -> None:
    answer = box.send("POST", path, {"Accept": "text/html"}, b"")

    assert (answer.status, answer.code) == (404, "not_found")


def test_no_call_needs_or_leaves_a_cookie(app: Flask, box: BoxClient, shops: TenantRef) -> None:
    box.send = _with_cookie(app)

    answers = [box.look_up(shops.enterprise_id, PHONE), box.heartbeat(), box.play([])]

    assert [answer.status for answer in answers] == [200, 200, 202]
    assert not any("set-cookie" in answer.headers or "vary" in answer.headers for answer in answers)


def _with_cookie(app: Flask) -> Any:
    line = new_box(app).send
    return lambda method, path, headers, data: line(
        method, path, {**headers, "Cookie": "portal_session=s.somebody; csrf=1"}, data
    )


HEARTBEAT: dict[str, Any] = {
    "boot": "01890000-0000-7000-8000-000000000001",
    "count": 1,
    "sequence": 0,
    "release": None,
    "screen": "desktop",
    "uptime_seconds": 1,
    "free_bytes": 1,
    "firmware": "5.2",
    "faults": [],
}
FAULT: dict[str, Any] = {"code": "old_sequence", "detail": "3 after 4", "at": "2026-11-27T02:00:00Z"}
PLAY: dict[str, Any] = {"list": "ads", "id": "x", "started_at": "2026-11-27T02:00:00Z", "seconds": 1, "completed": True}

UNFIT_HEARTBEATS: dict[str, tuple[dict[str, Any], str]] = {
    "an unknown field": ({"more": 1}, "#/more"),
    "an unknown field further in": ({"faults": [{**FAULT, "a/b": 1}]}, "#/faults/0/a~1b"),
    "a number as text": ({"count": "1"}, "#/count"),
    "a number as truth": ({"count": True}, "#/count"),
    "a count of nothing": ({"count": 0}, "#/count"),
    "a count beyond what JSON tells apart": ({"count": 2**53}, "#/count"),
    "a broken number": ({"uptime_seconds": 1.5}, "#/uptime_seconds"),
    "less than nothing": ({"free_bytes": -1}, "#/free_bytes"),
    "a boot that is no UUID": ({"boot": "1"}, "#/boot"),
    "a release that is no hash": ({"release": "A" * 64}, "#/release"),
    "a screen that there is not": ({"screen": "menu"}, "#/screen"),
    "firmware of nothing": ({"firmware": ""}, "#/firmware"),
    "firmware too long": ({"firmware": "v" * 65}, "#/firmware"),
    "firmware with a line break": ({"firmware": "1\n2"}, "#/firmware"),
    "a NUL": ({"faults": [{**FAULT, "detail": "a\x00b"}]}, "#/faults/0/detail"),
    "half a surrogate": ({"faults": [{**FAULT, "detail": "\ud800"}]}, "#/faults/0/detail"),
    "a detail too long": ({"faults": [{**FAULT, "detail": "x" * 501}]}, "#/faults/0/detail"),
    "21 faults": ({"faults": [FAULT] * 21}, "#/faults"),
    "no list": ({"faults": None}, "#/faults"),
    "a moment of another zone": ({"faults": [{**FAULT, "at": "2026-11-27T02:00:00+08:00"}]}, "#/faults/0/at"),
    "a moment of no zone": ({"faults": [{**FAULT, "at": "2026-11-27T02:00:00"}]}, "#/faults/0/at"),
    "a day that there is not": ({"faults": [{**FAULT, "at": "2026-02-30T02:00:00Z"}]}, "#/faults/0/at"),
    "a moment as a number": ({"faults": [{**FAULT, "at": 1}]}, "#/faults/0/at"),
}


@pytest.mark.parametrize(("changes", "pointer"), UNFIT_HEARTBEATS.values(), ids=UNFIT_HEARTBEATS.keys())
def test_a_heartbeat_that_is_not_as_agreed_names_the_place(
    box: BoxClient, changes: dict[str, Any], pointer: str
) -> None:
    data = json.dumps({**HEARTBEAT, **changes}).encode("utf-8", "surrogatepass")

    answer = box.request("/box/v1/heartbeats", data, JSON, token=box.token)

    assert (answer.status, answer.code) == (422, "invalid")
    assert [each["pointer"] for each in answer.body["errors"]] == [pointer]
    assert all(each["detail"] for each in answer.body["errors"])


@pytest.mark.parametrize("field", HEARTBEAT)
def test_every_field_of_a_heartbeat_is_needed(box: BoxClient, field: str) -> None:
    told = {name: value for name, value in HEARTBEAT.items() if name != field}

    answer = box.call("/box/v1/heartbeats", told, token=box.token)

    assert (answer.status, [each["pointer"] for each in answer.body["errors"]]) == (422, [f"#/{field}"])


UNFIT_PLAYS: dict[str, tuple[dict[str, Any], str]] = {
    "another list": ({"list": "live"}, "#/plays/0/list"),
    "seconds of more than a day": ({"seconds": 86401}, "#/plays/0/seconds"),
    "seconds below nothing": ({"seconds": -1}, "#/plays/0/seconds"),
    "completed as a number": ({"completed": 1}, "#/plays/0/completed"),
    "an id of nothing": ({"id": ""}, "#/plays/0/id"),
}


@pytest.mark.parametrize(("changes", "pointer"), UNFIT_PLAYS.values(), ids=UNFIT_PLAYS.keys())
def test_a_play_that_is_not_as_agreed_names_the_place(box: BoxClient, changes: dict[str, Any], pointer: str) -> None:
    answer = box.play([{**PLAY, **changes}])

    assert (answer.status, [each["pointer"] for each in answer.body["errors"]]) == (422, [pointer])


def test_no_more_than_500_plays_come_at_once(box: BoxClient) -> None:
    statuses = [box.play([PLAY] * number).status for number in (500, 501)]

    assert statuses == [202, 422]


def test_a_query_parameter_is_not_as_agreed(box: BoxClient) -> None:
    answer = box.send("POST", f"{LOOKUPS}?debug=1", {**JSON, "DPoP": box.proof(LOOKUPS)}, b"{}")

    assert answer.status == 422
    assert answer.body["errors"] == [{"parameter": "debug", "detail": "Extra parameters are not permitted"}]


@pytest.mark.parametrize(
    ("typed", "code", "pointer"),
    [
        ({"enterprise_id": "123456789012"}, "invalid_enterprise_id", "#/enterprise_id"),
        ({"enterprise_id": "１２３４５６７８９０１２"}, "invalid_enterprise_id", "#/enterprise_id"),
        ({"enterprise_id": ""}, "invalid_enterprise_id", "#/enterprise_id"),
        ({"installer_phone": "12345678901"}, "invalid_phone", "#/installer_phone"),
        ({"installer_phone": "+8613800138000"}, "invalid_phone", "#/installer_phone"),
        ({"enterprise_id": 123456789012}, "invalid", "#/enterprise_id"),
        ({"installer_phone": None}, "invalid", "#/installer_phone"),
    ],
)
@pytest.mark.parametrize("path", ["/box/v1/lookups", "/box/v1/bindings"])
def test_a_slip_of_the_finger_is_named(
    box: BoxClient, shops: TenantRef, path: str, typed: dict[str, Any], code: str, pointer: str
) -> None:
    asked = {"enterprise_id": shops.enterprise_id, "installer_phone": PHONE, **typed}
    about = {"serial": "S", "model": "M", "firmware": "F"} if path.endswith("bindings") else {}

    answer = box.call(path, {**asked, **about})

    assert (answer.status, answer.code) == (422, code)
    assert [each["pointer"] for each in answer.body["errors"]] == [pointer]


def test_slips_of_the_finger_are_not_counted(box: BoxClient, shops: TenantRef) -> None:
    answers = [box.look_up("123456789012", PHONE) for _ in range(12)]

    assert {answer.status for answer in answers} == {422}
    assert box.look_up(shops.enterprise_id, PHONE).status == 200


@pytest.fixture
def broken(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The views fail as no view should."""

    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("portal.boxes.api.calls.find_caller", fail)
    return


def test_a_fault_of_ours_is_a_problem_too_and_says_nothing(box: BoxClient, broken: None) -> None:
    answer = box.heartbeat()

    assert (answer.status, answer.code) == (500, "fault")
    assert "ZeroDivision" not in answer.data.decode()


def test_a_busy_database_is_told_with_the_time_to_come_back(box: BoxClient, monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy.exc import OperationalError

    def busy(*_: Any, **__: Any) -> None:
        raise OperationalError("x", {}, Exception("gone"))

    monkeypatch.setattr("portal.boxes.transactions.spend", busy)

    answer = box.heartbeat()

    assert (answer.status, answer.code) == (503, "unavailable")
    assert int(answer.headers["retry-after"]) > 0
