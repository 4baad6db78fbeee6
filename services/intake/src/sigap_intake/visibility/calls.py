"""Who sees what of calls: which of them, and which of their fields."""

from sigap_common.auth import Access, Role
from sigap_common.contracts import Event
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallCorrected,
    CallEnded,
    CallMovedUp,
    CallRangFurther,
    CallReceived,
    CallScreeningEnded,
    CallTakenOver,
)
from sigap_common.contracts.need import Need
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant
from sigap_intake.domain.call import Call

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""The roles that speak with callers or send help. Personal data is opened to these roles only."""
READERS = (*SPEAKERS, Role.admin)
QUEUE_EVENTS = (
    CallReceived,
    CallAnswered,
    CallCorrected,
    CallAbandoned,
    CallEnded,
    CallTakenOver,
    CallMovedUp,
    CallRangFurther,
    CallScreeningEnded,
)


def is_exchange(access: Access) -> bool:
    """Whether the token belongs to an exchange, and no person reads the answers to its requests."""
    return access.may(Role.cti) and not access.may(*READERS)


class IntakePolicy(Policy):
    """A reader sees the calls of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The queue's stream shows who waits and who does not any more. A backfilled entry does not wait, and neither
        does a caller who hears the recorded message.
        """
        shown = isinstance(heard.event, QUEUE_EVENTS) and not _does_not_wait(heard.event)
        return super().variant(heard, access) if shown else None

    def need_of(self, one: Call) -> Need | None:
        """Of a call that is protected whatever its type. The type needs the pack: see `Calls.need_of`."""
        return need_of_protected(one) if one.protected or one.of_protected else None


def need_of_protected(call: Call) -> Need:
    """Who may see a protected call on streams: the operator who has it, and supervisors. Who broke the glass reads the
    call; no stream shows what is said in one.
    """
    return Need(people=(call.answered_by,) if call.answered_by else ())


def _does_not_wait(event: Event) -> bool:
    """Whether a call arrived that is not in the queue: a late entry, one in hand, or one that hears the message."""
    if not isinstance(event, CallReceived):
        return False
    return event.backfilled or is_in_hand(event) or is_screened(event)


def is_screened(event: CallReceived) -> bool:
    """Whether its caller hears the recorded message."""
    return event.block_id is not None and event.unscreened is None


def is_in_hand(event: CallReceived) -> bool:
    """Whether somebody has the call from the beginning: a callback that proved real, or a call of another regency."""
    return event.callback_id is not None or event.transferred_from is not None


POLICY = IntakePolicy(opened_to=SPEAKERS)
