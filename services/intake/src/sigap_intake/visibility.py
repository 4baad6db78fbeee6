"""Who sees what of a call: one rule, as SQL for lists and as a function for the live stream."""

from typing import Any

from sqlalchemy import ColumnElement, true

from sigap_common.auth import Access, Role
from sigap_common.contracts.calls import CallAbandoned, CallAnswered, CallEnded, CallReceived
from sigap_common.contracts.event_view import event_view
from sigap_common.messaging.received import ReceivedEvent
from sigap_intake.models import calls

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""Who speaks with callers or sends help; to them alone personal data is opened."""
READERS = (*SPEAKERS, Role.admin)
QUEUE_EVENTS = (CallReceived, CallAnswered, CallAbandoned, CallEnded)


def opens(access: Access) -> bool:
    """Whether the token's owner is shown personal data."""
    return access.may(*SPEAKERS)


def is_exchange(access: Access) -> bool:
    """Whether the token is an exchange's alone: nobody reads what it is answered."""
    return access.may(Role.cti) and not access.may(*READERS)


def within(access: Access) -> ColumnElement[bool]:
    """The calls of the token's regencies."""
    return true() if access.everywhere else calls.c.regency.in_(sorted(access.regencies))


def on_queue_screen(heard: ReceivedEvent, access: Access) -> dict[str, Any] | None:
    """What of an event the token may see on the queue's stream; None: nothing of it. A late entry does not wait."""
    event = heard.event
    if not isinstance(event, QUEUE_EVENTS) or not access.covers(heard.envelope.regency):
        return None
    if isinstance(event, CallReceived) and event.backfilled:
        return None
    return event_view(event, opened=opens(access))
