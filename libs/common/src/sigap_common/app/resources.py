"""The resources of a running service: objects in memory, such as an index or an HTTP client. If several services run
in one process, each has its own.
"""

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sigap_common.auth import ServiceVerifier
from sigap_common.core.clock import Clock, Elapsed
from sigap_common.core.ids import Ids
from sigap_common.core.settings import CommonSettings, ServiceSettings
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

    def prepare_zone(self, zone: Zone) -> None:
        """Does the slow part of `zone_changed`. It is called in a thread, before `zone_changed`."""

    def zone_changed(self, code: str, zone: Zone | None) -> None:
        """Called when this process has loaded or replaced a regency's zone. None: the regency has no zone any more."""
