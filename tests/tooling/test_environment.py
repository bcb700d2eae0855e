"""The environment: locks that pin everything, the script that installs them, and the example of settings."""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from portal.core.settings import PROJECT_ROOT
from tools import env_example

LOCKS = ["requirements.lock", "requirements-dev.lock"]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def pins(lock: str) -> dict[str, str]:
    return dict(PIN.findall((PROJECT_ROOT / lock).read_text()))


@pytest.mark.parametrize("lock", LOCKS)
def test_lock_pins_every_package_by_hash_and_names_no_host(lock):
    text = (PROJECT_ROOT / lock).read_text()
    entries = re.split(r"\n(?=[a-z0-9])", text)[1:]

    assert len(entries) == len(pins(lock))
    assert [entry.split()[0] for entry in entries if "--hash=sha256:" not in entry] == []
    assert "://" not in text


def test_lock_for_tests_holds_the_other_one():
    run, tests = map(pins, LOCKS)

    assert {name: tests.get(name) for name in run} == run


def test_example_of_settings_shows_every_setting():
    assert env_example.EXAMPLE.read_text(encoding="utf-8") == env_example.render()


@pytest.fixture(scope="module")
def clone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A work tree of a few files, whose environment the first of the tests makes."""
    folder = tmp_path_factory.mktemp("clone")
    (folder / "tools").mkdir()
    (folder / "portal" / "cli").mkdir(parents=True)
    (folder / "portal" / "cli" / "main.py").write_text("def main():\n    print('it runs')\n")
    for name in ("environment.sh", "link.py"):
        shutil.copy(PROJECT_ROOT / "tools" / name, folder / "tools")
    (folder / "empty.lock").touch()
    return folder


def make(clone: Path, **environ: str) -> subprocess.CompletedProcess[str]:
    command = ["/bin/sh", "tools/environment.sh", "empty.lock"]
    return subprocess.run(
        command, cwd=clone, env={**os.environ, **environ}, capture_output=True, text=True, check=False
    )


def test_environment_has_the_command_and_runs_it_from_anywhere(clone):
    done = make(clone)

    assert done.returncode == 0, done.stderr
    command = subprocess.run([clone / ".venv/bin/portal"], cwd="/", capture_output=True, text=True, check=True)
    assert command.stdout == "it runs\n"


def test_environment_is_kept_until_its_python_has_gone(clone):
    make(clone)
    mark = clone / ".venv" / "kept"
    mark.touch()

    make(clone)
    kept = mark.exists()
    (clone / ".venv" / "bin" / "python").unlink()
    done = make(clone)

    assert kept
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


def test_environment_without_a_new_enough_python_says_what_is_needed(clone, tmp_path):
    (tmp_path / "python3").write_text("#!/bin/sh\nexit 1\n")
    (tmp_path / "python3").chmod(0o755)
    shutil.copytree(clone / "tools", tmp_path / "tools")
    command = ["/bin/sh", "tools/environment.sh", "empty.lock"]
    environ = {"PATH": str(tmp_path), "PYTHON": ""}

    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert done.stderr.splitlines()[-1] == (
        "Python 3.11 or newer is needed: install it, or name it as in: make run PYTHON=/path/to/python3.12"
    )
