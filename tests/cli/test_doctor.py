import re

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import insert, make_url, text

from portal.accounts.models import RoleLevel
from portal.cli import migrations
from portal.cli.main import cli
from portal.core.installation import is_demo_database, mark_as_demo
from tests.services import needs_service, new_postgresql_database, ordinary_owner
from tests.world.redis import redis_server
from tests.world.scanner import KNOWS_EICAR, no_scanner, scanner

__all__ = ["no_scanner"]


def examine() -> Result:
    return CliRunner().invoke(cli, ["doctor"], catch_exceptions=False)


def line(result: Result, check: str) -> str:
    return next(line for line in result.output.splitlines() if line[6:].startswith(f"{check}:"))


@pytest.fixture
def migrated(environment, migrated_url, monkeypatch):
    monkeypatch.setenv("PORTAL_DATABASE_URL", migrated_url)
    return migrated_url


def test_doctor_finds_a_new_installation_well(migrated):
    result = examine()

    assert result.exit_code == 0
    apart = {"tenants", "signatures"}  # how the tests' user stands in PostgreSQL, and a root key that comes later
    found = {text[6:].split(":")[0]: text[:5] for text in result.output.splitlines()}
    assert {name: word for name, word in found.items() if name not in apart} == dict.fromkeys(
        (
            "configuration",
            "exposure",
            "migrations",
            "database",
            "storage",
            "bucket",
            "keys",
            "broker",
            "scanner",
            "sign-in",
            "redis",
            "clock",
        ),
        "well ",
    )
    assert line(result, "broker") == "well  broker: there is none: boxes poll"
    assert line(result, "signatures").startswith("weak  signatures: there is no root key: run `portal keys root FILE`")
    assert line(result, "database") == "well  database: not a demo database"
    assert re.search(r"clock: \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", result.output)


@pytest.mark.parametrize(
    ("script", "said"),
    [
        (KNOWS_EICAR, "well  scanner: it lets a harmless file pass and finds the EICAR test file"),
        ("exit 0", "weak  scanner: the scanner lets the EICAR test file pass"),
        ("exit 1", "ILL   scanner: the scanner finds something in a harmless file"),
        ("exit 2", "ILL   scanner: the scanner does not answer"),
        (None, "ILL   scanner: the scanner does not answer"),
    ],
)
def test_doctor_tries_the_scanner_where_there_is_one(migrated, monkeypatch, tmp_path, no_scanner, script, said):
    monkeypatch.setenv("PORTAL_SCAN_COMMAND", scanner(tmp_path, script) if script else str(tmp_path / "gone"))

    result = examine()

    assert line(result, "scanner").startswith(said)
    assert (result.exit_code == 1) == said.startswith("ILL")


def test_doctor_asks_redis_where_there_is_one(migrated, monkeypatch, tmp_path):
    with redis_server(tmp_path) as place:
        monkeypatch.setenv("PORTAL_REDIS_URL", place.url)
        there = line(examine(), "redis")
    gone = examine()

    assert there == "well  redis: counts for all processes how often an address tries to sign in"
    assert line(gone, "redis").startswith("ILL   redis: Redis does not answer")
    assert gone.exit_code == 1


def test_doctor_asks_the_bucket_where_there_is_one(migrated, monkeypatch, store):
    name = store.new_bucket()
    monkeypatch.setenv("PORTAL_PUBLIC_S3_URL", store.url(name, "/boxes"))
    there = line(examine(), "bucket")
    store.client().put_bucket_acl(Bucket=name, ACL="public-read")
    open_to_all = line(examine(), "bucket")
    monkeypatch.setenv("PORTAL_PUBLIC_S3_URL", store.url(name, "/boxes", "wrong"))
    refused = examine()
    monkeypatch.setenv("PORTAL_PUBLIC_S3_URL", store.url("no-such-bucket"))
    absent = line(examine(), "bucket")
    monkeypatch.setenv("PORTAL_PUBLIC_S3_URL", "s3://K:wrong@127.0.0.1:9/zone?tls=0")
    away = line(examine(), "bucket")

    assert there == "well  bucket: it takes, lists and loses files as we say, and strangers cannot list it"
    assert open_to_all.startswith("weak  bucket: everybody can list it, and with it every channel")
    assert line(refused, "bucket") == (
        "ILL   bucket: the bucket cannot be used (SignatureDoesNotMatch): mend it or PORTAL_PUBLIC_S3_URL"
    )
    assert (refused.exit_code, "wrong" in refused.output) == (1, False)
    assert "(NoSuchBucket)" in absent
    assert "(EndpointConnectionError)" in away
    assert "Contents" not in store.client().list_objects_v2(Bucket=name)


def test_doctor_names_roles_that_a_password_alone_lets_in(migrated):
    engine = migrations.migration_engine(migrated)
    with engine.begin() as connection:
        connection.execute(insert(RoleLevel).values(role="center_support", level=1))

    result = examine()

    assert result.exit_code == 0
    assert line(result, "sign-in").startswith("weak  sign-in: a password alone lets in: center_support;")


OPEN = {
    "PORTAL_BASE_URL": "https://portal.example.com",
    "PORTAL_TRUSTED_PROXIES": "127.0.0.1",
    "PORTAL_SECURITY_CONTACT": "mailto:security@example.com",
    "PORTAL_AUDIT_DIR": "/mnt/elsewhere/checkpoints",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "well  exposure: behind TLS, with the proxies named"),
        (
            {"PORTAL_TRUSTED_PROXIES": "10.0.0.0/8"},
            "weak  exposure: PORTAL_TRUSTED_PROXIES=10.0.0.0/8 believes more machines",
        ),
        (
            {
                "PORTAL_HOST": "0.0.0.0",
                "PORTAL_TLS_CERTIFICATE": "/etc/portal.pem",
                "PORTAL_TLS_KEY": "/etc/portal.key",
            },
            "weak  exposure: PORTAL_HOST=0.0.0.0 is as near as the proxy",
        ),
        ({"PORTAL_AUDIT_DIR": ""}, "weak  exposure: PORTAL_AUDIT_DIR lies beside the database"),
        ({"PORTAL_SECURITY_CONTACT": ""}, "weak  exposure: PORTAL_SECURITY_CONTACT is not set"),
    ],
)
def test_doctor_names_what_others_could_use(migrated, monkeypatch, changed, said):
    for name, value in {**OPEN, **changed}.items():
        monkeypatch.setenv(name, value)

    assert line(examine(), "exposure").startswith(said)


def test_doctor_says_that_a_database_is_the_demo(migrated):
    engine = migrations.migration_engine(migrated)
    mark_as_demo(engine)
    mark_as_demo(engine)

    assert is_demo_database(engine)
    assert line(examine(), "database") == "well  database: the demo database: its accounts are public"


def test_doctor_says_what_keeps_tenants_apart_on_sqlite(environment):
    CliRunner().invoke(cli, ["db", "upgrade"], catch_exceptions=False)

    said = "well  tenants: kept apart by the portal; SQLite has no row-level security"
    assert line(examine(), "tenants") == said


@needs_service("postgresql")
def test_doctor_names_a_role_that_bypasses_row_level_security(environment, monkeypatch):
    with new_postgresql_database() as url:
        monkeypatch.setenv("PORTAL_DATABASE_URL", url)
        migrations.upgrade(url)

        result = examine()

    assert result.exit_code == 0
    assert line(result, "tenants").startswith(
        f"weak  tenants: the database role {make_url(url).username} bypasses row-level security"
    )


@needs_service("postgresql")
def test_doctor_is_content_with_a_role_that_row_level_security_holds(environment, monkeypatch):
    with new_postgresql_database() as url, ordinary_owner(url) as as_owner:
        monkeypatch.setenv("PORTAL_DATABASE_URL", as_owner)
        migrations.upgrade(as_owner)

        assert line(examine(), "tenants") == "well  tenants: kept apart by the portal and by row-level security"


@needs_service("postgresql")
def test_doctor_names_a_tenant_table_without_its_policy(environment, monkeypatch):
    with new_postgresql_database() as url:
        monkeypatch.setenv("PORTAL_DATABASE_URL", url)
        migrations.upgrade(url)
        with migrations.migration_engine(url).begin() as connection:
            connection.execute(text("DROP POLICY tenant_writes ON grants"))

        result = examine()

    assert result.exit_code == 1
    assert line(result, "tenants") == "ILL   tenants: no row-level security on grants: run `portal db upgrade`"


def test_doctor_finds_no_database_and_makes_none(environment):
    result = examine()

    assert result.exit_code == 1
    assert line(result, "migrations") == "ILL   migrations: there is no database yet: run `portal db upgrade`"
    assert list(environment.iterdir()) == []


def test_doctor_finds_a_database_that_was_not_migrated(migrated):
    migrations.downgrade(migrated, "base")

    result = examine()

    assert result.exit_code == 1
    assert line(result, "migrations") == (
        f"ILL   migrations: The database is at revision none, this version needs {migrations.head_revision()}: "
        "run `portal db upgrade`."
    )


def test_doctor_finds_a_database_that_does_not_answer(environment, monkeypatch):
    monkeypatch.setenv("PORTAL_DATABASE_URL", "postgresql://nobody@127.0.0.1:1/none")

    result = examine()

    assert result.exit_code == 1
    assert line(result, "migrations").startswith("ILL   migrations: the database does not answer: ")


def test_doctor_finds_test_settings_without_the_demo(migrated, monkeypatch):
    monkeypatch.setenv("PORTAL_TEST_CLOCK", "+32d")

    result = examine()

    assert result.exit_code == 1
    assert line(result, "configuration").startswith("ILL   configuration: PORTAL_TEST_CLOCK would make")


def test_doctor_finds_a_folder_that_cannot_be_used(migrated, environment):
    (environment / "pub").write_text("a file where a folder should be")

    result = examine()

    assert result.exit_code == 1
    assert line(result, "storage") == (
        f"ILL   storage: {environment}/pub cannot be written by this user: change its owner or the setting"
    )


def test_doctor_finds_a_secret_that_others_can_read(migrated, environment):
    secret = environment / "secret"
    secret.write_bytes(b"x" * 32)
    secret.chmod(0o644)

    result = examine()

    assert result.exit_code == 1
    assert line(result, "keys") == f"ILL   keys: PORTAL_SECRET_FILE={secret} can be read by others: chmod 600 {secret}"


def test_doctor_leaves_nothing_behind_where_it_tried_to_write(migrated, environment):
    for name in ("pub", "media"):
        (environment / name).mkdir()

    examine()

    assert [list((environment / name).iterdir()) for name in ("pub", "media")] == [[], []]
