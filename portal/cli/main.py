"""The group of all commands; a command's module is imported when it is called."""

from collections.abc import Sequence
from importlib import import_module

import click

from portal.core import logs
from portal.core.settings_values import SettingsError

# Name of the command -> where it is, and the line that `portal --help` shows without importing it.
COMMANDS = {
    "serve": ("portal.cli.serve:serve", "Run the server and its job worker."),
    "worker": ("portal.cli.worker:worker", "Run a job worker alone, beside those of `portal serve`."),
    "init": ("portal.cli.init:init", "Create database and keys, and links for the three officers."),
    "demo": ("portal.cli.demo.command:demo", "Fill a new database with the demo data."),
    "user": ("portal.accounts.cli:user", "Open accounts."),
    "audit": ("portal.cli.audit:audit", "Check the operation log."),
    "doctor": ("portal.cli.doctor:doctor", "Look for what is wrong with this installation."),
    "keys": ("portal.cli.keys:keys", "List, rotate and retire the keys."),
    "release": ("portal.cli.release:release", "Check what boxes read."),
    "backup": ("portal.cli.backup.command:backup", "Write a sealed backup."),
    "restore": ("portal.cli.backup.command:restore", "Bring a backup back."),
    "simulate": ("portal.cli.simulation.command:simulate_boxes", "Let boxes that there are not call a portal."),
    "db": ("portal.cli.db:db", "Migrate the database."),
}


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports only the one that is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """This function will return the names of all commands, in the order of `COMMANDS`."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """This function will import and return the command `cmd_name`, or None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """This function will list the commands with their lines from `COMMANDS`."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in COMMANDS.items()])

    def invoke(self, ctx: click.Context) -> object:
        """This function will run the command; what somebody at the machine has to mend becomes one sentence and exit code 1."""
        try:
            return super().invoke(ctx)
        except SettingsError as error:
            raise click.ClickException(str(error)) from error
        except (click.ClickException, click.exceptions.Exit, click.Abort):
            raise
        except Exception as error:
            from portal.cli.trouble import sentence

            told = sentence(error)
            if told is None:
                raise
            raise click.ClickException(told) from error


@click.command(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """The enterprise zone portal."""


def main(arguments: Sequence[str] | None = None) -> None:
    """This function will run the command line and exit with its code."""
    logs.configure()
    cli(args=arguments, prog_name="portal")


if __name__ == "__main__":
    main()
