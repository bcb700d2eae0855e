"""No act of anybody changes a record: every sweep is watched for it, and the watch sees what it is there for."""

import pytest
from sqlalchemy import delete, select, update

from portal.audit.models import AuditPersonalSignature, AuditRecord
from portal.core import database as databases
from tests.sweeps.untouched import log_untouched
from tests.world.cast import Cast


def test_reading_and_appending_is_let_be(cast: Cast) -> None:
    engine = databases.database().engine
    with log_untouched(engine), engine.begin() as connection:
        row = connection.execute(select(AuditRecord.__table__).order_by(AuditRecord.seq.desc())).mappings().first()
        assert row is not None
        connection.execute(AuditRecord.__table__.insert().values({**row, "seq": row["seq"] + 1}))


@pytest.mark.parametrize(
    "statement",
    [
        update(AuditRecord.__table__).values(outcome="denied"),
        delete(AuditRecord.__table__),
        delete(AuditPersonalSignature.__table__),
    ],
    ids=["changed", "taken away", "signatures taken away"],
)
def test_act_that_changes_a_record_would_be_seen(cast: Cast, statement: object) -> None:
    engine = databases.database().engine

    with pytest.raises(AssertionError, match="audit_"), log_untouched(engine), engine.begin() as connection:
        connection.execute(statement)  # type: ignore[call-overload]
