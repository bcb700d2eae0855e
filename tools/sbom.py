"""Writes `build/sbom.json`: what the portal is made of, as CycloneDX 1.6, from the lock and the manifest of vendored files.

    make sbom

It reads what is pinned and asks nobody, so that two runs of one commit give one file. Packages that only tests need are not
part of what runs and not in it.
"""

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements.lock"
MANIFEST = ROOT / "static" / "vendor" / "manifest.json"
TARGET = ROOT / "build" / "sbom.json"

_PINNED = re.compile(
    r"^(?P<name>[a-z0-9][a-z0-9._-]*)(\[[^\]]*\])?==(?P<version>[^ ;\\]+)(?P<marker> *;[^\\]*)?", re.MULTILINE
)


def bom() -> dict[str, Any]:
    """This function will return the bill of materials."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    components = sorted([*_packages(), *_vendored()], key=lambda one: str(one["bom-ref"]))
    content = hashlib.sha256(json.dumps(components, sort_keys=True).encode()).hexdigest()
    root = {"type": "application", "bom-ref": "portal", "name": project["name"], "version": project["version"]}
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid5(NAMESPACE_URL, content)}",
        "version": 1,
        "metadata": {"component": root},
        "components": components,
        "dependencies": [{"ref": "portal", "dependsOn": [one["bom-ref"] for one in components]}],
    }


def _packages() -> Iterator[dict[str, Any]]:
    """The runtime packages of the lock; an archive's hash stands in the lock itself, one for each platform."""
    for found in _PINNED.finditer(LOCK.read_text(encoding="utf-8")):
        address = f"pkg:pypi/{found['name']}@{quote(found['version'])}"
        component = {
            "type": "library",
            "bom-ref": address,
            "name": found["name"],
            "version": found["version"],
            "purl": address,
        }
        if found["marker"]:
            component["properties"] = [{"name": "python:marker", "value": found["marker"].strip(" ;")}]
        yield component


def _vendored() -> Iterator[dict[str, Any]]:
    """The front-end packages, each with the files that pages load and their hashes."""
    for package in json.loads(MANIFEST.read_text(encoding="utf-8"))["packages"]:
        address = f"pkg:npm/{quote(package['name'], safe='/')}@{quote(package['version'])}"
        files = [
            {
                "type": "file",
                "bom-ref": f"{address}#{name}",
                "name": name,
                "hashes": [{"alg": "SHA-256", "content": digest}],
            }
            for name, digest in package["files"].items()
        ]
        yield {
            "type": "library",
            "bom-ref": address,
            "name": package["name"],
            "version": package["version"],
            "purl": address,
            "licenses": [{"license": {"name": package["licence"]}}],
            "components": files,
        }


def main() -> None:
    """This function will write the file."""
    TARGET.parent.mkdir(exist_ok=True)
    made = bom()
    TARGET.write_text(json.dumps(made, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{TARGET}: {len(made['components'])} components")


if __name__ == "__main__":
    main()
