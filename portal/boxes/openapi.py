"""The calls as OpenAPI 3.1, made from the very models that take them in. Pure."""

from functools import cache
from typing import Any, Final

from pydantic.json_schema import models_json_schema

from portal.boxes.schemas import Binding, Body, Done, Heartbeat, Lookup, Plays

VERSION: Final = "1.0.0"
_REF: Final = "#/components/schemas/{model}"
_MODELS: tuple[type[Body], ...] = (Lookup, Binding, Heartbeat, Plays, Done)
_TEXT: Final = {"type": "string"}
_NUMBER: Final = {"type": "integer", "minimum": 0}
_CHANNEL: Final = {"type": "string", "pattern": "^[0-9a-f]{32}$"}
_ROOT: Final = {"type": ["object", "null"], "description": "The root key's public part, as a JWK."}
_PUSH: Final = {
    "type": ["object", "null"],
    "description": "Where to listen for the pointer (MQTT); null: poll.",
    "required": ["password", "topic", "url", "username"],
    "properties": dict.fromkeys(("url", "username", "password", "topic"), _TEXT),
}
_OF_BOX: Final = {
    "now": {"type": "string", "format": "date-time"},
    "channel": _CHANNEL,
    "root": _ROOT,
    "poll_seconds": _NUMBER,
    "heartbeat_seconds": _NUMBER,
    "push": _PUSH,
}
_COMMAND: Final = {
    "type": "object",
    "required": ["id", "kind"],
    "properties": {"id": _TEXT, "kind": {"enum": ["resync", "screenshot", "restart"]}},
}
_ALWAYS: Final = {
    "400": "malformed",
    "401": "use_dpop_nonce, invalid_dpop_proof, proof_replayed, invalid_token, token_ended",
    "405": "method_not_allowed",
    "413": "too_large",
    "415": "unsupported_media_type",
    "422": "invalid, with errors[] by JSON pointer",
    "429": "too_many_requests, with Retry-After",
    "503": "unavailable, with Retry-After",
}


@cache
def description() -> dict[str, Any]:
    """This function will return the description of all calls, as JSON can hold it."""
    _, schemas = models_json_schema([(model, "validation") for model in _MODELS], ref_template=_REF)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Boxes of the zone portal", "version": VERSION, "description": "See docs/boxes.md."},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "paths": _paths(),
        "components": {
            "schemas": {**schemas["$defs"], "Problem": _problem()},
            "securitySchemes": {
                "proof": {"type": "apiKey", "in": "header", "name": "DPoP", "description": "RFC 9449, ES256."},
                "token": {"type": "apiKey", "in": "header", "name": "Authorization", "description": "DPoP TOKEN"},
            },
        },
    }


def _paths() -> dict[str, Any]:
    bound = _object({"state": {"const": "bound"}, "box_id": _TEXT, "token": _TEXT, **_OF_BOX, "message": _TEXT})
    waiting = _object({"state": {"const": "waiting"}, "retry_seconds": _NUMBER})
    told = _object({**_OF_BOX, "sequence": _NUMBER, "commands": {"type": "array", "items": _COMMAND}})
    counted = _object(dict.fromkeys(("accepted", "rejected", "duplicate"), _NUMBER))
    found = _object({"enterprise_id": _TEXT, "name": _TEXT, "installer_phone": _TEXT})
    return {
        "/box/v1/lookups": _call("查询", Lookup, {"200": found}, {"404": "unknown_enterprise"}, token=False),
        "/box/v1/bindings": _call(
            "上报",
            Binding,
            {"201": bound, "200": bound, "202": waiting},
            {"409": "no_licence_left, serial_bound, bound_elsewhere"},
            token=False,
        ),
        "/box/v1/heartbeats": _call("How the box is", Heartbeat, {"200": told}, {}),
        "/box/v1/plays": _call("What it showed", Plays, {"202": counted}, {"409": "batch_changed"}),
        "/box/v1/screenshots": _screenshot(),
        "/box/v1/commands/{id}/done": _done(),
    }


def _call(
    summary: str, model: type[Body], answers: dict[str, Any], problems: dict[str, str], *, token: bool = True
) -> dict[str, Any]:
    body = {"required": True, "content": {"application/json": {"schema": {"$ref": _REF.format(model=model.__name__)}}}}
    return {"post": _operation(summary, body, answers, problems, token=token)}


def _screenshot() -> dict[str, Any]:
    image = {"type": "string", "format": "binary", "contentMediaType": "image/png"}
    parts = {**_object({"command": _TEXT, "image": image}), "additionalProperties": False}
    body = {"required": True, "content": {"multipart/form-data": {"schema": parts}}}
    return {"post": _operation("A picture of the zone's own layers", body, {"201": None}, {"404": "not_found"})}


def _done() -> dict[str, Any]:
    path = _call("What became of a command", Done, {"204": None}, {"404": "not_found"})
    return {"parameters": [{"name": "id", "in": "path", "required": True, "schema": _TEXT}], **path}


def _operation(
    summary: str, body: dict[str, Any], answers: dict[str, Any], problems: dict[str, str], *, token: bool = True
) -> dict[str, Any]:
    said = {**_ALWAYS, **problems}
    refused = {"application/problem+json": {"schema": {"$ref": _REF.format(model="Problem")}}}
    return {
        "summary": summary,
        "security": [{"proof": [], "token": []}] if token else [{"proof": []}],
        "requestBody": body,
        "responses": {
            **{status: _answer(schema) for status, schema in answers.items()},
            **{status: {"description": codes, "content": refused} for status, codes in sorted(said.items())},
        },
    }


def _answer(schema: dict[str, Any] | None) -> dict[str, Any]:
    content = {} if schema is None else {"content": {"application/json": {"schema": schema}}}
    return {"description": "Done.", **content}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    """Open: a later version adds fields, which boxes ignore."""
    return {"type": "object", "required": sorted(properties), "properties": properties}


def _problem() -> dict[str, Any]:
    place = {"type": "object", "properties": {"pointer": _TEXT, "parameter": _TEXT, "detail": _TEXT}}
    properties = {"type": _TEXT, "title": _TEXT, "status": _NUMBER, "code": _TEXT, "detail": _TEXT}
    whole = _object(properties)
    return {**whole, "properties": {**properties, "errors": {"type": "array", "items": place}}}
