import runpy
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from portal.cli.main import COMMANDS, cli
from portal.core.settings import PROJECT_ROOT


@pytest.mark.parametrize("name", COMMANDS)
def test_command_is_there_and_says_what_it_does(name):
    command = cli.get_command(click.Context(cli), name)

    assert isinstance(command, click.Command)
    assert command.name == name
    assert command.help


def test_help_lists_every_command_without_importing_the_application():
    code = "import sys; from portal.cli.main import main\ntry: main(['--help'])\nfinally: print('|', *sys.modules)"

    done = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, capture_output=True, text=True, check=True)

    text, _, modules = done.stdout.partition("|")
    assert [line.split()[0] for line in text.partition("Commands:\n")[2].splitlines() if line] == list(COMMANDS)
    assert {"flask", "sqlalchemy", "alembic", "gunicorn"} & set(modules.split()) == set()


def test_unknown_command_is_refused():
    assert CliRunner().invoke(cli, ["fly"]).exit_code == 2


def test_wrong_setting_is_one_sentence_and_exit_code_1(monkeypatch):
    monkeypatch.setenv("PORTAL_PORT", "none")

    result = CliRunner().invoke(cli, ["doctor"])

    assert result.exit_code == 1
    assert result.output == "Error: PORTAL_PORT must be a whole number from 1 to 65535, not 'none'.\n"


def test_app_py_is_the_command_serve(monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["app.py", "--help"])

    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(PROJECT_ROOT / "app.py"), run_name="__main__")

    assert ended.value.code == 0
    assert capsys.readouterr().out.startswith("Usage: portal serve [OPTIONS]\n")
