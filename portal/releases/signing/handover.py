"""From one root key to the next: each new one is named in a document that the one before has signed, and boxes follow step by step. Pure."""

import json
from collections.abc import Iterable
from typing import Any, Final

from portal.core.canonical import canonical
from portal.releases.signing.jws import BadSignature, Jwk, Signer, sign, verify

SCHEMA: Final = "root/1"


def hand_over(before: Signer, root: Jwk) -> bytes:
    """This function will have the root key `before` say that boxes take `root`, the public part of another, from now on."""
    return sign(canonical({"schema": SCHEMA, "root": dict(root)}), [before])


def steps_bytes(steps: Iterable[bytes]) -> bytes:
    """This function will write `/pub/roots.json`: every step there ever was, oldest first."""
    return canonical({"roots": [json.loads(step) for step in steps]})


def follow(data: bytes, pinned: Jwk) -> Jwk:
    """This function will return the root key that the steps in `data` lead to from the pinned one; that itself where none does.

    Raises `BadSignature` where `data` is no list of steps.
    """
    try:
        steps: list[Any] = list(json.loads(data)["roots"])
    except (ValueError, KeyError, TypeError) as error:
        raise BadSignature("this is no list of root keys") from error
    for step in steps:
        pinned = _next(step, pinned)
    return pinned


def _next(step: object, pinned: Jwk) -> Jwk:
    try:
        told = json.loads(verify(json.dumps(step).encode(), {pinned["kid"]: pinned}).payload)
    except (BadSignature, ValueError):
        return pinned
    if not isinstance(told, dict) or told.get("schema") != SCHEMA:  # the root key signs lists of keys too
        return pinned
    root: Jwk = told["root"]
    return root
