"""The gauges of the spool: how many events of exchanges wait in the file of this process, and for how long.

They are read from memory, so they also tell while the database is away.
"""

from prometheus_client import CollectorRegistry, Gauge

from sigap_intake.exchanges.spool import Spool


def show(spool: Spool, registry: CollectorRegistry) -> None:
    """Adds the gauges of this spool to the metrics."""
    waiting = Gauge(
        "sigap_exchange_events_waiting",
        "Events of exchanges that wait in the file of this process",
        registry=registry,
    )
    waiting.set_function(lambda: len(spool))
    oldest = Gauge(
        "sigap_exchange_events_oldest_seconds",
        "For how long the oldest of these events has waited; 0: none waits",
        registry=registry,
    )
    oldest.set_function(spool.oldest_seconds)
    aside = Gauge(
        "sigap_exchange_events_set_aside",
        "Events of exchanges that this process could not handle and will try again at its next start",
        registry=registry,
    )
    aside.set_function(lambda: spool.set_aside)
