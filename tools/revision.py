"""`python -m tools.revision "Add the outbox"` writes the next migration: what the models say beyond the migrations so far."""

import subprocess
import sys
import tempfile
from pathlib import Path

from alembic import command

from portal.cli import migrations


def main(message: str) -> None:
    """This function will write `migrations/versions/<next number>_<message>.py`, formatted, to be read and adjusted by hand."""
    number = len(list((migrations.SCRIPTS / "versions").glob("[0-9]*.py"))) + 1
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'portal.db'}"
        if number > 1:
            migrations.upgrade(url)
        config = migrations.migration_config()
        with migrations.migration_engine(url).begin() as connection:
            config.attributes["connection"] = connection
            script = command.revision(config, message, autogenerate=True, rev_id=f"{number:04}")
    path = Path(script.path)
    path.write_text("".join(line for line in path.open() if not line.strip().startswith("# ###")))
    for step in (["check", "--fix", "--quiet"], ["format", "--quiet"]):
        subprocess.run([sys.executable, "-m", "ruff", *step, path], check=True)


if __name__ == "__main__":
    main(sys.argv[1])
