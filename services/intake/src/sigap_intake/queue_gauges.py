"""The gauges of the queue: how many calls of each regency wait, and how long the first of them has waited."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Gauge
from sqlalchemy import func, literal_column, select

from sigap_common.database import CompiledStatement, Connection
from sigap_intake.models.calls import calls

# Bound values would keep both databases from using the partial index of waiting calls.
_WAITING = CompiledStatement(
    select(calls.c.regency, func.count().label("waiting"), func.min(calls.c.queued_at).label("since"))
    .where(calls.c.state == literal_column("'waiting'"), calls.c.drill == literal_column("false"))
    .group_by(calls.c.regency)
)


class QueueGauges:
    """A regency without a waiting call has no value. Drills are not counted."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waiting = Gauge("sigap_calls_waiting", "Calls in the queue", ["regency"], registry=registry)
        self._longest = Gauge(
            "sigap_calls_longest_waiting_seconds",
            "For how long the first of the calls in the queue has waited",
            ["regency"],
            registry=registry,
        )

    async def read(self, connection: Connection, now: datetime) -> None:
        for regency, waiting, since in await _WAITING.rows(connection, {}):
            self._waiting.labels(regency).set(waiting)
            self._longest.labels(regency).set(max(0.0, (now - since).total_seconds()))

    def forget(self) -> None:
        self._waiting.clear()
        self._longest.clear()
