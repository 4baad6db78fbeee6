"""Prometheus metrics, one registry a service, so that five services in one process do not collide."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import generate_latest
from prometheus_client.metrics_core import Metric

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)


class Metrics:
    """The metrics that every service has. A service adds its own to `registry`."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "sigap_http_requests",
            "HTTP requests answered",
            ["method", "route", "status"],
            registry=self.registry,
        )
        self.request_seconds = Histogram(
            "sigap_http_request_seconds", "Time to answer", ["route"], buckets=SECONDS, registry=self.registry
        )
        self.requests_refused = Counter(
            "sigap_http_requests_refused",
            "HTTP requests refused because there was too much to do",
            ["urgency"],
            registry=self.registry,
        )
        self.events_published = Counter(
            "sigap_events_published", "Events carried from the outbox to the bus", registry=self.registry
        )
        self.events_handled = Counter("sigap_events_handled", "Events handled", registry=self.registry)
        self.dead_letters = Gauge("sigap_dead_letters", "Dead letters parked now", registry=self.registry)
        self.clock_ahead = Gauge(
            "sigap_clock_ahead_seconds",
            "How far this host's clock is ahead of the database's (negative: behind)",
            registry=self.registry,
        )
        self.swept = Counter(
            "sigap_job_rows", "Rows that jobs deleted or erased", ["job", "what"], registry=self.registry
        )
        self.stream_listeners = Gauge("sigap_stream_listeners", "Open live streams", registry=self.registry)
        self.dependency_up = Gauge(
            "sigap_dependency_up", "Whether the database and the bus answer", ["dependency"], registry=self.registry
        )
        self.lease_unattended = Gauge(
            "sigap_lease_unattended_seconds", "How long no replica has held the lease", registry=self.registry
        )
        self.outbox_oldest = Gauge(
            "sigap_outbox_oldest_seconds",
            "Age of the oldest event that the bus does not have yet; 0: none waits",
            registry=self.registry,
        )
        self.consumer_lag = Gauge(
            "sigap_consumer_lag_events",
            "Events on the bus that this process has to read and has not handled",
            registry=self.registry,
        )
        self.disk_free = Gauge(
            "sigap_disk_free_bytes", "Free space of the data folder's file system", registry=self.registry
        )
        self.disk_size = Gauge("sigap_disk_size_bytes", "Size of the data folder's file system", registry=self.registry)
        self.certificate_expires = Gauge(
            "sigap_certificate_expires_timestamp_seconds",
            "When a certificate of this process expires, Unix time",
            ["certificate"],
            registry=self.registry,
        )
        self.backup_at = Gauge(
            "sigap_backup_timestamp_seconds",
            "When the single host was last backed up, Unix time; 0: never",
            ["of"],
            registry=self.registry,
        )


def of_site() -> CollectorRegistry:
    """The metrics of a site. It has one alone, by whose absence it is seen that nobody serves the site."""
    registry = CollectorRegistry()
    Gauge("sigap_site_served", "1: this process serves the site", registry=registry).set(1)
    return registry


class _Merged:
    """The metrics of several services in one exposition, with the label `service`."""

    def __init__(self, parts: Iterable[tuple[str, CollectorRegistry]]) -> None:
        self._parts = list(parts)

    def collect(self) -> Iterable[Metric]:
        families: dict[str, Metric] = {}
        for service, registry in self._parts:
            for metric in registry.collect():
                family = families.setdefault(
                    metric.name, Metric(metric.name, metric.documentation, metric.type, metric.unit)
                )
                for sample in metric.samples:
                    family.samples.append(sample._replace(labels=sample.labels | {"service": service}))
        return families.values()


def exposition(parts: Iterable[tuple[str, CollectorRegistry]]) -> bytes:
    """The text that Prometheus reads."""
    return generate_latest(_Merged(parts))
