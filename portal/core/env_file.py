"""The file of settings: lines `NAME=value`, as systemd's EnvironmentFile and `docker --env-file` read them too."""

import re
from pathlib import Path

from portal.core.settings_values import SettingsError

PREFIX = "PORTAL_"
ENV_FILE = "PORTAL_ENV_FILE"

_LINE = re.compile(r"(?P<name>[A-Z][A-Z0-9_]*)=(?P<text>.*)")


def read_env_file(path: Path) -> dict[str, str]:
    """This function will return the settings that the file gives, by name.

    Empty lines and lines that begin with # are passed over; quotes around a whole value are taken off. Raises `SettingsError`
    for a file that cannot be read, a line that is no setting, and a name that stands there twice.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{ENV_FILE} names {path}, which cannot be read ({error}): mend the file or the name."
        ) from None
    texts: dict[str, str] = {}
    for number, line in enumerate(map(str.strip, lines), start=1):
        if not line or line.startswith("#"):
            continue
        name, text = _setting_of(line, f"{path}, line {number}")
        if name in texts:
            raise SettingsError(f"{path}, line {number}: {name} stands there twice; keep one of the lines.")
        texts[name] = text
    return texts


def _setting_of(line: str, place: str) -> tuple[str, str]:
    match = _LINE.fullmatch(line)
    if match is None:
        raise SettingsError(f"{place}: write it as NAME=value.")
    name, text = match["name"], match["text"].strip()
    if not name.startswith(PREFIX) or name == ENV_FILE:
        raise SettingsError(f"{place}: {name} does not belong there, only {PREFIX}* settings do; remove the line.")
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        text = text[1:-1]
    return name, text
