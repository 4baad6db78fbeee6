"""The rows of endpoints."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, literal_column, update
from sqlmodel import col, select

from sigap_agency_gateway import models
from sigap_agency_gateway.domain.endpoint import Endpoint, EndpointState, Source
from sigap_agency_gateway.models import EndpointRow
from sigap_common.database import CompiledStatement
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.transaction import Transaction

_IN_FORCE = CompiledStatement(
    models.endpoints.select()
    .where(
        models.endpoints.c.agency == bindparam("this_agency"),
        models.endpoints.c.state == literal_column(f"'{EndpointState.ENABLED.value}'"),
    )
    .order_by(models.endpoints.c.position, models.endpoints.c.name)
)


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
