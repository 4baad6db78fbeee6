"""What the HTTP side of one running service works with; the application puts it on `app.state.edge`."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any

from fastapi import Request

from sigap_common.auth import ServiceVerifier
from sigap_common.http.admission import Admission
from sigap_common.http.idempotency import Idempotency
from sigap_common.http.streams import LiveStream
from sigap_common.messaging.transaction import Transaction

Opens = Callable[[], AbstractAsyncContextManager[Transaction[Any]]]


@dataclass(frozen=True, slots=True)
class Edge:
    """`begin` opens a writing transaction of the service's own kind, `view` the same repositories for reading."""

    service: str
    begin: Opens
    view: Opens
    idempotency: Idempotency
    verifier: ServiceVerifier
    stream: LiveStream
    admission: Admission


def edge_of(request: Request) -> Edge:
    """The edge of the service that answers this request."""
    edge: Edge = request.app.state.edge
    return edge
