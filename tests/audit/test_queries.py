"""Finding records: filters, pages by number, the fence between tenants; on both databases."""

import time
from datetime import UTC, date, datetime, timedelta
from statistics import median

import pytest
from sqlalchemy import event as events
from sqlalchemy import insert

from portal.audit.models import AuditRecord
from portal.audit.queries import PAGE, Filter, get_record, log_page, tenant_names
from portal.core.context import TenantRef
from portal.core.database import Database, system_session, tenant_session
from portal.core.errors import NotFound
from portal.core.ids import new_id
from tests.world import building

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture
def hotel(database: Database) -> TenantRef:
    building.add_provinces()
    return building.build_tenant("云栖酒店(浙江酒店)", province="33")


def write(database: Database, *rows: dict[str, object]) -> None:
    """Rows of the log as an installation of some years has them."""
    plain = {
        "at": NOON, "event": "account.signed_in", "outcome": "done", "tenant_id": None, "actor_id": None,
        "actor_username": "alice", "actor_name": "林晓", "actor_role": "tenant_admin", "actor_layer": "business",
        "auth_level": 2, "auth_method": "password+totp", "address": "203.0.113.7", "request_id": new_id(),
        "target_type": "user", "target_id": "t1", "target_title": "湖畔早餐", "details": {},
    }  # fmt: skip
    with database.engine.begin() as connection:
        connection.execute(AuditRecord.__table__.delete())
        connection.execute(insert(AuditRecord.__table__), [{**plain, **row} for row in rows])


def found(wanted: Filter, before: int | None = None) -> list[str]:
    with system_session(reason="test") as session:
        return [row.request_id for row in log_page(session, wanted, before).records]


IDS = [new_id() for _ in range(4)]


@pytest.fixture
def four(database: Database, hotel: TenantRef) -> TenantRef:
    write(
        database,
        {"request_id": IDS[0], "at": NOON - timedelta(days=1)},
        {
            "request_id": IDS[1],
            "event": "access.denied",
            "outcome": "denied",
            "actor_username": "bob",
            "actor_name": "",
        },
        {"request_id": IDS[2], "tenant_id": hotel.id, "event": "content.draft_saved", "target_id": "t2"},
        {"request_id": IDS[3], "actor_layer": "system", "target_title": "100%_Sure", "at": NOON + timedelta(hours=13)},
    )
    return hotel


@pytest.mark.parametrize(
    ("wanted", "numbers"),
    [
        (Filter(), [3, 2, 1, 0]),
        (Filter(group="account"), [3, 0]),
        (Filter(group="nonsense"), []),
        (Filter(outcome="denied"), [1]),
        (Filter(layer="system"), [3]),
        (Filter(actor="bob"), [1]),
        (Filter(target="t2"), [2]),
        (Filter(text="湖畔"), [2, 1, 0]),
        (Filter(text="BOB"), [1]),
        (Filter(text="100%_"), [3]),
        (Filter(text="%"), [3]),
        (Filter(since=date(2026, 11, 24)), [3, 2, 1]),
        (Filter(until=date(2026, 11, 24)), [2, 1, 0]),
        (Filter(since=date(2026, 11, 25), until=date(2026, 11, 25)), [3]),
        (Filter(group="account", layer="business"), [0]),
    ],
    ids=str,
)
def test_filter_finds(four: TenantRef, wanted: Filter, numbers: list[int]) -> None:
    assert found(wanted) == [IDS[number] for number in numbers]


def test_filter_by_enterprise_finds_its_records(four: TenantRef) -> None:
    assert found(Filter(enterprise_id=four.enterprise_id)) == [IDS[2]]
    assert found(Filter(enterprise_id="123")) == []


def test_tenant_sees_its_own_records_alone(four: TenantRef) -> None:
    with system_session(reason="test") as session:
        others = [row.seq for row in log_page(session, Filter()).records if row.tenant_id is None]
    with tenant_session(four.id) as session:
        seen = [row.request_id for row in log_page(session, Filter()).records]
        with pytest.raises(NotFound):
            get_record(session, others[0])

    assert seen == [IDS[2]]


def test_pages_follow_without_gap_or_repetition(database: Database, hotel: TenantRef) -> None:
    write(database, *({"request_id": new_id()} for _ in range(2 * PAGE + 1)))
    seen: list[int] = []
    before: int | None = None
    sizes = []

    with system_session(reason="test") as session:
        while True:
            page = log_page(session, Filter(), before)
            seen += [row.seq for row in page.records]
            sizes.append(len(page.records))
            before = page.older
            if before is None:
                break

    assert sizes == [PAGE, PAGE, 1]
    assert seen == sorted(set(seen), reverse=True)


def test_full_last_page_has_none_after_it(database: Database, hotel: TenantRef) -> None:
    write(database, *({"request_id": new_id()} for _ in range(PAGE)))

    with system_session(reason="test") as session:
        assert log_page(session, Filter()).older is None


def test_names_of_tenants_come_in_one_query(four: TenantRef) -> None:
    with system_session(reason="test") as session:
        names = tenant_names(session, [four.id, four.id, None, new_id()])

    assert names == {four.id: four.name}


def test_page_of_ten_thousand_records_is_one_fast_query(database: Database, hotel: TenantRef) -> None:
    write(database, *({"request_id": new_id(), "tenant_id": hotel.id if n % 3 else None} for n in range(10_000)))
    statements: list[str] = []
    events.listen(
        database.engine, "before_cursor_execute", lambda _c, _cur, statement, *_: statements.append(statement)
    )
    times = []

    with system_session(reason="test") as session:
        session.connection()
        statements.clear()
        for wanted in (
            Filter(),
            Filter(text="没有"),
            Filter(group="review"),
            Filter(enterprise_id=hotel.enterprise_id),
        ):
            begun = time.perf_counter()
            log_page(session, wanted)
            times.append(time.perf_counter() - begun)

    assert len(statements) == 4
    assert median(times) < 0.05
