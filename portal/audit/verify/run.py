"""The whole check: keys, records, tree, head, checkpoints of the database and those from outside, people's signatures."""

from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass

from sqlalchemy.exc import SQLAlchemyError

from portal.audit.personal import NoVerifier
from portal.audit.verify.anchors import check_checkpoints, check_personal, check_retired
from portal.audit.verify.findings import CannotCheck, Finding
from portal.audit.verify.opening import Outside, open_log, snapshot
from portal.audit.verify.records import check_records


@dataclass(frozen=True)
class Report:
    """How much was checked, and what is wrong, the first record first."""

    records: int
    checkpoints: int
    findings: tuple[Finding, ...]


def verify_log(*, outside: Sequence[Outside] = (), stamps: bool = False, executor: Executor | None = None) -> Report:
    """This function will check the whole log, every stamp too where asked, and say what is wrong.

    Chunks go to `executor` where one is given; its processes have the same database in use (`database.use`). Raises
    `CannotCheck` where something that is needed is not there, an outside checkpoint of another log among it.
    """
    try:
        with snapshot() as connection:
            log = open_log(connection, outside)
            roots = check_records(connection, log, stamps=stamps, executor=executor)
            check_checkpoints(connection, log, roots)
            check_personal(connection, log, stamps=stamps)
            check_retired(connection, log)
    except NoVerifier as unknown:
        raise CannotCheck(f"nobody here knows how to check personal signatures of the kind {unknown}") from unknown
    except SQLAlchemyError as error:
        raise CannotCheck(f"the database does not answer: {str(error).splitlines()[0]}") from error
    return Report(log.rows, len(log.notes), tuple(sorted(log.findings, key=lambda found: found.seq)))
