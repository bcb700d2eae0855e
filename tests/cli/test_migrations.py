import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import JSON, Column, MetaData, Table, inspect, text

from portal.cli import migrations
from portal.cli.metadata import load_metadata
from portal.core.settings import PROJECT_ROOT, SettingsError

FIRST = """
import sqlalchemy as sa
from alembic import op

revision = "1"
down_revision = None

def upgrade():
    op.create_table("hotels", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("INSERT INTO hotels (id) VALUES (1)")

def downgrade():
    op.drop_table("hotels")
"""
SECOND_FAILS = """
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

def upgrade():
    op.create_table("rooms", sa.Column("id", sa.Integer, primary_key=True))
    op.execute("DELETE FROM hotels")
    raise RuntimeError("half way")

def downgrade():
    pass
"""
SECOND_BREAKS_REFERENCES = """
import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"

def upgrade():
    op.create_table("rooms", sa.Column("hotel", sa.Integer, sa.ForeignKey("hotels.id")))
    op.execute("INSERT INTO rooms (hotel) VALUES (7)")

def downgrade():
    pass
"""


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    folder = tmp_path / "migrations"
    (folder / "versions").mkdir(parents=True)
    shutil.copy(migrations.SCRIPTS / "env.py", folder)
    (folder / "versions" / "1.py").write_text(FIRST)
    return folder


def tables(url: str) -> set[str]:
    with migrations.migration_engine(url).connect() as connection:
        return set(inspect(connection).get_table_names())


def test_migrations_go_up_down_and_up(empty_url):
    migrations.upgrade(empty_url)
    first = tables(empty_url)
    migrations.downgrade(empty_url, "base")
    between = tables(empty_url)
    migrations.upgrade(empty_url)

    assert between == {"alembic_version"}
    assert tables(empty_url) == first
    assert migrations.current_revision(empty_url) == migrations.head_revision()


def test_migrations_make_what_the_models_say(empty_url):
    migrations.upgrade(empty_url)

    with migrations.migration_engine(empty_url).connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, load_metadata()) == []


def bare_row(table: Table, **values: object) -> dict[str, object]:
    """A row with `values`, and something of the right type wherever the table wants something."""
    made = {int: 1, str: "x", bool: False, datetime: datetime(2026, 11, 26, tzinfo=UTC), dict: {}, UUID: uuid4()}
    wanted = [column for column in table.columns if not column.nullable and column.server_default is None]
    return {column.name: made[type_of(column)] for column in wanted} | values


def type_of(column: Column[Any]) -> type:
    """The type of a column's values; JSON stands for a mapping."""
    return dict if isinstance(column.type, JSON) else column.type.python_type


def test_deletions_and_submissions_are_told_of_revisions_that_were_there_before(empty_url):
    migrations.upgrade(empty_url, "0005")
    one, gone, staying, sent = (str(UUID(int=number)).replace("-", "") for number in range(1, 5))
    of_tenant = {"tenant_id": one}
    rows = [
        ("customers", {"id": one}),
        ("tenants", {"id": one, "customer_id": one, "scope": "national", "business_type": "hotel"}),
        ("submissions", {**of_tenant, "id": sent, "submitted_by": None, "title": "早餐"}),
        *(("content_objects", {**of_tenant, "id": each, "kind": "marquee"}) for each in (gone, staying)),
        *(
            ("revisions", {**of_tenant, "id": each, "object_id": each, "envelope": {"deleted": each == gone}})
            for each in (gone, staying)
        ),
        ("submission_items", {**of_tenant, "id": one, "submission_id": sent, "revision_id": gone, "object_id": gone}),
    ]
    with migrations.migration_engine(empty_url).begin() as connection:
        metadata = MetaData()
        metadata.reflect(connection)
        for name, values in rows:
            table = metadata.tables[name]
            connection.execute(table.insert(), bare_row(table, **values))

    migrations.upgrade(empty_url)

    with migrations.migration_engine(empty_url).connect() as connection:
        found = connection.execute(text("SELECT id, deleted, submission_id FROM revisions ORDER BY id")).all()
        sought = connection.execute(text("SELECT pinyin FROM submissions")).scalar_one()
    assert sought == "zaocan zc"
    plain = [tuple(None if one is None else str(one).replace("-", "") for one in row) for row in found]
    assert [(row[0], row[1] in {"1", "True"}, row[2]) for row in plain] == [(gone, True, sent), (staying, False, None)]


def test_database_is_empty_until_a_row_beside_the_provinces_is_written(empty_url):
    migrations.upgrade(empty_url)
    before = migrations.is_empty(empty_url)
    with migrations.migration_engine(empty_url).begin() as connection:
        connection.execute(text("INSERT INTO provinces (code, name) VALUES ('33', '浙江')"))
    with_provinces = migrations.is_empty(empty_url)
    with migrations.migration_engine(empty_url).begin() as connection:
        connection.execute(
            text(
                "INSERT INTO customers (id, name, industry_code, created_at, version) VALUES "
                "('01990000-0000-7000-8000-000000000001', '客户', '1401001', '2026-01-01 00:00:00', 1)"
            )
        )

    assert before
    assert with_provinces
    assert not migrations.is_empty(empty_url)


def test_migration_that_fails_changes_nothing(empty_url, scripts):
    migrations.upgrade(empty_url, scripts=scripts)
    (scripts / "versions" / "2.py").write_text(SECOND_FAILS)

    with pytest.raises(RuntimeError, match="half way"):
        migrations.upgrade(empty_url, scripts=scripts)

    assert tables(empty_url) == {"alembic_version", "hotels"}
    assert migrations.current_revision(empty_url) == "1"
    assert not migrations.is_empty(empty_url)


def test_migration_that_breaks_a_reference_is_rolled_back_on_sqlite(tmp_path, scripts):
    url = f"sqlite:///{tmp_path / 'portal.db'}"
    (scripts / "versions" / "2.py").write_text(SECOND_BREAKS_REFERENCES)

    with pytest.raises(migrations.BrokenReferences, match="rooms refers to a row of hotels that does not exist"):
        migrations.upgrade(url, scripts=scripts)

    assert tables(url) == set()


def test_migrating_from_several_starts_at_once_happens_once(empty_url, scripts):
    code = "import sys, pathlib; from portal.cli.migrations import upgrade; upgrade(sys.argv[1], scripts=pathlib.Path(sys.argv[2]))"
    command = [sys.executable, "-c", code, empty_url, str(scripts)]

    starts = [subprocess.Popen(command, cwd=PROJECT_ROOT) for _ in range(4)]

    assert [start.wait() for start in starts] == [0] * 4
    with migrations.migration_engine(empty_url).connect() as connection:
        assert connection.execute(text("SELECT id FROM hotels")).scalars().all() == [1]


def test_database_of_another_version_is_refused_with_the_command(empty_url):
    with pytest.raises(SettingsError) as caught:
        migrations.require_current(empty_url)

    assert str(caught.value) == (
        f"The database is at revision none, this version needs {migrations.head_revision()}: run `portal db upgrade`."
    )
