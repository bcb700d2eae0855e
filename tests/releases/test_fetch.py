"""GET and HEAD below /pub/ as WSGI: every header of the contract, and nothing but its files."""

import errno
import gzip
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment
from wsgiref.util import FileWrapper
from wsgiref.validate import validator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import Client, TestResponse

from portal.releases import public_cache
from portal.releases.fetch import PublicFiles
from portal.releases.public_cache import SmallFiles
from portal.releases.public_kinds import Headers, kind_of
from portal.releases.store import PublicFolder
from portal.web.headers import of_tls

CHANNEL = "0123456789abcdef" * 2
PUBLISHED_AT = 1_700_000_000
PUBLISHED = "Tue, 14 Nov 2023 22:13:20 GMT"
IMMUTABLE = "public, max-age=31536000, immutable"
DOCUMENT = '{"schema":"zone/1","text":"欢迎光临"}'.encode() * 50
POINTER = b'{"schema":"pointer/1"}'
PICTURE = bytes(range(256)) * 4


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def tag(data: bytes) -> str:
    return f'"{sha256(data)[:32]}"'


RELEASE = f"/pub/releases/{sha256(DOCUMENT)}.json"
CURRENT = f"/pub/channels/{CHANNEL}/current.json"
ASSET = f"/pub/assets/{sha256(PICTURE)}.png"


def flask_is_not_asked(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    start_response("418 I'm a teapot", [("Content-Type", "text/plain")])
    return [b"the application behind"]


def altering(app: WSGIApplication) -> WSGIApplication:
    """A server that, like wsgiref's, adds to the very list of headers that it was given."""

    def altered(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        def start(status: str, given: Headers, _error: object = None, /) -> Callable[[bytes], object]:
            given.append(("X-Times", str(len(given))))
            return start_response(status, given)

        return app(environ, start)

    return altered


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("published")
    folder, source = PublicFolder(root / "pub"), root / "source"
    source.write_bytes(PICTURE)
    for ext in ("png", "jpg", "webp", "mp4", "apk"):
        folder.put_asset(sha256(PICTURE), ext, source)
    folder.put_document(sha256(DOCUMENT), DOCUMENT)
    folder.put_pointer(CHANNEL, POINTER, PUBLISHED_AT, b"signed")
    folder.put_schema("zone-1", b"{}")
    for name in ("keys.json", "keys.jws"):
        (root / "pub" / name).touch()
    for path in (root / "pub").glob("*/*.*"):
        os.utime(path, (PUBLISHED_AT, PUBLISHED_AT))
    return root / "pub"


@pytest.fixture
def pub(published: Path, tmp_path: Path) -> Path:
    return shutil.copytree(published, tmp_path / "pub")


@pytest.fixture
def client(pub: Path) -> Client:
    return Browser(PublicFiles(pub, flask_is_not_asked))


def ask(pub: Path, method: str, path: str, more: Headers | None = None) -> tuple[str, Headers]:
    """Status and headers for a path exactly as given, which a client would tidy up first."""
    seen: list[tuple[str, Headers]] = []

    def start_response(status: str, given: Headers, _error: object = None) -> Callable[[bytes], object]:
        seen.append((status, given))
        return len

    PublicFiles(pub, flask_is_not_asked, more=more or ())({"REQUEST_METHOD": method, "PATH_INFO": path}, start_response)
    return seen[0]


class Browser(Client):
    """A client that closes every answer, as a server does."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        return super().open(*args, buffered=True, **kwargs)


def headers(answer: TestResponse) -> dict[str, str]:
    return dict(answer.headers)


def test_pointer_has_exactly_the_headers_of_the_contract(client: Client) -> None:
    answer = client.get(CURRENT)

    assert (answer.status_code, answer.data) == (200, POINTER)
    assert headers(answer) == {
        "Content-Type": "application/json",
        "Content-Length": str(len(POINTER)),
        "Last-Modified": PUBLISHED,
        "ETag": tag(POINTER),
        "Cache-Control": "public, max-age=30",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
    }


def test_release_has_exactly_the_headers_of_the_contract(client: Client) -> None:
    answer = client.get(RELEASE)

    assert (answer.status_code, answer.data) == (200, DOCUMENT)
    assert headers(answer) == {
        "Content-Type": "application/json",
        "Content-Length": str(len(DOCUMENT)),
        "Last-Modified": PUBLISHED,
        "ETag": tag(DOCUMENT),
        "Cache-Control": IMMUTABLE,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
    }


def test_release_as_gzip_is_another_variant_of_the_same(client: Client) -> None:
    plain = headers(client.get(RELEASE))

    answer = client.get(RELEASE, headers={"Accept-Encoding": "gzip, br"})

    assert gzip.decompress(answer.data) == DOCUMENT
    assert headers(answer) == plain | {
        "Content-Length": str(len(answer.data)),
        "ETag": f'{tag(DOCUMENT)[:-1]}-gzip"',
        "Content-Encoding": "gzip",
    }


def test_picture_has_exactly_the_headers_of_the_contract(client: Client) -> None:
    answer = client.get(ASSET)

    assert (answer.status_code, answer.data) == (200, PICTURE)
    assert headers(answer) == {
        "Content-Type": "image/png",
        "Content-Length": str(len(PICTURE)),
        "Last-Modified": PUBLISHED,
        "ETag": f'"{sha256(PICTURE)}"',
        "Cache-Control": IMMUTABLE,
        "Accept-Ranges": "bytes",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
        "Content-Security-Policy": "default-src 'none'; sandbox",
    }


@pytest.mark.parametrize(
    ("ext", "content_type", "attached"),
    [
        ("png", "image/png", False),
        ("jpg", "image/jpeg", False),
        ("webp", "image/webp", False),
        ("mp4", "video/mp4", False),
        ("apk", "application/vnd.android.package-archive", True),
    ],
)
def test_asset_is_shown_only_as_image_or_video(client: Client, ext: str, content_type: str, attached: bool) -> None:
    answer = client.get(f"/pub/assets/{sha256(PICTURE)}.{ext}")

    assert answer.headers["Content-Type"] == content_type
    expected = f'attachment; filename="{sha256(PICTURE)}.apk"' if attached else None
    assert answer.headers.get("Content-Disposition") == expected


@pytest.mark.parametrize(
    ("path", "content_type", "caching"),
    [
        ("keys.json", "application/jwk-set+json", "public, max-age=300"),
        ("keys.jws", "application/jose+json", "public, max-age=300"),
        ("schema/zone-1.json", "application/schema+json", "public, max-age=300"),
        (f"channels/{CHANNEL}/current.jws", "application/jose+json", "public, max-age=30"),
        (f"releases/{sha256(DOCUMENT)}.json.gz", "application/gzip", IMMUTABLE),
    ],
)
def test_other_files_have_type_and_caching(
    client: Client, pub: Path, path: str, content_type: str, caching: str
) -> None:
    (pub / f"channels/{CHANNEL}/current.jws").write_bytes(b"{}")

    answer = client.get(f"/pub/{path}")

    assert answer.status_code == 200
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (content_type, caching)
    assert answer.data == (pub / path).read_bytes()


def test_key_set_follows_its_file_and_never_serves_the_variant_of_an_older_one(client: Client, pub: Path) -> None:
    (pub / "keys.json.gz").write_bytes(gzip.compress(b"old"))
    (pub / "keys.json").write_bytes(b"old")
    before = client.get("/pub/keys.json", headers={"Accept-Encoding": "gzip"})

    (pub / "keys.json").write_bytes(b"newer")
    after = client.get("/pub/keys.json", headers={"Accept-Encoding": "gzip"})

    assert (gzip.decompress(before.data), before.headers["Content-Encoding"]) == (b"old", "gzip")
    assert (after.data, after.headers.get("Content-Encoding"), after.headers["Vary"]) == (
        b"newer",
        None,
        "Accept-Encoding",
    )


@pytest.mark.parametrize("path", [CURRENT, RELEASE, ASSET])
@pytest.mark.parametrize("accept", ["identity", "gzip"])
def test_head_answers_the_headers_of_get_without_a_body(client: Client, path: str, accept: str) -> None:
    got = client.get(path, headers={"Accept-Encoding": accept})

    answer = client.head(path, headers={"Accept-Encoding": accept})

    assert (answer.status_code, answer.data, headers(answer)) == (200, b"", headers(got))


@pytest.mark.parametrize("path", [CURRENT, RELEASE, ASSET])
@pytest.mark.parametrize("accept", ["identity", "gzip"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("form", ["{}", "W/{}", '"x", {}', "*"])
def test_client_that_holds_the_variant_gets_304(client: Client, path: str, accept: str, method: str, form: str) -> None:
    got = headers(client.get(path, headers={"Accept-Encoding": accept}))

    answer = client.open(
        path, method=method, headers={"Accept-Encoding": accept, "If-None-Match": form.format(got["ETag"])}
    )

    assert (answer.status_code, answer.data) == (304, b"")
    kept = ("ETag", "Cache-Control", "Vary", "Access-Control-Allow-Origin")
    assert {name: value for name, value in answer.headers if name in kept} == {
        name: value for name, value in got.items() if name in kept
    }
    assert "Content-Type" not in answer.headers


def test_pointer_304_says_no_more_than_it_must(client: Client) -> None:
    answer = client.get(CURRENT, headers={"If-None-Match": tag(POINTER)})

    assert headers(answer) == {
        "ETag": tag(POINTER),
        "Cache-Control": "public, max-age=30",
        "Access-Control-Allow-Origin": "*",
    }


def test_tag_of_one_variant_does_not_stand_for_the_other(client: Client) -> None:
    answer = client.get(RELEASE, headers={"If-None-Match": tag(DOCUMENT), "Accept-Encoding": "gzip"})

    assert (answer.status_code, gzip.decompress(answer.data)) == (200, DOCUMENT)


@pytest.mark.parametrize("path", [CURRENT, RELEASE, ASSET])
@pytest.mark.parametrize(
    ("conditions", "status"),
    [
        ({"If-Modified-Since": PUBLISHED}, 304),
        ({"If-Modified-Since": "Tue, 14 Nov 2023 22:13:19 GMT"}, 200),
        ({"If-Modified-Since": "never"}, 200),
        ({"If-Modified-Since": PUBLISHED, "If-None-Match": '"other"'}, 200),
    ],
    ids=["same", "older", "no date", "tag goes first"],
)
def test_if_modified_since_counts_without_a_tag(
    client: Client, path: str, conditions: dict[str, str], status: int
) -> None:
    assert client.get(path, headers=conditions).status_code == status


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(first=st.integers(0, 1100), length=st.integers(1, 1100))
def test_range_answers_the_slice(client: Client, first: int, length: int) -> None:
    answer = client.get(ASSET, headers={"Range": f"bytes={first}-{first + length - 1}"})

    part = PICTURE[first : first + length]
    if part:
        assert (answer.status_code, answer.data) == (206, part)
        assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(part) - 1}/{len(PICTURE)}"
        assert answer.headers["Content-Length"] == str(len(part))
    else:
        assert answer.status_code == 416


@pytest.mark.parametrize(
    ("field", "expected"), [("bytes=-10", PICTURE[-10:]), ("bytes=1000-", PICTURE[1000:]), ("bytes=-9999", PICTURE)]
)
def test_range_at_the_end_answers_the_rest(client: Client, field: str, expected: bytes) -> None:
    answer = client.get(ASSET, headers={"Range": field})

    start = len(PICTURE) - len(expected)
    assert (answer.status_code, answer.data) == (206, expected)
    assert answer.headers["Content-Range"] == f"bytes {start}-{len(PICTURE) - 1}/{len(PICTURE)}"


@pytest.mark.parametrize("field", ["bytes=5-9", "bytes=-5", "bytes=0-"])
def test_range_ends_where_it_should_also_where_the_server_sends_files(client: Client, field: str) -> None:
    chunked = client.get(ASSET, headers={"Range": field}).data

    answer = client.get(ASSET, headers={"Range": field}, environ_overrides={"wsgi.file_wrapper": FileWrapper})

    assert answer.data == chunked


@pytest.mark.parametrize("field", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
def test_range_behind_the_end_is_416_with_the_size(client: Client, field: str) -> None:
    answer = client.get(ASSET, headers={"Range": field})

    assert (answer.status_code, answer.headers["Content-Range"]) == (416, "bytes */1024")


@pytest.mark.parametrize("field", ["bytes=0-1,5-6", "pages=1-2", "bytes=9-2", "nonsense"])
def test_range_not_understood_answers_the_whole(client: Client, field: str) -> None:
    answer = client.get(ASSET, headers={"Range": field})

    assert (answer.status_code, answer.data) == (200, PICTURE)


@pytest.mark.parametrize(
    ("condition", "status"),
    [(f'"{sha256(PICTURE)}"', 206), (PUBLISHED, 206), ('"other"', 200), (f'W/"{sha256(PICTURE)}"', 200)],
)
def test_if_range_of_another_file_answers_the_whole(client: Client, condition: str, status: int) -> None:
    answer = client.get(ASSET, headers={"Range": "bytes=0-9", "If-Range": condition})

    assert (answer.status_code, len(answer.data)) == (status, 10 if status == 206 else len(PICTURE))


def test_range_counts_with_get_only(client: Client) -> None:
    answer = client.head(ASSET, headers={"Range": "bytes=0-9"})

    assert (answer.status_code, answer.headers["Content-Length"]) == (200, str(len(PICTURE)))


def test_range_of_a_document_answers_the_whole(client: Client) -> None:
    answer = client.get(RELEASE, headers={"Range": "bytes=0-9"})

    assert (answer.status_code, answer.data) == (200, DOCUMENT)


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "get"])
@pytest.mark.parametrize("path", [CURRENT, "/pub/", "/pub/nothing"])
def test_other_methods_are_405(pub: Path, method: str, path: str) -> None:
    status, given = ask(pub, method, path)

    assert (status, dict(given)["Allow"]) == ("405 Method Not Allowed", "GET, HEAD")


def test_what_is_not_there_is_a_short_404_that_no_cache_keeps(client: Client) -> None:
    answer = client.get(f"/pub/channels/{'f' * 32}/current.json")

    assert (answer.status_code, answer.data) == (404, b"404 Not Found\n")
    assert headers(answer) == {
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": "14",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        "Access-Control-Allow-Origin": "*",
    }


STRANGE = [
    "",
    "channels",
    "channels/",
    "releases/",
    "assets/",
    f"channels/{CHANNEL}",
    f"channels/{CHANNEL}/",
    f"channels/{CHANNEL}/current.json/",
    f"channels/{CHANNEL}/current.json.gz",
    f"channels/{CHANNEL.upper()}/current.json",
    f"channels/{CHANNEL}/.writing-abc",
    f"channels/{CHANNEL}/../{CHANNEL}/current.json",
    f"channels/{CHANNEL}/./current.json",
    f"channels//{CHANNEL}/current.json",
    f"./channels/{CHANNEL}/current.json",
    f"/channels/{CHANNEL}/current.json",
    f"channels\\{CHANNEL}\\current.json",
    f"channels/{CHANNEL}/current.json\x00",
    f"channels/{CHANNEL}/current.json\n",
    f"channels/{CHANNEL}/current.json ",
    f"channels/{CHANNEL}/current.json%00.png",
    f"channels/%2e%2e/channels/{CHANNEL}/current.json",
    f"assets/{sha256(PICTURE)}",
    f"assets/{sha256(PICTURE)}.gif",
    f"assets/{sha256(PICTURE)}.PNG",
    f"assets/{sha256(PICTURE)[:63]}\xb2.png",
    f"assets/{sha256(PICTURE)}.png/..",
    "../secret",
    "../../secret",
    "..%2fsecret",
    "%2e%2e/secret",
    "....//secret",
    "..\\secret",
    "..;/secret",
    "assets/../../secret",
    "assets/..%c0%af..%c0%afsecret",
    "\x00",
    "//etc/passwd",
    "/etc/passwd",
    ".hidden",
    ".git/config",
    "keys.json~",
    "secret",
]


@pytest.mark.parametrize("path", STRANGE, ids=repr)
def test_nothing_but_the_names_of_the_contract_is_found(pub: Path, path: str) -> None:
    for place in (pub.parent / "secret", pub / "secret", pub / ".hidden", pub / f"channels/{CHANNEL}/.writing-abc"):
        place.write_bytes(b"secret")

    status, _ = ask(pub, "GET", f"/pub/{path}")

    assert status == "404 Not Found"


@pytest.mark.parametrize(
    "encoded", ["%2e%2e%2fsecret", "%2E%2E/secret", "%252e%252e/secret", "assets/%2e%2e/%2e%2e/secret"]
)
def test_encoded_ways_out_are_not_found(client: Client, pub: Path, encoded: str) -> None:
    (pub.parent / "secret").write_bytes(b"secret")

    assert client.get(f"/pub/{encoded}").status_code == 404


@pytest.mark.parametrize(
    "path", [f"assets/{'a' * 64}.png", f"releases/{'a' * 64}.json", f"channels/{'a' * 32}/current.json", "keys.json"]
)
@pytest.mark.parametrize("what", ["link", "folder", "pipe"])
def test_what_is_no_regular_file_is_not_found(client: Client, pub: Path, path: str, what: str) -> None:
    place, outside = pub / path, pub.parent / "outside"
    outside.write_bytes(b"secret")
    place.parent.mkdir(exist_ok=True)
    place.unlink(missing_ok=True)
    if what == "link":
        place.symlink_to(outside)
    elif what == "folder":
        place.mkdir()
    else:
        os.mkfifo(place)

    assert client.get(f"/pub/{path}").status_code == 404


def test_linked_folder_is_not_followed(client: Client, pub: Path) -> None:
    elsewhere = pub.parent / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "current.json").write_bytes(b"secret")
    (pub / f"channels/{'a' * 32}").symlink_to(elsewhere)

    assert client.get(f"/pub/channels/{'a' * 32}/current.json").status_code == 404


def test_file_replaced_by_a_link_is_not_found_though_it_was_kept(client: Client, pub: Path) -> None:
    kept = client.get(CURRENT).status_code
    place = pub / f"channels/{CHANNEL}/current.json"
    place.rename(pub.parent / "outside")
    place.symlink_to(pub.parent / "outside")

    assert (kept, client.get(CURRENT).status_code) == (200, 404)


def test_new_pointer_is_seen_by_the_next_request(client: Client, pub: Path) -> None:
    first = client.get(CURRENT)
    PublicFolder(pub).put_pointer(CHANNEL, POINTER.replace(b"1", b"2"), PUBLISHED_AT, b"signed")

    answer = client.get(CURRENT, headers={"If-None-Match": first.headers["ETag"]})

    assert (answer.status_code, answer.data) == (200, POINTER.replace(b"1", b"2"))


def test_removed_channel_is_404_for_the_next_request(client: Client, pub: Path) -> None:
    client.get(CURRENT)
    PublicFolder(pub).remove_channel(CHANNEL)

    assert client.get(CURRENT).status_code == 404


def test_release_is_looked_at_once_a_second(client: Client, pub: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    time = 1000.0
    monkeypatch.setattr(public_cache, "monotonic", lambda: time)
    for _ in range(2):  # read, then seen to be there still
        client.get(RELEASE)
    (pub / f"releases/{sha256(DOCUMENT)}.json").unlink()

    within = client.get(RELEASE)
    time += 1.0
    after = client.get(RELEASE)

    assert (within.status_code, within.data, after.status_code) == (200, DOCUMENT, 404)


def test_variant_of_other_bytes_is_never_served(client: Client, pub: Path) -> None:
    (pub / f"releases/{sha256(DOCUMENT)}.json.gz").write_bytes(gzip.compress(b"another document"))

    answer = client.get(RELEASE, headers={"Accept-Encoding": "gzip"})

    assert (answer.data, answer.headers.get("Content-Encoding")) == (DOCUMENT, None)


def test_broken_disk_is_503_with_a_time_to_come_back(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_arguments: object) -> int:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(public_cache, "open_regular", broken)

    answer = client.get(CURRENT)

    assert (answer.status_code, answer.headers["Retry-After"], answer.headers["Cache-Control"]) == (
        503,
        "30",
        "no-store",
    )


@pytest.mark.parametrize("path", ["/", "/pub", "/public/x", "/e/1/pub/"])
def test_everything_else_goes_to_the_application(client: Client, path: str) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.data) == (418, b"the application behind")


def test_answers_keep_the_rules_of_wsgi(pub: Path) -> None:
    client = Browser(validator(PublicFiles(pub, flask_is_not_asked)))

    answers = [client.get(path, headers={"Range": "bytes=1-5"}) for path in (CURRENT, RELEASE, ASSET, "/pub/x")]
    answers += [client.get(CURRENT, headers={"If-None-Match": "*"}), client.head(ASSET)]

    assert [answer.status_code for answer in answers] == [200, 200, 206, 404, 304, 200]


def test_server_that_alters_its_headers_alters_no_other_answer(pub: Path) -> None:
    client = Browser(altering(PublicFiles(pub, flask_is_not_asked)))

    answers = [list(client.get(CURRENT).headers) for _ in range(2)]

    assert answers[0] == answers[1]


def test_small_files_forget_the_longest_unused_first(pub: Path) -> None:
    names = [f"channels/{number:032x}/current.json" for number in range(12)]
    for name in names:
        (pub / name).parent.mkdir()
        (pub / name).write_bytes(bytes(1000))
    files, kind = SmallFiles(pub, capacity=10 * (4096 + 1000)), kind_of(names[0])
    assert kind is not None

    for name in names[:10]:
        files.load(name, kind)
    files.kept(names[0])
    for name in names[10:]:
        files.load(name, kind)

    assert [name for name in names if files.kept(name) is None] == names[1:3]
    assert files.weight == 10 * (4096 + 1000)


def test_file_too_large_for_memory_is_served_and_not_kept(pub: Path) -> None:
    app = PublicFiles(pub, flask_is_not_asked, capacity=1024)

    answers = [Browser(app).get(RELEASE).data for _ in range(2)]

    assert answers == [DOCUMENT, DOCUMENT]


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/pub/channels/{CHANNEL}/current.json"),
        ("GET", f"/pub/releases/{sha256(DOCUMENT)}.json"),
        ("HEAD", f"/pub/assets/{sha256(PICTURE)}.png"),
        ("GET", "/pub/nothing"),
        ("POST", "/pub/keys.json"),
    ],
)
def test_over_https_every_answer_says_so_and_in_plain_none_does(pub: Path, method: str, path: str) -> None:
    _, plain = ask(pub, method, path)
    _, over_tls = ask(pub, method, path, of_tls())
    _, again = ask(pub, method, path)

    assert over_tls == [*plain, ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")]
    assert again == plain, "what is kept in memory is not added to"
