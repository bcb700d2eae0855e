"""Makes the work tree importable in its environment and puts the command `portal` there; run by the environment's Python.

It is what an editable install would do, without fetching a build system that no lock pins.
"""

import sys
import sysconfig
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
COMMAND = """#!{python}
import sys

from portal.cli.main import main

sys.exit(main())
"""


def main() -> None:
    """This function will write `zone-portal.pth` and `bin/portal` into the environment that runs it."""
    if sys.prefix == sys.base_prefix:
        sys.exit("tools/link.py belongs into an environment: run it with .venv/bin/python")
    Path(sysconfig.get_path("purelib"), "zone-portal.pth").write_text(f"{ROOT}\n", encoding="utf-8")
    command = Path(sysconfig.get_path("scripts"), "portal")
    command.write_text(COMMAND.format(python=sys.executable), encoding="utf-8")
    command.chmod(0o755)


if __name__ == "__main__":
    main()
