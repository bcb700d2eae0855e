"""All tables of the portal at once, for migrations and for tests that create them directly."""

from importlib import import_module
from pathlib import Path

from sqlalchemy import MetaData

import portal
from portal.core import installation, outbox
from portal.core.models import Base

_ROOMS = Path(portal.__file__).parent


def load_metadata() -> MetaData:
    """This function will import every room's `models.py`, or the files of its folder `models/`, and return their metadata."""
    for module in (installation, outbox):  # tables of the core stand beside what uses them
        import_module(module.__name__)
    for path in sorted([*_ROOMS.rglob("models.py"), *_ROOMS.rglob("models/*.py")]):
        import_module(".".join(("portal", *path.relative_to(_ROOMS).with_suffix("").parts)))
    return Base.metadata
