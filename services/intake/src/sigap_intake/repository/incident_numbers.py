"""Which calls reported which incident, by the number that people use: so that a call is found by it.

Rows stay when the incident is closed. They hold no personal data.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, delete, select

from sigap_common.contracts.incidents import IncidentCreated, IncidentReportAdded
from sigap_common.contracts.reports import ReportSeparated
from sigap_common.database import CompiledStatement, insert_if_new
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction
from sigap_intake.models.calls import calls
from sigap_intake.models.incidents import incident_calls, incident_numbers

_KEEP = CompiledStatement(insert_if_new(incident_numbers), [column.name for column in incident_numbers.c])
_KEEP_CALL = CompiledStatement(insert_if_new(incident_calls), [column.name for column in incident_calls.c])

_TAKE_CALL = CompiledStatement(
    delete(incident_calls).where(
        incident_calls.c.incident_id == bindparam("this_id"), incident_calls.c.call_id == bindparam("this_call")
    ),
    by="this_id",
)


def keep_incident_numbers(tx: Transaction[Any], heard: Sequence[ReceivedEvent]) -> None:
    """The incidents' numbers and calls. A report may be heard before its incident."""
    for one in heard:
        incident_id = UUID(one.envelope.subject)
        if isinstance(one.event, IncidentCreated):
            tx.later(_KEEP, [{"incident_id": incident_id, "number": one.event.number}])
        if isinstance(one.event, IncidentCreated | IncidentReportAdded) and one.event.call_id is not None:
            tx.later(_KEEP_CALL, [{"incident_id": incident_id, "call_id": one.event.call_id}])
        if isinstance(one.event, ReportSeparated):
            tx.later(_TAKE_CALL, [{"this_id": incident_id, "this_call": one.event.call_id}])


def of_incident(number: str) -> ColumnElement[bool]:
    """The calls that reported the incident of this number."""
    named = select(incident_numbers.c.incident_id).where(incident_numbers.c.number == number.strip().upper())
    return calls.c.id.in_(select(incident_calls.c.call_id).where(incident_calls.c.incident_id.in_(named)))
