"""The shipped schemas say the same as the portal's own check, and stay open for what a later version adds."""

import copy
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from bench.reference import reference_document
from portal.releases.json_schema import pointer_json_schema, zone_json_schema
from tests.golden.tenants import TENANTS
from tests.releases.test_pointer import FIELDS

ZONE = Draft202012Validator(zone_json_schema())
POINTER = Draft202012Validator(pointer_json_schema())


def test_schemas_are_right_schemas() -> None:
    Draft202012Validator.check_schema(zone_json_schema())
    Draft202012Validator.check_schema(pointer_json_schema())


@pytest.mark.parametrize("name", TENANTS)
def test_golden_document_meets_the_schema(name: str) -> None:
    assert list(ZONE.iter_errors(TENANTS[name]().document())) == []


def test_pointer_meets_the_schema() -> None:
    assert list(POINTER.iter_errors(FIELDS)) == []


def test_unknown_fields_are_allowed_everywhere() -> None:
    def grown(node: Any) -> Any:
        if isinstance(node, list):
            return [grown(each) for each in node]
        return {**{key: grown(value) for key, value in node.items()}, "later": 1} if isinstance(node, dict) else node

    assert list(ZONE.iter_errors(grown(reference_document()))) == []
    assert list(POINTER.iter_errors(grown(FIELDS))) == []


@pytest.mark.parametrize("field", ["schema", "enterprise", "features", "desktop", "zone", "ads", "assets"])
def test_missing_field_is_refused(field: str) -> None:
    document = copy.deepcopy(reference_document())

    del document[field]

    assert [error.validator for error in ZONE.iter_errors(document)] == ["required"]


@pytest.mark.parametrize("field", FIELDS)
def test_pointer_with_a_missing_field_is_refused(field: str) -> None:
    fields = {name: value for name, value in FIELDS.items() if name != field}

    assert [error.validator for error in POINTER.iter_errors(fields)] == ["required"]
