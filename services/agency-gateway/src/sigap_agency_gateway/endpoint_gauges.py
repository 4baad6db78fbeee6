"""The gauges of endpoints: what waits after a failed attempt, and which endpoints are disabled."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, literal_column, select

from sigap_agency_gateway.models import deliveries, endpoints
from sigap_common.database import CompiledStatement, Connection

# Bound values would keep both databases from using the partial index of pending deliveries. While an attempt is made,
# `attempts` counts it already: a first attempt that waits for its answer is here too, for at most its time limit.
_FAILING = CompiledStatement(
    select(
        deliveries.c.agency,
        deliveries.c.endpoint,
        func.count().label("waiting"),
        func.min(deliveries.c.created_at).label("since"),
    )
    .where(deliveries.c.state == literal_column("'pending'"), deliveries.c.attempts > literal_column("0"))
    .group_by(deliveries.c.agency, deliveries.c.endpoint)
)
_DISABLED = CompiledStatement(
    select(endpoints.c.agency, endpoints.c.name).where(endpoints.c.state == literal_column("'disabled'"))
)


class EndpointGauges:
    """An endpoint with which nothing is wrong has no value."""

    def __init__(self, registry: CollectorRegistry) -> None:
        names = ["agency", "endpoint"]
        self._waiting = Gauge(
            "sigap_endpoint_retries", "Deliveries that an endpoint has not taken yet", names, registry=registry
        )
        self._oldest = Gauge(
            "sigap_endpoint_oldest_retry_seconds", "Age of the oldest of them", names, registry=registry
        )
        self._disabled = Gauge(
            "sigap_endpoint_disabled",
            "1: the endpoint is disabled, and nothing is sent to it",
            names,
            registry=registry,
        )

    async def read(self, connection: Connection, now: datetime) -> None:
        for agency, endpoint, waiting, since in await _FAILING.rows(connection, {}):
            self._waiting.labels(agency, endpoint).set(waiting)
            self._oldest.labels(agency, endpoint).set(max(0.0, (now - since).total_seconds()))
        for agency, endpoint in await _DISABLED.rows(connection, {}):
            self._disabled.labels(agency, endpoint).set(1)

    def forget(self) -> None:
        for gauge in (self._waiting, self._oldest, self._disabled):
            gauge.clear()
