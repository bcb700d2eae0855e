"""What `portal serve` prints when the server answers: the address, and on a demo its accounts."""

import json
import ssl
from collections.abc import Mapping, Sequence
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from pathlib import Path
from typing import Any

import click

from portal.core.settings import Settings

_ANSWER_SECONDS = 10
_COLUMNS = ("role", "username", "password", "totp_secret", "passkey")
_PASSKEYS = """
  An account with a passkey needs level 3. In a browser sign in with password and code; the portal then asks for a passkey and
  lets you enrol one of your own. A virtual authenticator takes the key from {demo}. A script takes the cookie and
  the form token that `.venv/bin/portal demo session USERNAME` prints.
"""
_CERTIFICATES = """  Trust {authority} for this address. Everybody's own certificate is {people}/USERNAME.p12, its password
  the account's: shown by the browser, password and certificate are level 3.
"""


def announce(settings: Settings, *, with_accounts: bool) -> None:
    """This function will print the portal's address once it has answered there, and the accounts of its `demo.json`."""
    if not _answers(settings):
        click.echo(
            f"The server does not answer on {settings.host}, port {settings.port}; see the lines above.", err=True
        )
        return
    click.echo(f"\n  {settings.base_url}\n")
    if with_accounts and settings.demo_file.exists():
        told = json.loads(settings.demo_file.read_text(encoding="utf-8"))
        _print_accounts(told["accounts"])
        click.echo(_PASSKEYS.format(demo=_place(settings.demo_file)))
        if settings.tls_certificate is not None:
            authority = _place(settings.certificates_dir / "ca.pem")
            click.echo(_CERTIFICATES.format(authority=authority, people=_place(settings.demo_folder)))
        _print_televisions(settings.base_url, told.get("tenants", ()))
    click.echo("Ctrl-C stops it.")


def _answers(settings: Settings) -> bool:
    # The open socket is asked, in the name under which people come: proxies between are not our concern here.
    connection = _connection(settings)
    try:
        connection.request("GET", "/", headers={"Host": settings.base_url.split("//")[1]})
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _connection(settings: Settings) -> HTTPConnection:
    if settings.tls_certificate is None:
        return HTTPConnection(settings.host, settings.port, timeout=_ANSWER_SECONDS)
    trust = ssl.create_default_context(cafile=settings.tls_certificate)
    trust.check_hostname = False  # it is our own socket, by its address
    trust.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return HTTPSConnection(settings.host, settings.port, timeout=_ANSWER_SECONDS, context=trust)


def _print_accounts(accounts: Sequence[Mapping[str, Any]]) -> None:
    rows = [_COLUMNS, *(tuple(_cell(account.get(name)) for name in _COLUMNS) for account in accounts)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_COLUMNS))]
    click.echo("Demo accounts (one-time codes come from the TOTP secret):")
    for row in rows:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def _place(path: Path) -> str:
    """The path as one would type it here: from the working folder where it lies below, whole where it does not."""
    here = Path.cwd()
    return str(path.relative_to(here) if path.is_relative_to(here) else path)


def _cell(value: object) -> str:
    return "yes" if isinstance(value, dict) else str(value or "-")


def _print_televisions(base_url: str, tenants: Sequence[Mapping[str, Any]]) -> None:
    seen = [
        (f"{base_url}/tv/?channel={one['channels'][0]['channel']}", one["name"]) for one in tenants if one["channels"]
    ]
    if seen:
        click.echo("Televisions of the demo enterprises (arrow keys, Enter, Backspace):")
        for address, name in seen:
            click.echo(f"  {address}  {name}")
        click.echo("")
