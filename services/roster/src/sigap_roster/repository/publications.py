"""The publications of a roster, out of its timeline."""

from typing import Any

from sqlalchemy import Row, Select, select

from sigap_common.contracts import type_name
from sigap_common.contracts.event_view import read_event
from sigap_common.contracts.rosters import RosterPublished
from sigap_common.core.errors import NotFound
from sigap_common.http.listing import PageAsked
from sigap_common.http.paging import Keyset
from sigap_common.messaging.transaction import Transaction
from sigap_common.personal_data import SealContext
from sigap_roster.domain import Roster
from sigap_roster.models import tables

_ENTRIES = tables.timeline.c
_NEWEST_FIRST = Keyset(_ENTRIES.sequence, newest_first=True)


class Publications:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def newest(self, roster: Roster, asked: PageAsked) -> tuple[list[RosterPublished], int, str | None]:
        """The newest first, with the one before the last of the page if there is one; how many the page has; and where
        the next page begins.
        """
        statement = _NEWEST_FIRST.page(_of(roster), asked.cursor, asked.limit)
        found = (await self._tx.connection.execute(statement)).all()
        rows, following = _NEWEST_FIRST.cut(found, asked.limit)
        return [self._event(roster, row) for row in found], len(rows), following

    async def number(self, roster: Roster, publication: int) -> RosterPublished:
        """`publication`: 1 is the first. Raises NotFound."""
        wanted = _of(roster).order_by(_ENTRIES.sequence).offset(publication - 1).limit(1)
        row = (await self._tx.connection.execute(wanted)).one_or_none()
        if row is None:
            raise NotFound
        return self._event(roster, row)

    async def as_of(self, roster: Roster, version: int) -> RosterPublished | None:
        """The newest one that the roster had at this version; None: it was not published yet."""
        until = _of(roster).where(_ENTRIES.sequence <= version).order_by(_ENTRIES.sequence.desc()).limit(1)
        row = (await self._tx.connection.execute(until)).one_or_none()
        return self._event(roster, row) if row else None

    def _event(self, roster: Roster, row: Row[Any]) -> RosterPublished:
        event = read_event(row.type, row.data, SealContext(self._tx.ring, str(roster.id)))
        assert isinstance(event, RosterPublished)
        return event


def _of(roster: Roster) -> Select[Any]:
    return select(tables.timeline).where(
        _ENTRIES.subject == str(roster.id), _ENTRIES.type == type_name(RosterPublished)
    )
