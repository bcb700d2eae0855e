"""`portal release verify`: checks what boxes read, as a box would, on any machine."""

import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from portal.releases.signing.jws import Jwk

if TYPE_CHECKING:
    from portal.releases.signing.keyset import TrustedKeys

_SECONDS = 30
_LARGEST_BYTES = 1 << 30
_POINTER = "current.jws"
_FAULTY, _UNCHECKED = 1, 2


@click.group(short_help="Check what boxes read.")
def release() -> None:
    """Check what boxes read."""


@release.command()
@click.argument("source", metavar="ADDRESS|FILE|FOLDER")
@click.option(
    "--root", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="The root key's public part."
)
def verify(source: str, root: Path | None) -> None:
    """Check pointers, signatures, hashes and schema: of a current.jws by its address or file, or of a whole folder.

    A folder is one that lies below /pub/, or a copy of it, and needs no network. Without --root the root key of this installation
    counts. Exit code 0: all is well; 1: a box would reject something; 2: it could not be checked.
    """
    from portal.core import clock
    from portal.releases.signing.jws import BadSignature
    from portal.releases.verifying import verified_keys

    read, channels = _source(source)
    try:
        trusted = verified_keys(read, _root(root))
    except BadSignature as error:
        click.echo(f"BAD   keys.jws: {error}")
        raise SystemExit(_FAULTY) from None
    except (FileNotFoundError, OSError) as error:
        click.echo(f"The list of release keys cannot be read: {error}", err=True)
        raise SystemExit(_UNCHECKED) from None
    click.echo(f"good  keys.jws: version {trusted.version}, {len(trusted.keys)} keys")
    if not _check_channels(read, channels, trusted, clock.now()):
        raise SystemExit(_FAULTY)


def _check_channels(
    read: Callable[[str], bytes], channels: Iterable[str], trusted: "TrustedKeys", at: datetime
) -> bool:
    """Report every channel; tells whether all are well."""
    from portal.releases.verifying import check_channel

    well = True
    for channel in channels:
        faults = list(check_channel(read, channel, trusted, at))
        well = well and not faults
        for fault in faults:
            click.echo(f"BAD   {fault.path}: {fault.why}")
        if not faults:
            click.echo(f"good  channels/{channel}")
    return well


def _source(source: str) -> tuple[Callable[[str], bytes], list[str]]:
    """How to read the paths of the contract there, and the channels to look at."""
    if urlsplit(source).scheme in {"http", "https"}:
        base, channel = _split(source)
        return lambda path: _fetch(f"{base}/{path}"), [channel]
    given = Path(source).absolute()
    if given.is_dir():
        names = sorted(path.parent.name for path in given.glob(f"channels/*/{_POINTER}"))
        return lambda path: (given / path).read_bytes(), names
    if not given.exists():
        raise click.UsageError(f"there is nothing at {source}")
    folder, channel = _split(str(given))
    return lambda path: (Path(folder) / path).read_bytes(), [channel]


def _split(place: str) -> tuple[str, str]:
    """The folder below which everything lies, and the channel, of the place of a signed pointer."""
    parts = place.rsplit("/", 3)
    if len(parts) != 4 or (parts[1], parts[3]) != ("channels", _POINTER):  # noqa: PLR2004 - folder, channels, channel, file
        raise click.UsageError(f"{place} is no .../channels/CHANNEL/{_POINTER}")
    return parts[0], parts[2]


def _fetch(address: str) -> bytes:
    try:
        with urllib.request.urlopen(address, timeout=_SECONDS) as answer:  # noqa: S310 - the operator's own address, http or https
            data: bytes = answer.read(_LARGEST_BYTES)
            return data
    except urllib.error.HTTPError as error:
        raise FileNotFoundError(f"{address}: {error.code}") from error


def _root(path: Path | None) -> Jwk:
    if path is not None:
        from portal.cli.root_file import read

        return {name: value for name, value in read(path).items() if name != "d"}
    from portal.core.database import Database, platform_session, use
    from portal.core.settings import load_settings
    from portal.releases.signing.ring import current_root

    try:
        use(Database(load_settings(os.environ).database_url))
        with platform_session() as session:
            found = current_root(session)
    except Exception:  # noqa: BLE001 - whatever this machine's installation lacks, it has no root key for us
        found = None
    if found is None:
        click.echo("No root key is known here: say --root FILE.", err=True)
        raise SystemExit(_UNCHECKED)
    return found.public_jwk
