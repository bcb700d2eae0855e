"""Does every template compile? `python -m tools.templates` asks the application's own environment, filters and all."""

import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from jinja2 import Environment, TemplateError

from portal.core.settings import PROJECT_ROOT, load_settings
from portal.factory import create_app

TEMPLATES = PROJECT_ROOT / "templates"


def application_environment(folder: Path) -> Environment:
    """This function will return the Jinja environment of an application that keeps its files in `folder`."""
    return create_app(load_settings({"PORTAL_INSTANCE_DIR": str(folder)})).jinja_env


def faults(environment: Environment, templates: Path) -> Iterator[str]:
    """This function will give one line for each file below `templates` that does not compile."""
    for path in sorted(templates.rglob("*.*")):
        name = path.relative_to(templates).as_posix()
        try:
            environment.get_template(name)
        except TemplateError as error:
            yield f"templates/{name}:{getattr(error, 'lineno', None) or 1}: {error.message or type(error).__name__}"


def main() -> int:
    """This function will compile every template and return the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        lines = list(faults(application_environment(Path(folder)), TEMPLATES))
    for line in lines:
        print(line)
    print(f"{sum(1 for _ in TEMPLATES.rglob('*.*'))} templates, {len(lines)} of them do not compile")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
