"""The vectors of signatures and of changes of the root key that every implementation is tested with; shipped for people who write boxes."""

import json
from importlib.resources import files
from typing import Any


def vectors() -> dict[str, Any]:
    """This function will return the keys, the payload, and the cases, each a signed document and whether a box accepts it."""
    return _read("signatures-1.json")


def root_vectors() -> dict[str, Any]:
    """This function will return the keys, and the cases: which one is pinned, what `/pub/roots.json` holds, and where that leads."""
    return _read("roots-1.json")


def _read(name: str) -> dict[str, Any]:
    text = files("portal.releases.signing").joinpath("vectors", name).read_text(encoding="utf-8")
    parsed: dict[str, Any] = json.loads(text)
    return parsed
