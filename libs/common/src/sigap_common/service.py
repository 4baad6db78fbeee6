"""The manifest: what a service is, in one value. Hosts make a running service of it."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from sqlalchemy import MetaData

from sigap_common.pack import Pack
from sigap_common.regencies import PackCheck
from sigap_common.settings import ServiceSettings
from sigap_common.subscriptions import Subscribed
from sigap_common.tables import MechanismTables
from sigap_common.transaction import Transaction

if TYPE_CHECKING:
    from sigap_common.runtime import Runtime

Background = Callable[["Runtime"], Awaitable[None]]
"""Runs as long as the service does; looks at the lease itself where only one replica should work."""
PackApplied = Callable[[Any, Pack], Awaitable[None]]
"""Called in the transaction that stores a pack, so that what follows from it is stored with it."""


class Parts:
    """What a running service holds beside its tables, such as an index or an HTTP client. One a process."""

    def __init__(self, runtime: "Runtime") -> None:
        self.runtime = runtime

    async def start(self) -> None:
        """Before the first request."""

    async def stop(self) -> None:
        """After the last one."""

    def pack_changed(self, pack: Pack) -> None:
        """A pack, zone included, was loaded or replaced in this process."""


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
    parts: Callable[["Runtime"], Parts] = Parts
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


class CannotLoad(Exception):
    """A plugin that does not load stops the start, with its name."""


def loaded(group: str, names: Sequence[str] | None = None) -> dict[str, Any]:
    """The objects of an entry point group by name. Raises CannotLoad."""
    found = {point.name: point for point in entry_points(group=group)}
    for missing in set(names or ()) - found.keys():
        raise CannotLoad(f"nothing called {missing!r} in {group}; there are {', '.join(sorted(found))}")
    return {name: _load(point) for name, point in sorted(found.items()) if names is None or name in names}


def _load(point: EntryPoint) -> Any:
    try:
        return point.load()
    except Exception as error:
        raise CannotLoad(f"{point.name} ({point.value}) does not load: {error}") from error


def services(names: Sequence[str] | None = None) -> list[Service]:
    """The installed services, or the named ones. Raises CannotLoad."""
    return list(loaded("sigap.services", names).values())
