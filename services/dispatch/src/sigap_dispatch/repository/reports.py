"""The further reports of incidents, row by row. What each says is in the timeline alone, where retention erases it."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Row, Uuid, bindparam, delete, func, insert, select, update

from sigap_common.contracts.base import Event
from sigap_common.contracts.duplicates import IncidentAbsorbed, IncidentReleased
from sigap_common.contracts.incidents import IncidentReportAdded
from sigap_common.core.aggregate import Aggregate
from sigap_common.database import CompiledStatement
from sigap_common.http.listing import Page, PageAsked
from sigap_common.http.paging import Keyset
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.reports import stands_out
from sigap_dispatch.models import incident_reports as t

_ADD = CompiledStatement(insert(t), [column.name for column in t.columns])
_as_told = (t.c.call_id, t.c.told_in, t.c.sequence, t.c.received_at, t.c.stands_out)
_other = bindparam("other", type_=Uuid)
_COPY = CompiledStatement(
    insert(t).from_select(
        ["incident_id", "report", *(column.name for column in _as_told), "came_with"],
        select(bindparam("into", type_=Uuid), t.c.report + bindparam("before", type_=Integer), *_as_told, _other).where(
            t.c.incident_id == _other, t.c.own_incident.is_(None)
        ),
    )
)
_TAKE_OUT = CompiledStatement(
    delete(t).where(t.c.incident_id == bindparam("this_incident"), t.c.came_with == bindparam("this_other")),
    by="this_incident",
)
_ORDER = Keyset(t.c.stands_out, t.c.report, newest_first=True)


def keep_reports(tx: Transaction[Any], before: Aggregate, after: Incident, events: Sequence[Event]) -> None:
    """Follows the reports that come, by a call or with a merged incident, and those that go with it again."""
    for sequence, event in enumerate(events, before.version + 1):
        match event:
            case IncidentReportAdded():
                _add(tx, after, event, sequence)
            case IncidentAbsorbed():
                assert isinstance(before, Incident)
                _copy(tx, before, event)
            case IncidentReleased():
                tx.later(_TAKE_OUT, [{"this_incident": after.id, "this_other": event.other}])
            case _:
                pass


def _add(tx: Transaction[Any], after: Incident, event: IncidentReportAdded, sequence: int) -> None:
    said = {"told_in": after.id, "sequence": sequence, "received_at": event.received_at}
    said["stands_out"] = stands_out(after, event, tx.packs.find(after.regency))
    row = {"incident_id": after.id, "report": event.report, "call_id": event.call_id, **said}
    tx.later(_ADD, [row | {"came_with": None, "own_incident": None}])


def _copy(tx: Transaction[Any], before: Incident, event: IncidentAbsorbed) -> None:
    """The merged incident's own beginning is a report too; the first entry of its timeline tells it."""
    first, incident = before.next_report, before.id
    begun = {"told_in": event.other, "sequence": 1, "received_at": event.at, "stands_out": False}
    row = {"incident_id": incident, "report": first, "call_id": None, **begun, "came_with": event.other}
    tx.later(_ADD, [row | {"own_incident": None}])
    tx.later(_COPY, [{"into": incident, "other": event.other, "before": first - 1}])


class Reports:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def page(self, incident_id: UUID, asked: PageAsked) -> Page[Row[Any]]:
        """A page of the incident's further reports: those that stand out first, then the newest."""
        mine = select(t).where(t.c.incident_id == incident_id, t.c.own_incident.is_(None))
        statement = _ORDER.page(mine, asked.cursor, asked.limit)
        return Page(*_ORDER.cut((await self._tx.connection.execute(statement)).all(), asked.limit))

    async def number_of(self, incident_id: UUID, nth: int) -> int:
        """The number of the incident's n-th report, without those that have left; of its last one, if it has less."""
        mine = select(t.c.report).where(t.c.incident_id == incident_id, t.c.own_incident.is_(None))
        further = mine.order_by(t.c.report).limit(nth - 1).subquery()  # the first report has no row
        return (await self._tx.connection.execute(select(func.max(further.c.report)))).scalar() or 1

    async def unread_of(self, incident: Incident, came_with: UUID) -> int:
        """How many of the reports that came with the merged incident nobody has read."""
        unread = select(func.count()).where(
            t.c.incident_id == incident.id,
            t.c.came_with == came_with,
            t.c.own_incident.is_(None),
            t.c.report > incident.read_report,
        )
        return int((await self._tx.connection.execute(unread)).scalar_one())

    async def of_call(self, call_id: UUID) -> list[Row[Any]]:
        """The call's reports. If an incident was merged into another, both have the report."""
        return list((await self._tx.connection.execute(select(t).where(t.c.call_id == call_id))).all())

    async def give_incident(self, call_id: UUID, told_in: UUID, own_incident: UUID) -> None:
        """Notes which incident of its own the report of this call got, wherever the report is listed."""
        mine = (t.c.call_id == call_id, t.c.told_in == told_in)
        await self._tx.connection.execute(update(t).where(*mine).values(own_incident=own_incident))
