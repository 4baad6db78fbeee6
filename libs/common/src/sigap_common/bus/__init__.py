"""The event bus: one port, Apache Kafka behind it on a cluster and a log in SQLite on a single host."""

from pathlib import Path

from sigap_common.bus.port import (
    Bus,
    BusError,
    BusUnavailable,
    Delivered,
    Malformed,
    MessageTooLarge,
    Position,
    Subscription,
    TopicAbsent,
    TopicSpec,
)
from sigap_common.bus.security import BusSecurity

__all__ = [
    "Bus",
    "BusError",
    "BusSecurity",
    "BusUnavailable",
    "Delivered",
    "Malformed",
    "MessageTooLarge",
    "Position",
    "Subscription",
    "TopicAbsent",
    "TopicSpec",
    "open_bus",
]


def open_bus(url: str, *, data_dir: Path | None, security: BusSecurity | None = None) -> Bus:
    """The bus that `url` names; nothing is opened before its `start`. Raises ValueError for a URL that names
    none, and if `security` does not fit it.

    `embedded://` is the file bus.sqlite3 in `data_dir`, `embedded:///path/to/file` that file,
    `kafka://host:port,host:port` a cluster by its bootstrap servers, and `kafka+tls://host:port` one by TLS.
    """
    scheme, separator, rest = url.partition("://")
    security = security or BusSecurity()
    security.check()
    if scheme != "kafka+tls" and not security.is_empty:
        raise ValueError("SIGAP_BUS_CA_FILE, certificate, user name and password need a SIGAP_BUS_URL kafka+tls://")
    if separator and scheme == "embedded":
        if not rest and data_dir is None:
            raise ValueError("embedded:// needs a data directory, or the file's path: embedded:///path")
        from sigap_common.bus.embedded import EmbeddedBus

        return EmbeddedBus(Path(rest) if rest else Path(data_dir or ".") / "bus.sqlite3")
    if separator and scheme in ("kafka", "kafka+tls") and rest:
        from sigap_common.bus.kafka import KafkaBus

        return KafkaBus(rest.rstrip("/"), security if scheme == "kafka+tls" else None)
    raise ValueError(f"no bus is called {url!r}; known are embedded://, kafka://host:port and kafka+tls://host:port")
