"""The manifest: what a service is, in one value. Hosts make a running service of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from fastapi import APIRouter
from sqlalchemy import MetaData

from sigap_common.app.packs import PackApplied, PackCheck
from sigap_common.app.plugins import loaded
from sigap_common.app.resources import Environment, Resources
from sigap_common.app.running import RunningService
from sigap_common.app.tables import MechanismTables
from sigap_common.bus.envelope import Message
from sigap_common.core.settings import ServiceSettings
from sigap_common.database import Connection
from sigap_common.messaging.audit import Audited
from sigap_common.messaging.jobs import Sweep
from sigap_common.messaging.retention import Erasable
from sigap_common.messaging.subscriptions import Subscribed
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce

S = TypeVar("S", bound=ServiceSettings)
R = TypeVar("R", bound=Resources)
T = TypeVar("T", bound=Transaction[Any])

Background = Callable[[RunningService[S, R, T]], Awaitable[None]]
"""A background worker. It runs as long as the service does. If only one replica should work, it checks the lease
itself.
"""


NotRestored = Callable[[Connection, Sequence[Message]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Service(Generic[S, R, T]):
    """The manifest of one service. `S` is the type of its settings, `R` of its resources, `T` of its transactions."""

    name: str
    topic: str
    """The topic of its events whose class names no topic, such as alarms."""
    settings: type[S]
    transaction: type[T]
    resources: Callable[[Environment[S]], R]
    routers: tuple[APIRouter, ...]
    metadata: MetaData
    tables: MechanismTables
    migrations: str
    """The package that holds its Alembic revisions."""
    subscriptions: tuple[Subscribed[T], ...] = ()
    background: tuple[Background[S, R, T], ...] = ()
    sections: tuple[str, ...] = ()
    """The sections of packs that it reads, in addition to those that every service reads (regency/model.py, SECTIONS).
    """
    pack_checks: tuple[PackCheck, ...] = ()
    pack_applied: tuple[PackApplied[T], ...] = ()
    erasables: tuple[Erasable, ...] = ()
    """Its aggregates with personal data, which retention erases."""
    sweeps: tuple[Callable[[PacksInForce], Sweep], ...] = ()
    """Further sweeps. Each runs every ten minutes."""
    publishes: tuple[str, ...] = field(default=())
    """Further topics that it publishes on."""
    opens_sealed: bool = True
    """Whether it opens the personal data in events. If not, the data stays sealed, even if the process has the keys."""
    patience: float = 0
    """Seconds for which its events may be gathered on their way, so that more come at once: for who only counts."""
    niceness: int = 0
    """The niceness of its process (nice(2), 0 to 19). A higher one gives way, so that calls are received first."""

    audited: Audited | None = None
    """The timelines that are chained by hash. None: those of this service are not."""
    not_restored: NotRestored | None = None
    """Called after a restore of the databases with the service's own events that the log has and its database has not.
    """

    def paths(self) -> list[str]:
        """The collections under /v1 that belong to this service, such as `/v1/calls`."""
        paths = (getattr(route, "path", "") for router in self.routers for route in router.routes)
        collections = {"/".join(path.split("/")[:3]) for path in paths if path.startswith("/v1/")}
        return [*sorted(collections), f"/v1/ops/{self.name}"]


AnyService = Service[Any, Any, Any]


def services(names: Sequence[str] | None = None) -> list[AnyService]:
    """The installed services, or the named ones. Raises CannotLoad."""
    return list(loaded("sigap.services", names).values())
