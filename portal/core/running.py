"""Whether the portal runs on this machine: every process of it holds a shared lock, and a restore wants it alone."""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from portal.core.settings import Settings
from portal.core.settings_values import SettingsError

_NAME = ".running"


@contextmanager
def running(settings: Settings) -> Iterator[None]:
    """This function will say, while the block runs and in every process forked from it, that the portal runs.

    Raises `SettingsError` while a restore is under way.
    """
    with _locked(settings, fcntl.LOCK_SH, "A backup is being restored into this installation: wait until it is done."):
        yield


@contextmanager
def stopped(settings: Settings) -> Iterator[None]:
    """This function will keep the portal from starting while the block runs; raises `SettingsError` where it runs already."""
    with _locked(
        settings, fcntl.LOCK_EX, "The portal runs: stop it, and every `portal worker` beside it, before a restore."
    ):
        yield


@contextmanager
def _locked(settings: Settings, how: int, otherwise: str) -> Iterator[None]:
    settings.instance_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (settings.instance_dir / _NAME).open("w") as file:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SettingsError(otherwise) from None
        yield
