"""Lists: an order, a cursor, filters and a visibility policy, declared once for each list.

    @dataclass(frozen=True, kw_only=True)
    class IncidentFilters:
        regency: Regency = None
        state: IncidentState | None = None

    INCIDENTS = Listing(incidents, order=NEWEST_FIRST, policy=POLICY, filters=IncidentFilters)

    @router.get("/v1/incidents")
    async def list_incidents(
        view: View, access: Reader, filters: Filters[IncidentFilters], page: PageOf50
    ) -> IncidentList:
        found = await INCIDENTS.page(view, access, filters, page)
        return IncidentList(items=[IncidentOut.of(row) for row in found.items], next=found.next)

A filter's field names a column of the table, unless `where` says how to search for it. None and an empty tuple do not
filter. The route's guard refuses query parameters that the filters do not have.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Depends, Query, Response
from pydantic_core import to_json
from sqlalchemy import ColumnElement, Row, Select, Table, select

from sigap_common.auth import Access
from sigap_common.core.errors import NotFound
from sigap_common.http.paging import Keyset
from sigap_common.http.types import AgencyPath, PageCursor, PageSize, RegencyCode
from sigap_common.messaging.transaction import Transaction
from sigap_common.messaging.visibility import Policy

T = TypeVar("T")
U = TypeVar("U")

Regency = Annotated[RegencyCode | None, Query(description="None: all that the token covers")]
Agency = Annotated[AgencyPath | None, Query(description="None: all that the token covers")]
Cursor = Annotated[PageCursor | None, Query(description="The `next` of the page before")]
Limit = Annotated[PageSize, Query()]


@dataclass(frozen=True, slots=True)
class PageAsked:
    """The page that a client asks for: at most `limit` entries after `cursor`."""

    cursor: str | None = None
    limit: int = 50


def _of_50(cursor: Cursor = None, limit: Limit = 50) -> PageAsked:
    return PageAsked(cursor, limit)


def _of_100(cursor: Cursor = None, limit: Limit = 100) -> PageAsked:
    return PageAsked(cursor, limit)


def _of_200(cursor: Cursor = None, limit: Limit = 200) -> PageAsked:
    return PageAsked(cursor, limit)


PageOf50 = Annotated[PageAsked, Depends(_of_50)]
"""The query parameters `cursor` and `limit`, with this default for `limit`."""
PageOf100 = Annotated[PageAsked, Depends(_of_100)]
PageOf200 = Annotated[PageAsked, Depends(_of_200)]
Filters = Annotated[T, Depends()]
"""`Filters[CallFilters]`: the fields of this dataclass as query parameters."""


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list, and the cursor of the next one; None: this was the last."""

    items: Sequence[T]
    next: str | None

    def map(self, to: Callable[[T], U]) -> "Page[U]":
        return Page([to(item) for item in self.items], self.next)


def answered(entries: Sequence[Mapping[str, Any]], following: str | None) -> Response:
    """The answer of a list whose entries are JSON values already. Nothing checks them again: for hundreds of them that
    would cost more than all the rest. The route names the schema by `response_model`.
    """
    return Response(to_json({"items": entries, "next": following}), media_type="application/json")


class NoFilters:
    """For a list that has no filters."""


Condition = Callable[[Any], ColumnElement[bool]]
"""Gives the SQL condition for a filter's value."""


class Listing:
    """One list of a service."""

    def __init__(
        self,
        table: Table,
        *,
        order: Keyset,
        policy: Policy,
        filters: type = NoFilters,
        where: Mapping[str, Condition] | None = None,
        source: Select[Any] | None = None,
        always: Sequence[ColumnElement[bool]] = (),
    ) -> None:
        """`filters`: a dataclass. `where`: how to search for a field that is not a column. `source`: which columns are
        read (None: all of the table). `always`: conditions that every entry must meet. Raises ValueError for a filter
        that nothing searches for.
        """
        self._table, self._order, self._policy = table, order, policy
        self._select = (select(table) if source is None else source).where(*always)
        names = [field.name for field in fields(filters)] if filters is not NoFilters else []
        self._conditions = {name: (where or {}).get(name) or _column_is(table, name) for name in names}

    async def page(
        self, tx: Transaction[Any], access: Access, filters: object, asked: PageAsked, *also: ColumnElement[bool]
    ) -> Page[Row[Any]]:
        """The rows of one page that the token may see and that the filters and `also` want.

        Raises Invalid for a cursor that is not ours, RegencyForbidden and NotFound for a regency or an agency that is
        outside of the token or not configured.
        """
        require_known(tx, access, filters)
        wanted = self._select.where(self._policy.rows(access, self._table), *self._wanted(filters), *also)
        rows = (await tx.connection.execute(self._order.page(wanted, asked.cursor, asked.limit))).all()
        return Page(*self._order.cut(rows, asked.limit))

    async def one(self, tx: Transaction[Any], access: Access, id_: object) -> Row[Any]:
        """The row with this id. Raises NotFound, also for one that the token may not see."""
        seen = self._policy.rows(access, self._table)
        row = (await tx.connection.execute(self._select.where(self._table.c.id == id_, seen))).first()
        if row is None:
            raise NotFound(kind=self._table.name, id=str(id_))
        return row

    def _wanted(self, filters: object) -> list[ColumnElement[bool]]:
        values = {name: getattr(filters, name) for name in self._conditions}
        return [self._conditions[name](value) for name, value in values.items() if value not in (None, ())]


def require_known(tx: Transaction[Any], access: Access, filters: object) -> None:
    """Checks the regencies that filters name. Raises RegencyForbidden (403) if the token does not cover one, NotFound
    if it is not configured.

    An agency counts as its regency.
    """
    agency: str | None = getattr(filters, "agency", None)
    tx.require_known(access, getattr(filters, "regency", None))
    tx.require_known(access, agency.partition("/")[0] if agency else None)


def _column_is(table: Table, name: str) -> Condition:
    if name not in table.c:
        raise ValueError(f"nothing says how to search {table.name} for {name}")
    column = table.c[name]
    return lambda value: column.in_(value) if isinstance(value, tuple) else column == value
