"""Finding records: filters, pages by number, the fence between tenants; on both databases."""

import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain
from statistics import median

import pytest
import time_machine
from sqlalchemy import event as events

from portal.audit import queries
from portal.audit.events import Event
from portal.audit.keys import destroy_key
from portal.audit.pending import Target
from portal.audit.queries import PAGE, Filter, get_record, log_page, tenant_names
from portal.core.context import Actor, RequestMeta, TenantRef
from portal.core.database import Database, system_session, tenant_session
from portal.core.errors import NotFound
from portal.core.ids import new_id
from tests.world import building
from tests.world.log import ALICE, pending, start_anew, write

NOON = datetime(2026, 11, 24, 4, tzinfo=UTC)


@pytest.fixture
def hotel(database: Database) -> TenantRef:
    building.add_provinces()
    return building.build_tenant("云栖酒店(浙江酒店)", province="33")


def pages(wanted: Filter) -> Iterator[list[int]]:
    before: int | None = None
    with system_session(reason="test") as session:
        while True:
            page = log_page(session, wanted, before)
            yield [row.seq for row in page.records]
            before = page.older
            if before is None:
                return


def found(wanted: Filter, before: int | None = None) -> list[str]:
    with system_session(reason="test") as session:
        return [row.request_id for row in log_page(session, wanted, before).records]


IDS = [new_id() for _ in range(4)]


@pytest.fixture
def four(database: Database, hotel: TenantRef) -> TenantRef:
    bob = Actor(building.build_user("bob"), "bob", "", "tenant_admin", "business")
    building.build_user("alice")
    start_anew(database)
    records = {
        NOON - timedelta(days=1): pending(Event.SIGNED_OUT),
        NOON: pending(Event.ACCESS_DENIED, actor=bob, outcome="denied"),
        NOON + timedelta(minutes=1): pending(
            Event.DRAFT_SAVED, tenant=hotel, target=Target("content_object", "t2", "湖畔早餐")
        ),
        NOON + timedelta(hours=13): pending(
            Event.SIGNED_OUT, actor=replace(ALICE, layer="system"), target=Target("box_group", "t3", "100%_Sure")
        ),
    }
    for request_id, (at, record) in zip(IDS, records.items(), strict=True):
        with time_machine.travel(at, tick=False):
            write(replace(record, request=RequestMeta(request_id)))
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
        (Filter(actor="nobody"), []),
        (Filter(text="湖畔"), [2, 1, 0]),
        (Filter(text="林晓", outcome="done"), [3, 2, 0]),
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
    start_anew(database)
    write(*(pending() for _ in range(2 * PAGE + 1)))

    found_on = list(pages(Filter()))

    assert [len(page) for page in found_on] == [PAGE, PAGE, 1]
    assert list(chain.from_iterable(found_on)) == list(range(2 * PAGE + 1, 0, -1))


def test_search_goes_on_where_it_stopped(database: Database, hotel: TenantRef, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands between two hits, each is found once; a page may hold none and yet not be the last."""
    monkeypatch.setattr(queries, "SEARCHED", 60)
    start_anew(database)
    wanted, other = pending(target=Target("x", "1", "湖")), pending(target=Target("x", "1", "山"))
    write(*([wanted] * 55), *([other] * 130), *([wanted] * 53))

    found_on = list(pages(Filter(text="湖")))

    assert [len(page) for page in found_on] == [50, 3, 0, 47, 8]
    assert list(chain.from_iterable(found_on)) == [*range(238, 185, -1), *range(55, 0, -1)]


def test_words_of_a_destroyed_key_are_found_no_more(database: Database, four: TenantRef) -> None:
    with tenant_session(four.id, writes=True) as session:
        destroy_key(session, four.id)
        session.connection().commit()

    with system_session(reason="test") as session:
        record = get_record(session, 3)
        assert (record.request_id, record.target_title, record.actor_name, record.details) == (IDS[2], "", "", {})
        assert not record.opened.is_readable
    assert found(Filter(text="湖畔")) == [IDS[1], IDS[0]]
    assert found(Filter(target="t2")) == [IDS[2]]


def test_full_last_page_has_none_after_it(database: Database, hotel: TenantRef) -> None:
    start_anew(database)
    write(*(pending() for _ in range(PAGE)))

    with system_session(reason="test") as session:
        assert log_page(session, Filter()).older is None


def test_names_of_tenants_come_in_one_query(four: TenantRef) -> None:
    with system_session(reason="test") as session:
        names = tenant_names(session, [four.id, four.id, None, new_id()])

    assert names == {four.id: four.name}


def test_page_of_ten_thousand_records_is_one_fast_query(database: Database, hotel: TenantRef) -> None:
    write(*(pending(tenant=hotel if n % 3 else None) for n in range(10_000)))
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
            Filter(actor="alice"),
            Filter(group="review"),
            Filter(enterprise_id=hotel.enterprise_id),
        ):
            begun = time.perf_counter()
            log_page(session, wanted)
            times.append(time.perf_counter() - begun)

    assert len(statements) == 4
    assert median(times) < 0.05
