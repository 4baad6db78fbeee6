"""The telephone event: the form in which every adapter gives what its exchange reports.

To connect a new make of exchange, write an adapter: docs/exchanges.md, "Write an adapter".
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pydantic import Field

from sigap_common.contracts import Contract
from sigap_common.contracts.calls import Complaint, EndedBy
from sigap_common.personal_data import Sealed

OLDEST = timedelta(hours=24)
AHEAD = timedelta(minutes=5)
"""A time from the exchange is not used if it is more than OLDEST ago or more than AHEAD in the future."""


class Told(StrEnum):
    """The steps of a call that an exchange can report."""

    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    ENDED = "ended"


class TelephoneEvent(Contract):
    """One step of a call, as an adapter reads it from a document. Only `told` and `call_id` are required."""

    told: Told
    call_id: Sealed = Field(
        description="The exchange's own id of the call: 1 to 200 characters, the same in all events of the call"
    )
    at: datetime | None = Field(default=None, description="When it happened, by the exchange's clock; with time zone")
    number: Sealed | None = Field(
        default=None, description="The caller's number, in any notation: up to 100 characters"
    )
    imei: Sealed | None = Field(
        default=None, description="The IMEI of the caller's telephone: 15 digits, or its URN; up to 100 characters"
    )
    caller_name: Sealed | None = Field(default=None, description="One line of up to 200 characters")
    extension: Sealed | None = Field(
        default=None, description="The telephone that answered, or to which the call was transferred"
    )
    ended_by: EndedBy = "exchange"
    complaints: tuple[Complaint, ...] = Field(default=(), description="Complaints about the document")


Adapter = Callable[[Any], "Sequence[TelephoneEvent]"]
"""A pure function that reads one JSON document of an exchange. It returns no, one or several events.

It raises NotUnderstood, or pydantic's ValidationError, if the exchange cannot have sent such a document.
"""


class NotUnderstood(ValueError):
    """The document does not have the form that the exchange sends. `place` is the path to the missing or wrong member;
    `code` is the key of a text under `validation` in the catalogue.
    """

    def __init__(self, *place: str, code: str = "missing") -> None:
        super().__init__(code, *place)
        self.place, self.code = place, code


def believed(event: TelephoneEvent, heard_at: datetime) -> TelephoneEvent:
    """The event, without its time if the time is impossible. The exchange cannot correct it, so the time is kept in a
    complaint.
    """
    if event.at is None:
        return event
    if event.at.tzinfo is None:
        return _without_time(event, "timezone_aware")
    if event.at > heard_at + AHEAD:
        return _without_time(event, "in_future")
    return _without_time(event, "older_than_a_day") if event.at < heard_at - OLDEST else event


def _without_time(event: TelephoneEvent, code: str) -> TelephoneEvent:
    assert event.at is not None
    complaint = Complaint(pointer="#/at", code=code, value=Sealed(event.at.isoformat()))
    return event.model_copy(update={"at": None, "complaints": (*event.complaints, complaint)})
