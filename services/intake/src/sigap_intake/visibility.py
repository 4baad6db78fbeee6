"""Who sees what of a call."""

from sigap_common.auth import Access, Role
from sigap_common.contracts import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallCorrected,
    CallEnded,
    CallReceived,
    CallScreeningEnded,
)
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""Who speaks with callers or sends help; to them alone personal data is opened."""
READERS = (*SPEAKERS, Role.admin)
QUEUE_EVENTS = (CallReceived, CallAnswered, CallCorrected, CallAbandoned, CallEnded, CallScreeningEnded)


def is_exchange(access: Access) -> bool:
    """Whether the token is an exchange's alone: nobody reads what it is answered."""
    return access.may(Role.cti) and not access.may(*READERS)


class IntakePolicy(Policy):
    """Calls of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The queue's stream shows who waits and who does not any more. A backfilled entry does not wait, and neither
        does a caller who hears the recorded message.
        """
        shown = isinstance(heard.event, QUEUE_EVENTS) and not _does_not_wait(heard.event)
        return super().variant(heard, access) if shown else None


def _does_not_wait(event: Event) -> bool:
    """Whether a call arrived that is not in the queue."""
    if not isinstance(event, CallReceived):
        return False
    return event.backfilled or (event.block_id is not None and event.unscreened is None)


POLICY = IntakePolicy(opened_to=SPEAKERS)
