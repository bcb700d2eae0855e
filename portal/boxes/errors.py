"""What a call of a box can be refused with; each code is part of the contract."""

from collections.abc import Sequence
from dataclasses import dataclass

from portal.core.errors import PortalError
from portal.core.group_commit import Again
from portal.core.messages import N_, Message


class Unproven(PortalError):
    """The call does not prove who makes it; `code` says why, and stands in `WWW-Authenticate` too."""

    status = 401

    def __init__(self, code: str, message: Message) -> None:
        super().__init__(message, code=code)


class Malformed(PortalError):
    """The body is not what it says it is: no JSON, a key twice, no number, too deep, not UTF-8."""

    status = 400
    code = "malformed"

    def __init__(self) -> None:
        super().__init__(N_("请求正文不是规范的 JSON。"))


class TooLarge(PortalError):
    """The body is larger than the call takes; it was not read."""

    status = 413
    code = "too_large"

    def __init__(self) -> None:
        super().__init__(N_("内容太大了，没有接收。"))


class WrongType(PortalError):
    """The body is of a type, a character set or an encoding that the call does not take."""

    status = 415
    code = "unsupported_media_type"

    def __init__(self) -> None:
        super().__init__(N_("这种格式不能接收。"))


@dataclass(frozen=True)
class Fault:
    """One place of a request that does not hold what it must: a JSON pointer (RFC 6901), or a query parameter, and what is wrong there."""

    place: str
    detail: str
    kind: str = "pointer"


class Unfit(PortalError):
    """The body is JSON and not what the call takes; `faults` say where."""

    status = 422
    code = "invalid"

    def __init__(self, faults: Sequence[Fault], code: str | None = None, message: Message | None = None) -> None:
        super().__init__(message or N_("请求里有不符合约定的内容。"), code=code)
        self.faults = tuple(faults)


class TooMany(PortalError):
    """Too many calls; `seconds` says when the next is welcome."""

    status = 429
    code = "too_many_requests"

    def __init__(self, seconds: int) -> None:
        super().__init__(N_("操作太频繁，请稍后再试。"))
        self.seconds = seconds


class Raced(Again):
    """Another transaction was faster with something that this one had seen free: it begins anew and finds it taken."""
