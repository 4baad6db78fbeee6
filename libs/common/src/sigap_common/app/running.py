"""The interface of a running service for its background workers and handlers. `Runtime` implements it."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from fastapi import Request

from sigap_common.app.resources import Resources
from sigap_common.auth import ServiceVerifier
from sigap_common.bus import Bus
from sigap_common.bus.envelope import Envelope
from sigap_common.core.clock import Clock, Elapsed
from sigap_common.core.ids import Ids
from sigap_common.core.settings import CommonSettings, ServiceSettings
from sigap_common.database import Database
from sigap_common.messaging.leases import Holding
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import KeyRing
from sigap_common.regency.in_force import PacksInForce

S = TypeVar("S", bound=ServiceSettings, covariant=True)
R = TypeVar("R", bound=Resources, covariant=True)
T = TypeVar("T", bound=Transaction[Any], covariant=True)


class RunningService(Protocol[S, R, T]):
    """`database` is for requests, `workers` for background workers. On SQLite both are the same."""

    @property
    def common(self) -> CommonSettings: ...
    @property
    def settings(self) -> S: ...
    @property
    def resources(self) -> R: ...
    @property
    def packs(self) -> PacksInForce: ...
    @property
    def bus(self) -> Bus: ...
    @property
    def ring(self) -> KeyRing: ...
    @property
    def verifier(self) -> ServiceVerifier: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def elapsed(self) -> Elapsed: ...
    @property
    def ids(self) -> Ids: ...
    @property
    def database(self) -> Database: ...
    @property
    def workers(self) -> Database: ...
    @property
    def lease(self) -> Holding: ...
    @property
    def without_database(self) -> bool:
        """Whether it has started without its database and waits for it. No pack is loaded yet, and no worker runs."""
        ...

    def transaction(self, cause: Envelope | None = None, *, by_worker: bool = False) -> AbstractAsyncContextManager[T]:
        """A writing transaction. `by_worker`: on a connection of `workers`, so it does not wait behind requests."""
        ...

    def view(self, *, by_worker: bool = False) -> AbstractAsyncContextManager[T]:
        """A transaction that only reads, with the same repositories."""
        ...


def running(request: Request) -> Any:
    """The running service that answers this request. Each service annotates the result with its own type."""
    return request.app.state.runtime
