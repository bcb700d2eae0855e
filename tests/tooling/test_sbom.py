"""The bill of materials names everything that runs, and nothing else."""

import hashlib
import json
import re

import pytest

from tools import sbom


def names(kind: str) -> set[str]:
    return {one["name"] for one in sbom.bom()["components"] if one["purl"].startswith(f"pkg:{kind}/")}


def test_every_package_of_the_lock_is_in_it() -> None:
    pinned = {
        line.partition("==")[0].partition("[")[0]
        for line in sbom.LOCK.read_text(encoding="utf-8").splitlines()
        if re.match(r"[a-zA-Z0-9]", line)
    }

    assert names("pypi") == pinned
    assert {"flask", "sqlalchemy", "cryptography", "captcha"} <= pinned


def test_packages_of_tests_are_not_in_it() -> None:
    assert not {"pytest", "playwright", "ruff", "mypy"} & names("pypi")


def test_every_vendored_file_is_in_it_with_the_hash_that_it_has() -> None:
    named = {
        file["name"]: file["hashes"][0]["content"]
        for one in sbom.bom()["components"]
        for file in one.get("components", ())
    }
    folder = sbom.MANIFEST.parent
    there = {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.suffix in {".js", ".mjs", ".css"}
    }

    assert named == there


def test_it_is_the_same_at_every_run_and_whole() -> None:
    first, second = sbom.bom(), sbom.bom()

    assert first == second
    assert (first["bomFormat"], first["specVersion"]) == ("CycloneDX", "1.6")
    references = [one["bom-ref"] for one in first["components"]]
    assert len(references) == len(set(references))
    assert first["dependencies"] == [{"ref": "portal", "dependsOn": references}]


def test_package_that_the_lock_gains_would_be_seen(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    lock = tmp_path_factory.mktemp("lock") / "requirements.lock"
    lock.write_text(
        sbom.LOCK.read_text(encoding="utf-8") + "planted==1.0 ; sys_platform == 'win32' \\\n    --hash=sha256:0\n"
    )
    monkeypatch.setattr(sbom, "LOCK", lock)

    found = [one for one in sbom.bom()["components"] if one["name"] == "planted"]

    assert [(one["version"], one["properties"][0]["value"]) for one in found] == [("1.0", "sys_platform == 'win32'")]


def test_command_writes_the_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path_factory.mktemp("root") / "build" / "sbom.json"
    monkeypatch.setattr(sbom, "TARGET", target)

    sbom.main()

    assert json.loads(target.read_text(encoding="utf-8")) == sbom.bom()
    assert f"{len(sbom.bom()['components'])} components" in capsys.readouterr().out
