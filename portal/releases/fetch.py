"""GET and HEAD of everything below /pub/: a WSGI callable in front of Flask, without session, cookie or database.

Pointers, documents and key sets come from memory after one look at the disk; assets are streamed. Rename makes every file appear whole
(`store.py`), so what is read here is never half of anything. nginx or a CDN may serve the same folder instead.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from portal.core.logs import get_logger
from portal.releases.public_answers import Answer, holds
from portal.releases.public_cache import CAPACITY, SmallFiles
from portal.releases.public_http import UnsatisfiableRange, http_date, range_still_holds, requested_range
from portal.releases.public_kinds import COMMON, Headers, asset_headers, asset_of, kind_of
from portal.releases.public_open import open_regular

PREFIX = "/pub/"
_CHUNK = 256 * 1024
METHODS = ("GET", "HEAD")
_FIELDS = ("HTTP_ACCEPT_ENCODING", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")

log = get_logger(__name__)


class PublicFiles:
    """Answers what lies below /pub/ from the folder `root` and hands every other request to `app`.

    Answers of its own carry the headers `more` beside the others.
    """

    def __init__(
        self, root: Path, app: WSGIApplication, capacity: int = CAPACITY, more: Sequence[tuple[str, str]] = ()
    ) -> None:
        self._root = root
        self._more = tuple(more)
        self._app = app
        self._small = SmallFiles(root, capacity)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """This function will answer one request as PEP 3333 says; every error of the disk becomes a status code."""
        path: str = environ.get("PATH_INFO", "")
        if not path.startswith(PREFIX):
            return self._app(environ, start_response)
        if self._more:
            start_response = _adding(self._more, start_response)
        if environ["REQUEST_METHOD"] not in METHODS:
            return _refusal(environ, start_response, "405 Method Not Allowed", [("Allow", ", ".join(METHODS))])
        try:
            return self._file(path[len(PREFIX) :], environ, start_response)
        except FileNotFoundError:
            return _refusal(environ, start_response, "404 Not Found", [])
        except OSError:
            log.exception("public_file_unreadable")
            return _refusal(environ, start_response, "503 Service Unavailable", [("Retry-After", "30")])

    def small_answer(
        self, path: str, accept_encoding: str | None, if_none_match: str | None, if_modified_since: str | None
    ) -> Answer | None:
        """This function will return the answer to GET of a small file by its path below /pub/, None for a path that names none.

        The fields are None where the request has them not; commas join a repeated one. Raises OSError (FileNotFoundError when
        there is no such file).
        """
        entry = self._small.kept(path)
        if entry is None:
            kind = kind_of(path)
            if kind is None:
                return None
            entry = self._small.load(path, kind)
        return entry.answer(accept_encoding, if_none_match, if_modified_since)

    @property
    def more(self) -> tuple[tuple[str, str], ...]:
        """The headers that every answer carries after its own."""
        return self._more

    def _file(self, path: str, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        encoding, tags, since = (environ.get(name) for name in _FIELDS)
        answer = self.small_answer(path, encoding, tags, since)
        if answer is not None:
            start_response(answer.status, answer.headers.copy())
            return () if environ["REQUEST_METHOD"] == "HEAD" or not answer.body else (answer.body,)
        asset = asset_of(path)
        if asset is None:
            raise FileNotFoundError(path)
        file = os.fdopen(open_regular(self._root, path), "rb")
        return _asset_answer(file, asset_headers(*asset), f'"{asset[0]}"', environ, start_response)


def _adding(more: tuple[tuple[str, str], ...], start_response: StartResponse) -> StartResponse:
    """Over https, where a header more costs nothing beside the encryption."""

    def start(status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        return start_response(status, [*headers, *more], exc_info)

    return start


def _asset_answer(
    file: IO[bytes], headers: Headers, tag: str, environ: WSGIEnvironment, start_response: StartResponse
) -> Iterable[bytes]:
    status = os.fstat(file.fileno())
    size, modified_at = status.st_size, int(status.st_mtime)
    headers.append(("Last-Modified", http_date(modified_at)))
    if holds(tag, modified_at, environ.get("HTTP_IF_NONE_MATCH"), environ.get("HTTP_IF_MODIFIED_SINCE")):
        file.close()
        start_response("304 Not Modified", [pair for pair in headers if pair[0] != "Content-Type"])
        return ()
    try:
        part = _part(environ, tag, modified_at, size)
    except UnsatisfiableRange:
        file.close()
        return _refusal(environ, start_response, "416 Range Not Satisfiable", [("Content-Range", f"bytes */{size}")])
    start, end = part or (0, size)
    headers.append(("Content-Length", str(end - start)))
    if part is not None:
        headers.append(("Content-Range", f"bytes {start}-{end - 1}/{size}"))
    start_response("206 Partial Content" if part else "200 OK", headers)
    return _body(file, start, end, size, environ)


def _body(file: IO[bytes], start: int, end: int, size: int, environ: WSGIEnvironment) -> Iterable[bytes]:
    if environ["REQUEST_METHOD"] == "HEAD":
        file.close()
        return ()
    file.seek(start)
    wrapper = environ.get("wsgi.file_wrapper")
    if wrapper is not None and end == size:
        # Servers send a wrapped file to its end, so a range that stops before goes the other way.
        wrapped: Iterable[bytes] = wrapper(file, _CHUNK)
        return wrapped
    return _Chunks(file, end - start)


class _Chunks:
    """The next `length` bytes of a file, which is closed with the answer (PEP 3333 calls `close` even when the client has gone)."""

    def __init__(self, file: IO[bytes], length: int) -> None:
        self._file = file
        self._left = length

    def __iter__(self) -> Iterator[bytes]:
        while self._left > 0 and (chunk := self._file.read(min(_CHUNK, self._left))):
            self._left -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


def _part(environ: WSGIEnvironment, tag: str, modified_at: int, size: int) -> tuple[int, int] | None:
    """First byte and end of the range to send, None for the whole file (RFC 9110, 14.2: a range counts with GET only)."""
    field = environ.get("HTTP_RANGE")
    if field is None or environ["REQUEST_METHOD"] != "GET":
        return None
    condition = environ.get("HTTP_IF_RANGE")
    if condition is not None and not range_still_holds(condition, tag, modified_at):
        return None
    return requested_range(field, size)


def _refusal(environ: WSGIEnvironment, start_response: StartResponse, status: str, headers: Headers) -> Iterable[bytes]:
    """A short text, never kept by a cache: a channel that is unknown now may publish in a moment."""
    body = f"{status}\n".encode()
    fixed = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
    ]
    start_response(status, [*fixed, *headers, *COMMON])
    return () if environ["REQUEST_METHOD"] == "HEAD" else (body,)
