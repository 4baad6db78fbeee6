"""The resources of a running service: objects in memory, such as an index or an HTTP client. If several services run
in one process, each has its own.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from prometheus_client import CollectorRegistry

from sigap_common.auth import ServiceVerifier
from sigap_common.core.clock import Clock, Elapsed
from sigap_common.core.ids import Ids
from sigap_common.core.settings import CommonSettings, ServiceSettings
from sigap_common.database import Connection
from sigap_common.personal_data import KeyRing
from sigap_common.regency import Zone

S = TypeVar("S", bound=ServiceSettings, covariant=True)


@dataclass(frozen=True, slots=True)
class Environment(Generic[S]):
    """The values from which a service builds its resources."""

    common: CommonSettings
    settings: S
    ring: KeyRing
    verifier: ServiceVerifier
    clock: Clock
    elapsed: Elapsed
    """A monotonic clock in seconds. Caches use it, because it never goes back."""
    ids: Ids
    registry: CollectorRegistry
    """The service's metrics. Its own ones are added to it, and have a row in docs/platform.md."""


class Resources:
    """The base class. It holds nothing; a service with objects of its own derives a subclass."""

    def __init__(self, environment: Environment[Any]) -> None:
        """A subclass is given the environment with the settings of its service."""

    async def start(self) -> None:
        """Called before the first request."""

    def drain(self) -> None:
        """Called when the process is about to stop: ends waits that would last longer. May be called twice."""

    async def stop(self) -> None:
        """Called after the last request."""

    async def read_gauges(self, connection: Connection, now: datetime) -> None:
        """Called before metrics are answered, at most every 5 s: sets the service's own gauges from its database."""

    def forget_gauges(self) -> None:
        """Called before `read_gauges`, and if the database does not answer: its own gauges are not known."""

    def prepare_zone(self, zone: Zone) -> None:
        """Does the slow part of `zone_changed`. It is called in a thread, before `zone_changed`."""

    def zone_changed(self, code: str, zone: Zone | None) -> None:
        """Called when this process has loaded or replaced a regency's zone. None: the regency has no zone any more."""
