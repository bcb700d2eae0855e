"""The import rules of pyproject.toml catch what they are for: each is tried on a small tree with a planted fault."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from portal.core.settings import PROJECT_ROOT

LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports())"
ROOMS, INSIDE, FLASK = (
    "Rooms import downwards only",
    "Inside a room, from pages down to tables",
    "No Flask below the forms",
)


def lint(project: Path, files: dict[str, str]) -> tuple[int, list[str]]:
    """Write `files` as the package `portal` of an empty project and return the exit code and the names of broken rules."""
    shutil.copy(PROJECT_ROOT / "pyproject.toml", project)
    for name, text in {"core/clock.py": "", **files}.items():
        path = project / "portal" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        for folder in path.relative_to(project).parents:
            if folder.name:
                (project / folder / "__init__.py").touch()
    environment = {**os.environ, "PYTHONPATH": str(project)}
    done = subprocess.run(
        [sys.executable, "-c", LINT], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    broken = [line.removesuffix(" BROKEN") for line in done.stdout.splitlines() if line.endswith(" BROKEN")]
    return done.returncode, broken


def test_tree_in_order_passes(tmp_path):
    files = {
        "media/models.py": "import portal.core.clock",
        "media/commands.py": "import portal.media.models",
        "content/logo/rules.py": "import portal.media.models",
        "content/logo/views.py": "import flask, portal.content.logo.rules, portal.media.commands",
        "factory.py": "import portal.content.logo.views",
    }

    assert lint(tmp_path, files) == (0, [])


@pytest.mark.parametrize(
    ("files", "broken"),
    [
        ({"media/models.py": "", "core/ids.py": "import portal.media.models"}, [ROOMS]),
        ({"content/limits.py": "", "media/queries.py": "import portal.content.limits"}, [ROOMS]),
        ({"gossip/queries.py": ""}, [ROOMS]),
        ({"media/queries.py": "import portal.media.commands", "media/commands.py": ""}, [INSIDE]),
        ({"content/logo/rules.py": "import portal.content.logo.queries", "content/logo/queries.py": ""}, [INSIDE]),
        ({"media/views.py": "import portal.media.api", "media/api.py": ""}, [INSIDE]),
        ({"core/clock.py": "import flask"}, [FLASK]),
        ({"media/commands.py": "import werkzeug.utils"}, [FLASK]),
        ({"content/logo/rules.py": "from wtforms import Form"}, [FLASK]),
        ({"content/logo/jobs/send.py": "import flask_babel"}, [FLASK]),
        ({"media/queries.py": "import portal.web.state", "web/state.py": "import flask"}, [FLASK]),
    ],
)
def test_planted_fault_breaks_its_rule(tmp_path, files, broken):
    assert lint(tmp_path, files) == (1, broken)
