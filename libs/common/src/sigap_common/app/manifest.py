"""The manifest: what a service is, in one value. Hosts make a running service of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from sigap_common.app.packs import PackCheck
from sigap_common.app.plugins import loaded
from sigap_common.app.resources import Resources
from sigap_common.app.tables import MechanismTables
from sigap_common.core.settings import ServiceSettings
from sigap_common.messaging.subscriptions import Subscribed
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency import Pack

if TYPE_CHECKING:
    from sigap_common.app.runtime import Runtime

Background = Callable[["Runtime"], Awaitable[None]]
"""Runs as long as the service does; looks at the lease itself where only one replica should work."""
PackApplied = Callable[[Any, Pack], Awaitable[None]]
"""Called in the transaction that stores a pack, so that what follows from it is stored with it."""


@dataclass(frozen=True, slots=True)
class Service:
    name: str
    topic: str
    """Where it publishes what has no topic of its own, such as alarms."""
    settings: type[ServiceSettings]
    transaction: type[Transaction]
    routers: tuple[APIRouter, ...]
    metadata: MetaData
    tables: MechanismTables
    migrations: str
    """The package that holds its Alembic revisions."""
    subscriptions: tuple[Subscribed, ...] = ()
    background: tuple[Background, ...] = ()
    parts: Callable[["Runtime"], Resources] = Resources
    pack_checks: tuple[PackCheck, ...] = ()
    pack_applied: tuple[PackApplied, ...] = ()
    publishes: tuple[str, ...] = field(default=())
    """Further topics it writes."""
    opens_sealed: bool = True
    """Whether it reads the personal data in events; else it stays sealed, even where there are keys."""
    patience: float = 0
    """Seconds for which its events may be gathered on their way, so that more come at once: for who only counts."""

    def paths(self) -> list[str]:
        """The collections under /v1 that are this service's, such as `/v1/calls`."""
        paths = (getattr(route, "path", "") for router in self.routers for route in router.routes)
        collections = {"/".join(path.split("/")[:3]) for path in paths if path.startswith("/v1/")}
        return [*sorted(collections), f"/v1/ops/{self.name}"]


def services(names: Sequence[str] | None = None) -> list[Service]:
    """The installed services, or the named ones. Raises CannotLoad."""
    return list(loaded("sigap.services", names).values())
