"""What every process does before it touches sealed data."""

from sqlalchemy import Engine

from portal.core import crypto
from portal.core.secret_file import load_secret
from portal.core.settings import Settings
from portal.core.settings_values import SettingsError
from portal.keys import canary


def open_keys(settings: Settings, engine: Engine) -> None:
    """This function will make the installation's keys those of this process, and see that they open the database.

    Raises `SettingsError`, a sentence that says what to bring back, for a missing, unreadable or foreign file of keys.
    """
    if not settings.secret_file.exists() and canary.stands(engine):
        raise SettingsError(
            f"PORTAL_SECRET_FILE={settings.secret_file} does not exist, but this database was sealed with keys: "
            "bring the file back from the backup of the keys."
        )
    held = crypto.configure(load_secret(settings))
    try:
        canary.check(engine, held)
    except canary.ForeignKeys as foreign:
        raise SettingsError(
            f"The keys in PORTAL_SECRET_FILE={settings.secret_file} do not open this database: they belong to another one, or "
            "the key that sealed it was taken out. Bring the right file back from the backup of the keys."
        ) from foreign
