"""What an installation is for, asked without what migrates databases: the server's processes need to know it, and no more."""

from portal.core.database import Database
from portal.core.installation import is_demo_database
from portal.core.settings import Settings
from portal.core.sqlite import WRITES


def is_demo(settings: Settings) -> bool:
    """This function will tell whether the settings' database is the demo's, on a connection that does not outlive the call."""
    opened = Database(settings.database_url)
    try:
        return is_demo_database(opened.engine.execution_options(**{WRITES: False}))
    finally:
        opened.dispose()
