"""This program will write the golden files anew: `python -m tests.golden.write`. Look at the diff before committing it."""

import json
from pathlib import Path

from portal.boxes.openapi import description
from portal.releases.json_schema import pointer_json_schema, zone_json_schema
from tests.golden.tenants import TENANTS

FOLDER = Path(__file__).parent


def write(name: str, value: object) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True)
    (FOLDER / f"{name}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    for name, tenant in TENANTS.items():
        write(name, tenant().document())
    write("zone-1.schema", zone_json_schema())
    write("pointer-1.schema", pointer_json_schema())
    write("openapi", description())
