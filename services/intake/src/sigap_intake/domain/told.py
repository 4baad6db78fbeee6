"""What exchanges tell of telephone calls, in our own words: what an adapter gives.

An adapter is all that a new make of exchange needs: docs/exchanges.md, "Write an adapter".
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
"""A time of the exchange that is older than OLDEST, or further ahead, is none."""


class Told(StrEnum):
    """What an exchange can tell of a call."""

    RINGING = "ringing"
    ANSWERED = "answered"
    HELD = "held"
    RESUMED = "resumed"
    TRANSFERRED = "transferred"
    ENDED = "ended"


class TelephoneEvent(Contract):
    """What an adapter makes of a document of its exchange. Only `told` and `call_id` must be there."""

    told: Told
    call_id: Sealed = Field(description="The exchange's own id of the call: 1 to 200 characters, the same in all of it")
    at: datetime | None = Field(default=None, description="When it happened, by the exchange's clock; with time zone")
    number: Sealed | None = Field(
        default=None, description="The caller's number, in any notation: up to 100 characters"
    )
    caller_name: Sealed | None = Field(default=None, description="One line of up to 200 characters")
    extension: Sealed | None = Field(default=None, description="The telephone that answered, or that it went to")
    ended_by: EndedBy = "exchange"
    complaints: tuple[Complaint, ...] = Field(default=(), description="What was odd in the document")


Adapter = Callable[[Any], "Sequence[TelephoneEvent]"]
"""Reads one JSON document of an exchange: none, one or several events, each of one call. A pure function.

Raises NotUnderstood, or pydantic's ValidationError, if the document cannot be one of the exchange's.
"""


class NotUnderstood(ValueError):
    """A document is none of the exchange's. `pointer` names the member that is missing or wrong, as `#/call_id`; `code`
    is a text of the catalogue under `validation`.
    """

    def __init__(self, *place: str, code: str = "missing") -> None:
        super().__init__(code, *place)
        self.place, self.code = place, code


def believed(event: TelephoneEvent, heard_at: datetime) -> TelephoneEvent:
    """Without a time that cannot be: the exchange could not correct it, so it is kept as a complaint."""
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
