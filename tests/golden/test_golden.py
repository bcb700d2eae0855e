"""The documents of six tenants, byte for byte: boxes in the field read them.

A change that is meant is written down with `python -m tests.golden.write` and looked at in the diff.
"""

import json
from pathlib import Path

import pytest

from portal.boxes.openapi import description
from portal.releases.checking import check_document
from portal.releases.document import document_bytes
from portal.releases.json_schema import pointer_json_schema, zone_json_schema
from tests.golden.tenants import TENANTS

FOLDER = Path(__file__).parent


@pytest.mark.parametrize("name", TENANTS)
def test_document_is_the_golden_one(name: str) -> None:
    document = TENANTS[name]().document()

    check_document(document)

    assert document == json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    assert json.loads(document_bytes(document)) == document


def test_description_of_the_calls_is_the_frozen_one() -> None:
    assert description() == json.loads((FOLDER / "openapi.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("name", "schema"), [("zone-1", zone_json_schema), ("pointer-1", pointer_json_schema)])
def test_schema_is_the_frozen_one(name: str, schema: object) -> None:
    assert callable(schema)
    assert schema() == json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))
