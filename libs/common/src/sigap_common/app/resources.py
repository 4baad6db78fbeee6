"""The resources of a running service: objects in memory such as an index or an HTTP client. Each service of a process
has resources of its own.
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
    """What a service's resources are made from."""

    common: CommonSettings
    settings: S
    ring: KeyRing
    verifier: ServiceVerifier
    clock: Clock
    elapsed: Elapsed
    """Seconds that never go back, for what is remembered for a while."""
    ids: Ids


class Resources:
    """The base; a service that holds more derives its own."""

    def __init__(self, environment: Environment[Any]) -> None:
        """A subclass takes the environment with its own settings."""

    async def start(self) -> None:
        """Before the first request."""

    async def stop(self) -> None:
        """After the last one."""

    def prepare_zone(self, zone: Zone) -> None:
        """The slow part of `zone_changed`. It is called in a thread, before `zone_changed`."""

    def zone_changed(self, code: str, zone: Zone | None) -> None:
        """A regency's zone was loaded or replaced in this process; None: it owns no place any more."""
