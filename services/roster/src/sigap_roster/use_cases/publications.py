"""The publications of a roster, out of its timeline: who published what, and what each changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, select

from sigap_common.auth import Access
from sigap_common.contracts import type_name
from sigap_common.contracts.event_view import read_event
from sigap_common.contracts.rosters import RosterPublished
from sigap_common.core.errors import NotFound
from sigap_common.http.listing import Page, PageAsked
from sigap_common.http.paging import Keyset
from sigap_common.personal_data import SealContext
from sigap_roster.domain import Planned, Roster, StaffMember, as_published
from sigap_roster.domain.roster import changes, evolve, planned_as
from sigap_roster.models import tables
from sigap_roster.repository import RosterTransaction

_ENTRIES = tables.timeline.c
_NEWEST_FIRST = Keyset(_ENTRIES.sequence, newest_first=True)


@dataclass(frozen=True, slots=True)
class Publication:
    """`added`, `removed`: what it changed in the publication before, each by day and shift."""

    event: RosterPublished
    added: Sequence[Planned]
    removed: Sequence[Planned]


async def list_publications(
    view: RosterTransaction, access: Access, roster_id: UUID, asked: PageAsked
) -> tuple[Page[Publication], Mapping[UUID, StaffMember]]:
    """The newest first, and the staff whom their changes name. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    statement = _NEWEST_FIRST.page(_entries_of(roster), asked.cursor, asked.limit)
    found = (await view.connection.execute(statement)).all()
    rows, following = _NEWEST_FIRST.cut(found, asked.limit)
    events = [_event(view, roster, row) for row in found]  # with the one before the last of the page, if there is one
    told = [_changing(event, events[at + 1 : at + 2]) for at, event in enumerate(events[: len(rows)])]
    named = {one.staff_id for each in told for one in (*each.added, *each.removed)}
    return Page(told, following), await view.staff.some(named)


async def roster_as_of(view: RosterTransaction, access: Access, roster_id: UUID, publication: int) -> Roster:
    """The roster as it was published then. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    wanted = _entries_of(roster).order_by(_ENTRIES.sequence).offset(publication - 1).limit(1)
    row = (await view.connection.execute(wanted)).one_or_none()
    if row is None:
        raise NotFound
    return as_published(evolve(roster, _event(view, roster, row)))


def _entries_of(roster: Roster) -> Select[Any]:
    return select(tables.timeline).where(
        _ENTRIES.subject == str(roster.id), _ENTRIES.type == type_name(RosterPublished)
    )


def _event(view: RosterTransaction, roster: Roster, row: Row[Any]) -> RosterPublished:
    event = read_event(row.type, row.data, SealContext(view.ring, str(roster.id)))
    assert isinstance(event, RosterPublished)
    return event


def _changing(event: RosterPublished, before: Sequence[RosterPublished]) -> Publication:
    """`before`: the publication before; empty: it is the first."""
    known = {planned_as(told) for earlier in before for told in earlier.assignments}
    return Publication(event, *changes(known, {planned_as(told) for told in event.assignments}))
