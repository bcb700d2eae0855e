"""Which answer a small file below /pub/ gets, free of any transport: WSGI (`fetch.py`) and the server's short way both ask here."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from portal.releases.public_http import accepts_gzip, tag_matches, unmodified_since
from portal.releases.public_kinds import Headers


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer to GET; to HEAD it is the same without its body."""

    status: str
    headers: Headers
    body: bytes
    lines: bytes = field(init=False, repr=False)
    """The headers once more, as HTTP/1.1 writes them."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "lines", header_lines(self.headers))


@dataclass(frozen=True, slots=True)
class Variant:
    """One encoding of a file: its entity tag, the full answer and the one of a client that holds it."""

    tag: str
    full: Answer
    unchanged: Answer


def header_lines(headers: Sequence[tuple[str, str]]) -> bytes:
    """This function will return headers as HTTP/1.1 writes them, each line with its end."""
    return "".join(f"{name}: {value}\r\n" for name, value in headers).encode("latin-1")


def answer_of(
    plain: Variant,
    compressed: Variant | None,
    modified_at: int,
    accept_encoding: str | None,
    if_none_match: str | None,
    if_modified_since: str | None,
) -> Answer:
    """This function will choose the answer by the request's fields; None stands for a field that is not there, commas join a repeated one."""
    variant = plain
    if compressed is not None and accept_encoding is not None and accepts_gzip(accept_encoding):
        variant = compressed
    return variant.unchanged if holds(variant.tag, modified_at, if_none_match, if_modified_since) else variant.full


def holds(tag: str, modified_at: int, if_none_match: str | None, if_modified_since: str | None) -> bool:
    """This function will say whether the client holds this very variant already.

    If-Modified-Since counts only without If-None-Match (RFC 9110, 13.2.2).
    """
    if if_none_match is not None:
        return tag_matches(if_none_match, tag)
    return if_modified_since is not None and unmodified_since(if_modified_since, modified_at)
