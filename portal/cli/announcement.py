"""What `portal serve` prints when the server answers: the address, and on a demo its accounts."""

import json
from http.client import HTTPConnection, HTTPException

import click

from portal.core.settings import Settings

_ANSWER_SECONDS = 10
_COLUMNS = ("role", "username", "password", "totp_secret")


def announce(settings: Settings, *, with_accounts: bool) -> None:
    """This function will print the portal's address once it has answered there, and the accounts of `instance/demo.json`."""
    if not _answers(settings):
        click.echo(
            f"The server does not answer on {settings.host}, port {settings.port}; see the lines above.", err=True
        )
        return
    click.echo(f"\n  {settings.base_url}\n")
    if with_accounts and settings.demo_file.exists():
        _print_accounts(settings)
    click.echo("Ctrl-C stops it.")


def _answers(settings: Settings) -> bool:
    # The open socket is asked, in the name under which people come: proxies between are not our concern here.
    connection = HTTPConnection(settings.host, settings.port, timeout=_ANSWER_SECONDS)
    try:
        connection.request("GET", "/", headers={"Host": settings.base_url.split("//")[1]})
        connection.getresponse()
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
    return True


def _print_accounts(settings: Settings) -> None:
    accounts = json.loads(settings.demo_file.read_text(encoding="utf-8"))["accounts"]
    rows = [_COLUMNS, *(tuple(str(account.get(name) or "-") for name in _COLUMNS) for account in accounts)]
    widths = [max(len(row[index]) for row in rows) for index in range(len(_COLUMNS))]
    click.echo("Demo accounts (one-time codes come from the TOTP secret):")
    for row in rows:
        click.echo("  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
    click.echo("")
