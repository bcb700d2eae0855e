import os

import pytest

from portal.cli import migrations
from portal.cli.purpose import is_demo
from portal.cli.startup import check_installation
from portal.core.installation import mark_as_demo
from portal.core.settings import Settings, SettingsError, load_settings


@pytest.fixture
def settings(environment, monkeypatch) -> Settings:
    monkeypatch.setenv("PORTAL_TEST_CLOCK", "+32d")
    return load_settings(os.environ)


def test_installation_without_a_migrated_database_does_not_start(settings):
    with pytest.raises(SettingsError, match="run `portal db upgrade`"):
        check_installation(settings)


def test_test_clock_does_not_start_on_a_database_that_is_not_the_demo(settings):
    migrations.upgrade(settings.database_url)

    with pytest.raises(SettingsError, match="this is not the demo database"):
        check_installation(settings)


def test_test_clock_starts_on_the_demo_and_the_secret_is_made(settings):
    migrations.upgrade(settings.database_url)
    mark_as_demo(migrations.migration_engine(settings.database_url))

    check_installation(settings)

    assert is_demo(settings)
    assert len(settings.secret_file.read_bytes()) == 32
