"""A running service, as its background workers and its handlers see it. The runtime is one."""

from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol, TypeVar

from fastapi import Request

from sigap_common.app.resources import Resources
from sigap_common.auth import ServiceVerifier
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
    """`database` serves requests, `workers` what goes on beside them. On SQLite both are the same."""

    @property
    def common(self) -> CommonSettings: ...
    @property
    def settings(self) -> S: ...
    @property
    def resources(self) -> R: ...
    @property
    def packs(self) -> PacksInForce: ...
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

    def transaction(self, cause: Envelope | None = None, *, by_worker: bool = False) -> AbstractAsyncContextManager[T]:
        """A writing transaction. `by_worker`: on a connection for which it does not wait behind requests."""
        ...

    def view(self, *, by_worker: bool = False) -> AbstractAsyncContextManager[T]:
        """The same repositories for reading."""
        ...


def running(request: Request) -> Any:
    """The running service that answers this request; a service annotates it with its own kind."""
    return request.app.state.runtime
