"""The systemd units of deploy/: what they start exists, and what a service need not do it may not."""

import re
from configparser import ConfigParser
from dataclasses import fields
from pathlib import Path

import pytest

from portal.cli.main import COMMANDS
from portal.core.settings import Settings, variable

UNITS = Path(__file__).parents[2] / "deploy" / "systemd"
HARDENED = {
    "ProtectSystem": "strict", "ProtectHome": "true", "PrivateTmp": "true", "PrivateDevices": "true", "NoNewPrivileges": "true",
    "CapabilityBoundingSet": "", "RestrictNamespaces": "true", "RestrictSUIDSGID": "true", "LockPersonality": "true",
    "SystemCallArchitectures": "native", "User": "portal", "StateDirectoryMode": "0700",
}  # fmt: skip


def read(path: Path) -> ConfigParser:
    unit = ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(path)
    return unit


@pytest.mark.parametrize("path", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_service_may_do_no_more_than_it_needs(path: Path) -> None:
    service = read(path)["Service"]

    assert {name: service.get(name) for name in HARDENED} == HARDENED


@pytest.mark.parametrize("path", sorted(UNITS.glob("*.service")), ids=lambda path: path.name)
def test_service_calls_commands_and_sets_settings_that_there_are(path: Path) -> None:
    text = path.read_text()

    assert set(re.findall(r"/portal/\.venv/bin/portal (\w+)", text)) <= set(COMMANDS)
    known = {variable(one.name) for one in fields(Settings)} | {"PORTAL_ENV_FILE"}
    assert set(re.findall(r"Environment=(PORTAL_\w+)", text)) <= known


def test_folder_that_nginx_serves_is_the_one_that_the_service_writes() -> None:
    pub = re.search(r"PORTAL_PUBLIC_DIR=(\S+)", (UNITS / "portal.service").read_text())
    assert pub is not None

    served = (UNITS.parent / "nginx" / "pub.conf").read_text()
    assert set(re.findall(r"alias (/\S*?/pub)/", served)) == {pub[1]}
