"""The mechanisms that the HTTP side of one running service uses. The application stores them at `app.state.edge`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, TypeVar

from fastapi import Request

from sigap_common.auth import ServiceVerifier
from sigap_common.core.settings import CommonSettings
from sigap_common.database import Unavailable
from sigap_common.http.admission import Admission, RequestsInFlight
from sigap_common.http.idempotency import Idempotency
from sigap_common.http.stream_places import StreamPlaces
from sigap_common.http.stream_wakeups import Wakeups
from sigap_common.http.streams import LiveStream, StreamsOfProcess
from sigap_common.messaging.transaction import Transaction

Opens = Callable[[], AbstractAsyncContextManager[Transaction[Any]]]


@dataclass(frozen=True, slots=True)
class Edge:
    """The mechanisms of one service. `begin` opens a writing transaction of the service's own type, `view` one that
    only reads.
    """

    service: str
    begin: Opens
    view: Opens
    idempotency: Idempotency
    verifier: ServiceVerifier
    stream: LiveStream
    admission: Admission
    waits: Callable[[], bool]
    """Whether the service has started without its database, and waits for it."""

    def require_database(self) -> None:
        """Raises Unavailable while the service waits for its database: it does not know its packs yet, so a handler
        would take a regency for one that is not configured.
        """
        if self.waits():
            raise Unavailable("the service waits for its database")


F = TypeVar("F", bound=Callable[..., object])


def without_database(handler: F) -> F:
    """Marks a handler that needs no database: it is served also while the service waits for it."""
    handler.without_database = True  # type: ignore[attr-defined]
    return handler


class EdgeOfProcess:
    """What all services of one process share, since they share its event loop and its connections."""

    def __init__(self, common: CommonSettings) -> None:
        self.requests = RequestsInFlight()
        places = StreamPlaces(common.streams_at_once, common.streams_at_once_per_person)
        self.streams = StreamsOfProcess(places, Wakeups(self.requests))


def edge_of(request: Request) -> Edge:
    """The edge of the service that answers this request."""
    edge: Edge = request.app.state.edge
    return edge
