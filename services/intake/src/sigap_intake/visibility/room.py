"""Who sees what of the room: who is in it, and what operators do."""

from sigap_common.auth import Access
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised, AlarmRangFurther
from sigap_common.contracts.call_transfers import CallTransferAccepted, CallTransferEnded, CallTransferOffered
from sigap_common.contracts.calls import (
    CallAnswered,
    CallEnded,
    CallOfferDeclined,
    CallOffered,
    CallReceived,
    CallScreened,
    CallScreeningEnded,
    CallTakenOver,
)
from sigap_common.contracts.operators import PresenceChanged
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.visibility import Policy, Variant
from sigap_intake.visibility.calls import SPEAKERS, is_in_hand, is_screened

ROOM_EVENTS = (
    PresenceChanged,
    CallAnswered,
    CallTakenOver,
    CallOffered,
    CallOfferDeclined,
    CallEnded,
    CallTransferOffered,
    CallTransferAccepted,
    CallTransferEnded,
    CallScreened,
    CallScreeningEnded,
    AlarmRaised,
    AlarmCleared,
    AlarmRangFurther,
)


class RoomPolicy(Policy):
    """Operators of the token's regencies."""

    hidden_as = Variant.WITHOUT_PERSONAL_DATA
    """Who has a protected call is no secret."""

    def variant(self, heard: ReceivedEvent, access: Access) -> Variant | None:
        """The room's stream shows who is present, who has which call, whose callers hear the recorded message, and
        intake's alarms.
        """
        event = heard.event
        beside = isinstance(event, CallReceived) and (is_in_hand(event) or is_screened(event))
        shown = isinstance(event, ROOM_EVENTS) or beside
        return super().variant(heard, access) if shown else None


ROOM_POLICY = RoomPolicy(opened_to=SPEAKERS)
