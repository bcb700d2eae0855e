"""The vectors of signatures that every implementation is tested with; shipped for people who write boxes."""

import json
from importlib.resources import files
from typing import Any


def vectors() -> dict[str, Any]:
    """This function will return the keys, the payload, and the cases, each a signed document and whether a box accepts it."""
    text = files("portal.releases.signing").joinpath("vectors", "signatures-1.json").read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed
