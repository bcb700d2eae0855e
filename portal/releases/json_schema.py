"""The JSON Schemas (2020-12) of pointer and zone document that are shipped for people who write boxes."""

from typing import Any

from portal.releases.pointer import Pointer
from portal.releases.schema import Part, ZoneDocument

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


def pointer_json_schema() -> dict[str, Any]:
    """This function will return the schema of `pointer/1`, open for fields that a later version adds."""
    return _opened(Pointer, "pointer/1")


def zone_json_schema() -> dict[str, Any]:
    """This function will return the schema of `zone/1`, open for fields that a later version adds."""
    return _opened(ZoneDocument, "zone/1")


def _opened(model: type[Part], title: str) -> dict[str, Any]:
    schema = _without_closure(model.model_json_schema(by_alias=True))
    return {"$schema": _DIALECT, **schema, "title": title}


def _without_closure(node: Any) -> Any:
    """This function will return the schema without what only the portal's own compiler is held to, and without defaults that mean absence."""
    if isinstance(node, list):
        return [_without_closure(each) for each in node]
    if not isinstance(node, dict):
        return node
    kept = {name: value for name, value in node.items() if (name, value) != ("additionalProperties", False)}
    if kept.get("default", ...) is None:
        del kept["default"]
    return {name: _without_closure(value) for name, value in kept.items()}
