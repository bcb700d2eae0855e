"""What an address that boxes open may look like. The portal checks its form and never calls it."""

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from portal.core.messages import N_, Message

_WEB: Final = frozenset({"https"})
_LIVE: Final = frozenset({"https", "udp", "rtp", "rtsp"})
_NEEDS_PORT: Final = frozenset({"udp", "rtp"})
_HOST: Final = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:.]+")
_FORBIDDEN: Final = re.compile(r"[\s\\\"<>^`{|}\x00-\x20\x7f]")


def web_address_fault(address: str) -> Message | None:
    """This function will say what is wrong with the address of a web page, or None: https, a host, nobody's password in it."""
    if not address.lower().startswith("https://"):
        return N_("网页地址要以 https:// 开头。")
    return _fault(address, _WEB)


def live_address_fault(address: str) -> Message | None:
    """This function will say what is wrong with the address of a live channel, or None: https (HLS), udp, rtp or rtsp."""
    if address.split("://", 1)[0].lower() not in _LIVE or "://" not in address:
        return N_("直播地址要以 https://、udp://、rtp:// 或 rtsp:// 开头。")
    return _fault(address, _LIVE)


def _fault(address: str, schemes: frozenset[str]) -> Message | None:
    if _FORBIDDEN.search(address):
        return N_("地址里有空格或不能用的符号。")
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return N_("地址的格式不对。")
    if parts.scheme not in schemes:
        return N_("地址的格式不对。")
    return _host_fault(parts, port)


def _host_fault(parts: SplitResult, port: int | None) -> Message | None:
    if "@" in parts.netloc:
        return N_("地址里不能带用户名或密码。")
    if not parts.hostname or not _HOST.fullmatch(parts.hostname) or ".." in parts.hostname:
        return N_("地址里缺少主机名，或主机名不对。")
    if parts.scheme in _NEEDS_PORT and not port:
        return N_("组播地址要写端口号，例如 udp://239.1.1.1:5000。")
    return None
