"""What the text of a setting may be: one function for each kind of value.

Every parser takes the text, white space cut off, and returns the value. It raises `ValueError` with the rest of a sentence
that begins with the setting's name and says what the text must be.
"""

import re
import shlex
from collections.abc import Callable
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network

_LIVE_HOST = re.compile(r"(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+(:\d{1,5})?")
_CLOCK = re.compile(r"([+-])(\d{1,5})([dhms])")
_CAPTCHA = re.compile(r"[A-Za-z0-9]{1,8}")
_CLOCK_UNITS = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?")
_MAIL = re.compile(r"[^\s@,<>]+@[^\s@,<>]+")
_CONTACT = re.compile(r"mailto:[^@\s]+@[^@\s]+|https://[^\s]+")
_FAULT_POINT = re.compile(r"[a-z0-9_.-]+(:enospc)?")
_POSTGRESQL = re.compile(r"postgres(ql)?(\+psycopg)?://")
_LARGEST_PORT = 65535
_SHELL = re.compile(r"[|&;<>`\n]|\$[({A-Za-z]")
_SQLITE = "sqlite:///"
_SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}


class SettingsError(Exception):
    """The portal does not start with these settings; the text is a sentence that says what to change."""


def is_loopback(host: str) -> bool:
    """This function will tell whether `host`, a name or an address, is this machine as only this machine can reach it."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def parse_host(text: str) -> str:
    """This function will return an IP address or a host name."""
    try:
        return str(ip_address(text.strip("[]")))
    except ValueError:
        if _HOST.fullmatch(text):
            return text.lower()
        raise ValueError("must be an IP address or a host name") from None


def parse_metrics_address(text: str) -> tuple[str, int]:
    """This function will return an IP address that the whole world cannot reach, and a port."""
    host, _colon, port = text.rpartition(":")
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        raise ValueError("must be an IP address and a port, such as 127.0.0.1:9464") from None
    if not (port.isascii() and port.isdigit() and 1 <= int(port) <= _LARGEST_PORT):
        raise ValueError("must end with a port, such as 127.0.0.1:9464")
    if address.is_unspecified or not address.is_private:
        raise ValueError(
            "must be loopback or an address of the inner network: whoever reaches it reads the numbers without sign-in"
        )
    return str(address), int(port)


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """This function will return a parser of whole numbers from `least` to `most`."""

    def parse(text: str) -> int:
        if not (text.isascii() and text.isdigit() and least <= int(text) <= most):
            raise ValueError(f"must be a whole number from {least} to {most}")
        return int(text)

    return parse


def parse_switch(text: str) -> bool:
    """This function will return True for 1, true, yes, on and False for 0, false, no, off."""
    try:
        return _SWITCH[text.lower()]
    except KeyError:
        raise ValueError("must be 1 or 0") from None


def parse_password_profile(text: str) -> str:
    """This function will return `modern` or `mlps3`."""
    if text not in {"modern", "mlps3"}:
        raise ValueError("must be modern, or mlps3 for complexity, history and rotation")
    return text


def parse_contact(text: str) -> str:
    """This function will return a mailto: or https: address, as security.txt wants one (RFC 9116)."""
    if _CONTACT.fullmatch(text):
        return text
    raise ValueError("must be mailto:SOMEBODY@HOST or https://...")


def parse_command(text: str) -> str:
    """This function will return a program and its arguments, as `shlex.split` takes them apart; no shell will run them."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise ValueError("must be a program and its arguments, and each quotation mark needs its second") from None
    if not words or not words[0] or _SHELL.search(text):
        raise ValueError(
            "must be one program and its arguments, such as clamdscan --fdpass --no-summary; for more than that write a script"
        )
    return text


def parse_path(text: str) -> Path:
    """This function will return an absolute path; a relative one begins at the working folder."""
    return Path(text).expanduser().absolute()


def parse_text(text: str) -> str:
    """This function will return the text as it is."""
    return text


def parse_database_url(text: str) -> str:
    """This function will return the address of a SQLite file or a PostgreSQL database as SQLAlchemy takes it."""
    if text.startswith(_SQLITE):
        name = text.removeprefix(_SQLITE)
        if not name or name.startswith((":memory:", "file:")):
            raise ValueError("must name a file after sqlite:///, because several processes open the database")
        return _SQLITE + str(parse_path(name))
    scheme = _POSTGRESQL.match(text)
    if scheme and urlsplit(text).path.strip("/") and _has_one_port(text):
        return "postgresql+psycopg://" + text[scheme.end() :]
    raise ValueError("must be sqlite:///FILE or postgresql://USER@HOST/DATABASE")


def _has_one_port(text: str) -> bool:
    try:
        _ = urlsplit(text).port
    except ValueError:
        return False
    return True


def parse_redis_url(text: str) -> str:
    """This function will return the address of a Redis database."""
    parts = urlsplit(text)
    if parts.scheme not in {"redis", "rediss"} or not parts.hostname:
        raise ValueError("must be redis://HOST:PORT/NUMBER or, with TLS, rediss://HOST:PORT/NUMBER")
    return text


def parse_mqtt_url(text: str) -> str:
    """This function will return the address of an MQTT broker; one on another machine needs TLS."""
    parts = urlsplit(text)
    if parts.scheme not in {"mqtt", "mqtts"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("must be mqtts://USER:PASSWORD@HOST:PORT or, on this machine, mqtt://HOST:PORT")
    if parts.scheme == "mqtt" and not is_loopback(parts.hostname):
        raise ValueError(
            "must begin with mqtts:// for a broker on another machine, or passwords would cross the network in clear"
        )
    return text


def parse_told_mqtt_url(text: str) -> str:
    """This function will return an MQTT broker's address as boxes are told it, which names nobody."""
    if urlsplit(parse_mqtt_url(text)).username is not None:
        raise ValueError("must name no user: each box is told its own")
    return text.rstrip("/")


def parse_smtp_url(text: str) -> str:
    """This function will return the address of a mail server; one on another machine is reached over TLS, smtp:// by STARTTLS."""
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname or parts.path.strip("/"):
        raise ValueError("must be smtps://USER:PASSWORD@HOST:PORT, or smtp:// for STARTTLS")
    return text


def parse_addresses(text: str) -> tuple[str, ...]:
    """This function will return mail addresses, separated by commas."""
    found = tuple(one.strip() for one in text.split(",") if one.strip())
    if not found or not all(_MAIL.fullmatch(one) for one in found):
        raise ValueError("must be mail addresses, separated by commas")
    return found


def parse_base_url(text: str) -> str:
    """This function will return an http or https origin: scheme, host and port, nothing after them."""
    parts = urlsplit(text)
    extra = parts.path.strip("/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in {"http", "https"} or not parts.hostname or extra:
        raise ValueError("must be the address people type, such as https://portal.example.com, without a path")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def parse_networks(text: str) -> tuple[Network, ...]:
    """This function will return the networks of a list of addresses separated by commas."""
    try:
        return tuple(ip_network(part.strip()) for part in text.split(","))
    except ValueError:
        raise ValueError("must be addresses or networks with commas between, such as 10.0.0.5,10.1.0.0/16") from None


def parse_hosts(text: str) -> tuple[str, ...]:
    """This function will return the host names of a list separated by commas; `*.example.com` stands for all below."""
    hosts = tuple(part.strip().lower() for part in text.split(","))
    if not all(_LIVE_HOST.fullmatch(host) for host in hosts):
        raise ValueError("must be host names with commas between, such as live.example.com,*.cdn.example.com")
    return hosts


def parse_clock_offset(text: str) -> timedelta:
    """This function will return the time to add to the clock, from a sign, a number and one of d, h, m, s."""
    match = _CLOCK.fullmatch(text)
    if match is None:
        raise ValueError("must be a sign, a number and one of d, h, m, s, such as +32d")
    sign, number, unit = match.groups()
    offset = timedelta(**{_CLOCK_UNITS[unit]: int(number)})
    return -offset if sign == "-" else offset


def parse_captcha(text: str) -> str:
    """This function will return the text that every captcha asks for: 1 to 8 letters and digits."""
    if not _CAPTCHA.fullmatch(text):
        raise ValueError("must be 1 to 8 letters or digits")
    return text


def parse_fault_point(text: str) -> str:
    """This function will return the name of a fault point, as `portal.core.faults` reads it."""
    if not _FAULT_POINT.fullmatch(text):
        raise ValueError("must be the name of a fault point, with :enospc after it for a full disk")
    return text
