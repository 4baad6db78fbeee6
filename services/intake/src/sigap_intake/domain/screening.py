"""A call from a blocked number: a recorded message answers it, and the caller can always get past it. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sigap_common.contracts import Event
from sigap_common.contracts.calls import CallScreeningEnded, Unscreened
from sigap_common.core.clock import is_over
from sigap_common.core.errors import NotAllowed
from sigap_intake.domain.call import SCREENED_AT_MOST, Call, CallState
from sigap_intake.domain.commands import EndScreening

TRIES_WITHIN = timedelta(minutes=5)
TRIES = 3
"""The third call of a blocked number within TRIES_WITHIN is not screened: who needs help calls again."""


@dataclass(frozen=True, slots=True)
class Found:
    """The facts about a blocked number when it calls. `can_hear`: whether the exchange can play the message to it."""

    can_hear: bool
    earlier_tries: int
    has_open_incident: bool
    """Its own."""
    is_near_incident: bool
    """Somebody's, near the caller's place."""


def unscreened(found: Found) -> Unscreened | None:
    """Why a blocked number's call goes past the message at once; None: the message is played."""
    if found.has_open_incident or found.is_near_incident:
        return Unscreened.OPEN_INCIDENT
    if found.earlier_tries >= TRIES - 1:
        return Unscreened.THIRD_TRY
    return None if found.can_hear else Unscreened.NO_MESSAGE


def end_screening(call: Call, command: EndScreening, now: datetime) -> list[Event]:
    """The call waits from now on. Nothing if it does already.

    Raises NotAllowed if nobody played the message to this call, or if the call is over.
    """
    if call.state is CallState.SCREENING:
        latest = call.queued_at + SCREENED_AT_MOST
        if command.why is Unscreened.NOTHING_HEARD and not is_over(latest, call.queued_at, now):
            return []
        return [CallScreeningEnded(at=now, recorded_at=now, by=command.by, why=command.why)]
    was_heard = call.screening_ended_at is not None or (call.block_id is not None and call.in_hand)
    if call.ended_at is None and was_heard:
        return []
    raise NotAllowed("not-screened", state=call.state)
