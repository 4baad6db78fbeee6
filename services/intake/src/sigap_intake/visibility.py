"""The rules that say who may see which calls, and which of their fields."""

from sigap_common.auth import Access, Role
from sigap_common.contracts.calls import CallAbandoned, CallAnswered, CallCorrected, CallEnded, CallReceived
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""The roles that speak with callers or send help. Personal data is opened to these roles only."""
READERS = (*SPEAKERS, Role.admin)
QUEUE_EVENTS = (CallReceived, CallAnswered, CallCorrected, CallAbandoned, CallEnded)


def is_exchange(access: Access) -> bool:
    """Whether the token belongs to an exchange, and no person reads the answers to its requests."""
    return access.may(Role.cti) and not access.may(*READERS)


class IntakePolicy(Policy):
    """A reader sees the calls of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The queue's stream shows who waits, and who no longer does. Backfilled entries and callbacks never wait."""
        never_waited = isinstance(heard.event, CallReceived) and (heard.event.backfilled or heard.event.callback_id)
        shown = isinstance(heard.event, QUEUE_EVENTS) and not never_waited
        return super().variant(heard, access) if shown else None


POLICY = IntakePolicy(opened_to=SPEAKERS)
