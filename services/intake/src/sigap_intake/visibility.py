"""Who sees what of a call."""

from sigap_common.auth import Access, Role
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import (
    CallAbandoned,
    CallAnswered,
    CallCorrected,
    CallEnded,
    CallMovedUp,
    CallOfferDeclined,
    CallOffered,
    CallRangFurther,
    CallReceived,
    CallTakenOver,
)
from sigap_common.contracts.operators import PresenceChanged
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant

SPEAKERS = (Role.operator, Role.dispatcher, Role.supervisor)
"""Who speaks with callers or sends help; to them alone personal data is opened."""
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
)
ROOM_EVENTS = (
    PresenceChanged,
    CallAnswered,
    CallTakenOver,
    CallOffered,
    CallOfferDeclined,
    CallEnded,
    AlarmRaised,
    AlarmCleared,
)


def is_exchange(access: Access) -> bool:
    """Whether the token is an exchange's alone: nobody reads what it is answered."""
    return access.may(Role.cti) and not access.may(*READERS)


class IntakePolicy(Policy):
    """Calls of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The queue's stream shows who waits and who does not any more. A backfilled entry does not wait."""
        is_backfilled = isinstance(heard.event, CallReceived) and heard.event.backfilled
        shown = isinstance(heard.event, QUEUE_EVENTS) and not is_backfilled
        return super().variant(heard, access) if shown else None


class RoomPolicy(Policy):
    """Operators of the token's regencies."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The room's stream shows who is present, who has which call, and intake's alarms."""
        return super().variant(heard, access) if isinstance(heard.event, ROOM_EVENTS) else None


POLICY = IntakePolicy(opened_to=SPEAKERS)
ROOM_POLICY = RoomPolicy(opened_to=SPEAKERS)
