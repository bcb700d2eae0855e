"""The vectors that every implementation of windows and schedules is tested with; shipped for people who write boxes."""

import json
from importlib.resources import files
from typing import Any


def vectors_bytes() -> bytes:
    """This function will return the vector file as it is shipped."""
    return files("portal.content.schedule").joinpath("vectors", "schedule-1.json").read_bytes()


def vectors() -> dict[str, Any]:
    """This function will return the vectors by section: `windows`, `invalid_windows`, `marquees` and `schedules`."""
    parsed: dict[str, Any] = json.loads(vectors_bytes())
    return parsed
