"""Writes `deploy/portal.env.example` from the settings: `python -m tools.env_example`."""

from dataclasses import fields

from portal.core.settings import PROJECT_ROOT, Settings, variable

EXAMPLE = PROJECT_ROOT / "deploy" / "portal.env.example"
HEAD = """\
# Settings of the portal. PORTAL_ENV_FILE names the file; what stands in the environment itself wins.
# Every line that is commented out shows the default, if there is one.
"""


def render() -> str:
    """This function will return the file's text: each setting with its meaning and its default."""
    return HEAD + "".join(
        _entry(item.name, item.metadata["meaning"], item.metadata["default"]) for item in fields(Settings)
    )


def _entry(name: str, meaning: str, default: str | None) -> str:
    shown = (default or "").format(project=".", instance_dir="./instance", port="8000")
    return f"\n# {meaning}\n#{variable(name)}={shown}\n"


if __name__ == "__main__":
    EXAMPLE.write_text(render(), encoding="utf-8")
