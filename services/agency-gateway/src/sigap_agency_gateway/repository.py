"""All SQL of the gateway, and its transaction with the repositories."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, literal_column, update
from sqlmodel import col, select

from sigap_agency_gateway import models
from sigap_agency_gateway.delivery_rows import Deliveries
from sigap_agency_gateway.domain.endpoint import Endpoint, EndpointState, Source
from sigap_agency_gateway.domain.forwarding import ENDED, Forwarding, State, evolve
from sigap_agency_gateway.domain.information import as_information
from sigap_agency_gateway.list_entries import ENTRIES
from sigap_agency_gateway.models import EndpointRow
from sigap_agency_gateway.resources import GatewayResources
from sigap_agency_gateway.settings import GatewaySettings
from sigap_agency_gateway.unit_rows import Units, free_if_over
from sigap_agency_gateway.visibility import POLICY
from sigap_common.app.running import RunningService
from sigap_common.contracts.base import Event
from sigap_common.contracts.decision import Decision
from sigap_common.core.errors import NotFound
from sigap_common.database import CompiledStatement
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_common.messaging.transaction import Transaction


class GatewayTransaction(Transaction[GatewayResources]):
    @cached_property
    def forwardings(self) -> "Forwardings":
        return Forwardings(self, FORWARDINGS)

    @cached_property
    def endpoints(self) -> "Endpoints":
        return Endpoints(self)

    @cached_property
    def units(self) -> Units:
        return Units(self)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self)


GatewayService = RunningService[GatewaySettings, GatewayResources, GatewayTransaction]
"""The type of the running gateway, which workers and handlers are given."""


def _columns(forwarding: Forwarding) -> dict[str, Any]:
    return {
        "agency": forwarding.agency,
        "incident_id": forwarding.incident_id,
        "state": forwarding.state.value,
        "concern": forwarding.concern.value,
        "erase_at": forwarding.content.started_at + SHORTEST,
        "protected": forwarding.content.protected,
        "information": forwarding.information,
    }


OVER = (*sorted(ENDED), State.DECLINED, State.DONE)
"""States in which nothing is delivered to the agency any more."""
_OF_INCIDENT = CompiledStatement(
    select(models.forwardings.c.id, models.forwardings.c.document)
    .where(models.forwardings.c.incident_id == bindparam("this_incident"))
    .order_by(models.forwardings.c.id)
    .with_for_update()
)
_IN_FORCE = CompiledStatement(
    models.endpoints.select()
    .where(
        models.endpoints.c.agency == bindparam("this_agency"),
        models.endpoints.c.state == literal_column(f"'{EndpointState.ENABLED.value}'"),
    )
    .order_by(models.endpoints.c.position, models.endpoints.c.name)
)
FORWARDINGS = AggregateTable(models.forwardings, models.mechanisms.timeline, Forwarding, _columns, POLICY, ENTRIES)


class Forwardings(Aggregates[Forwarding]):
    def absent(self, aggregate_id: UUID) -> NotFound:
        return NotFound(kind="forwardings", id=str(aggregate_id))

    def keep(self, heard: Forwarding, events: Sequence[Event] = ()) -> Forwarding:
        """Saves a copy of a forwarding after an event of dispatch, together with the gateway's own events."""
        if events:
            return self.say(heard, events)
        self.save(heard, heard)
        free_if_over(self.tx, heard)
        return heard

    def say(self, forwarding: Forwarding, events: Sequence[Event]) -> Forwarding:
        """Records events of the gateway about a forwarding, if there are any. What is only information has events of
        its own, so that nobody takes it for an agency that was told.
        """
        said = [as_information(event) for event in events] if forwarding.information else events
        return self.record(Decision(forwarding, evolve, said))

    def record(self, decision: Decision[Forwarding]) -> Forwarding:
        """Records a forwarding like every aggregate. If it is over, its units are free."""
        after = super().record(decision)
        free_if_over(self.tx, after)
        return after

    async def of_incident(self, incident_id: UUID) -> list[Forwarding]:
        """The forwardings of an incident, locked in the order of their ids, so that transactions do not deadlock."""
        await self.tx.flush()
        rows = await _OF_INCIDENT.rows(self.tx.connection, {"this_incident": incident_id})
        return [self.opened(row.id, row.document) for row in rows]

    async def open_of_agency(self, agency: str, most: int) -> list[Forwarding]:
        """The newest `most` forwardings of an agency that are not over, locked in the order of their ids."""
        await self.tx.flush()
        t = models.forwardings
        over = [state.value for state in OVER]
        newest = select(t.c.id).where(t.c.agency == agency, t.c.state.not_in(over)).order_by(t.c.id.desc()).limit(most)
        rows = await self.tx.connection.execute(
            select(t.c.id, t.c.document).where(t.c.id.in_(newest)).order_by(t.c.id).with_for_update()
        )
        return [self.opened(row.id, row.document) for row in rows]


class Endpoints:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._connection = tx.connection

    async def in_force(self, agency: str) -> list[Endpoint]:
        """The agency's enabled endpoints, in their order."""
        return [endpoint_of(row) for row in await _IN_FORCE.rows(self._connection, {"this_agency": agency})]

    async def of_regency(self, regency: str, *sources: Source) -> list[Endpoint]:
        """The regency's endpoints from these sources. Their rows are locked."""
        wanted = (col(EndpointRow.regency) == regency, col(EndpointRow.source).in_([one.value for one in sources]))
        rows = await read_all(self._connection, select(EndpointRow).where(*wanted).with_for_update())
        return [endpoint_of(row) for row in rows]

    async def find(self, endpoint_id: UUID, *, lock: bool = False) -> Endpoint | None:
        statement = select(EndpointRow).where(col(EndpointRow.id) == endpoint_id)
        row = await read_one(self._connection, statement.with_for_update() if lock else statement)
        return endpoint_of(row) if row else None

    async def disabled_for(self, *reasons: str) -> list[UUID]:
        """The endpoints that are disabled for one of these reasons."""
        t = models.endpoints
        wanted = (t.c.state == EndpointState.DISABLED.value, t.c.disabled_reason.in_(reasons))
        return list((await self._connection.execute(select(t.c.id).where(*wanted).order_by(t.c.id))).scalars())

    async def named(self, agency: str, name: str) -> Endpoint | None:
        wanted = (col(EndpointRow.agency) == agency, col(EndpointRow.name) == name)
        row = await read_one(self._connection, select(EndpointRow).where(*wanted))
        return endpoint_of(row) if row else None

    async def add(self, endpoint: Endpoint) -> None:
        await self._connection.execute(insert(EndpointRow).values(_row(endpoint).values()))

    async def save(self, endpoint: Endpoint) -> None:
        this = col(EndpointRow.id) == endpoint.id
        await self._connection.execute(update(EndpointRow).where(this).values(_row(endpoint).values()))


_NAMES = tuple(EndpointRow.model_fields)


def endpoint_of(row: Any) -> Endpoint:
    """The endpoint in a row. `row`: an EndpointRow, or a row of its table from a compiled statement or a list."""
    values = {name: getattr(row, name) for name in _NAMES}
    values |= {"source": Source(row.source), "state": EndpointState(row.state)}
    return Endpoint(**values)


def _row(endpoint: Endpoint) -> EndpointRow:
    row = EndpointRow(**{name: getattr(endpoint, name) for name in _NAMES})
    row.source, row.state, row.options = endpoint.source.value, endpoint.state.value, dict(endpoint.options)
    return row
