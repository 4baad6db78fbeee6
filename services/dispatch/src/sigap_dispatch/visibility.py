"""Who sees what of an incident: one rule, as SQL for lists and as a function for the live stream."""

from typing import Any

from sqlalchemy import Column, ColumnElement, true

from sigap_common.auth import Access, Role
from sigap_common.contracts.event_view import event_view
from sigap_common.messaging.received import ReceivedEvent

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""Who speaks with callers or sends help; to them alone personal data is opened."""
READERS = (*SPEAKERS, Role.admin)


def opens(access: Access) -> bool:
    """Whether the token's owner is shown personal data."""
    return access.may(*SPEAKERS)


def within(access: Access, regency: Column[str]) -> ColumnElement[bool]:
    """What lies in the token's regencies."""
    return true() if access.everywhere else regency.in_(sorted(access.regencies))


def on_board(heard: ReceivedEvent, access: Access) -> dict[str, Any] | None:
    """What of an event the token may see on the stream of incidents; None: nothing of it.

    An agency sees its own forwardings at the gateway, and nothing here.
    """
    if not access.may(*READERS) or not access.covers(heard.envelope.regency):
        return None
    return event_view(heard.event, opened=opens(access))
