"""What the portal counts, for Prometheus, on a listener of its own.

Every process counts in files of its own (the library's multi-process mode), and the listener, a thread of the job worker, adds them up.
The library asks for the files' folder when it is loaded, so this module is imported after `serve` has named one.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, start_http_server
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from portal.core import metrics
from portal.core.logs import get_logger

_SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_log = get_logger()


def count() -> None:
    """This function will begin to count, in this process and those forked from it, in the folder that PROMETHEUS_MULTIPROC_DIR names."""
    registry = CollectorRegistry()  # what is shown comes from the files

    def counter(name: str, meaning: str, *labels: str) -> Counter:
        return Counter(name, meaning, labels, registry=registry)

    def seconds(name: str, meaning: str, *labels: str) -> Histogram:
        return Histogram(name, meaning, labels, registry=registry, buckets=_SECONDS)

    metrics.use(
        metrics.Instruments(
            requests=counter("portal_requests", "Requests answered.", "endpoint", "method", "status"),
            request_seconds=seconds("portal_request_seconds", "How long an answer took.", "endpoint"),
            turned_away=counter("portal_box_calls_turned_away", "Calls of boxes that found no place (503)."),
            jobs=counter("portal_jobs", "Runs of background jobs.", "job", "outcome"),
            job_seconds=seconds("portal_job_seconds", "How long a run of a job took.", "job"),
            publications=counter("portal_publications", "Publications written, or tried.", "outcome"),
            publication_seconds=seconds("portal_publication_seconds", "How long a publication took to be written."),
            records=counter("portal_audit_records", "Records of the operation log.", "event", "outcome"),
        )
    )


def listen(host: str, port: int) -> None:
    """This function will answer on `host` and `port`, in a thread of its own, with everything that was counted; raises `OSError`."""
    registry = CollectorRegistry()
    MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    registry.register(_Moment())
    start_http_server(port, host, registry)


class _Moment(Collector):
    """What is so many at this moment."""

    def collect(self) -> Iterator[Metric]:
        """This function will ask every gauge; a database that is away does not take the other numbers with it."""
        for one in metrics.gauges():
            family = GaugeMetricFamily(one.name, one.meaning, labels=[one.label] if one.label else [])
            try:
                for value, number in one.read().items():
                    family.add_metric([value] if one.label else [], number)
            except Exception:  # noqa: BLE001 - as the docstring says
                _log.exception("a number could not be read", name=one.name)
            yield family

    def describe(self) -> Iterable[Metric]:
        """This function will name nothing: otherwise everything would be asked at the registration."""
        return ()
