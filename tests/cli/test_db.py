from click.testing import CliRunner

from portal.cli import migrations
from portal.cli.main import cli


def portal(*arguments: str) -> str:
    result = CliRunner().invoke(cli, arguments, catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_db_upgrade_creates_the_database_in_a_folder_closed_to_others(environment, monkeypatch):
    instance = environment / "instance"
    monkeypatch.setenv("PORTAL_INSTANCE_DIR", str(instance))

    output = portal("db", "upgrade")

    assert output == f"{migrations.head_revision()} (newest)\n"
    assert (instance / "portal.db").exists()
    assert instance.stat().st_mode & 0o077 == 0


def test_db_current_and_downgrade_say_where_the_database_is(environment):
    portal("db", "upgrade")

    before = portal("db", "current")
    down = portal("db", "downgrade", "base")

    assert before == f"{migrations.head_revision()} (newest)\n"
    assert down == portal("db", "current") == f"none (newest is {migrations.head_revision()})\n"
