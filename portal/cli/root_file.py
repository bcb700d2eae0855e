"""The root key's private part in a file that the operator moves away: made once, read for the length of a command."""

import json
import os
from pathlib import Path

import click

from portal.releases.signing.jws import Jwk

_MODE = 0o600


def keep(path: Path, private: Jwk) -> None:
    """This function will write a new file that its owner alone can read; raises `click.ClickException` where there is one already."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {os.strerror(error.errno or 0)}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(dict(private), file, indent=1)
        file.flush()
        os.fsync(descriptor)


def read(path: Path) -> Jwk:
    """This function will read the key, or its public part; raises `click.ClickException` for a file that holds none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path} holds no key: {error}") from error
    if not isinstance(found, dict) or not all(isinstance(value, str) for value in found.values()) or "kid" not in found:
        raise click.ClickException(f"{path} holds no key.")
    return found
