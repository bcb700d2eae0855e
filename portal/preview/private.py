"""A zone document whose files are fetched from the console, where they are before anything is published. Pure."""

from collections.abc import Callable, Mapping
from typing import Any


def with_private_addresses(document: Mapping[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    """This function will return a copy of `document` in which `address(sha256)` stands for every file's `url`."""
    return {**document, "assets": [_private(asset, address) for asset in document["assets"]]}


def _private(asset: Mapping[str, Any], address: Callable[[str], str]) -> dict[str, Any]:
    variants = [{**variant, "url": address(variant["sha256"])} for variant in asset["variants"]]
    return {**asset, "url": address(asset["sha256"]), "variants": variants}
