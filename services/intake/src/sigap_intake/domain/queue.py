"""The queue: where a waiting call stands in it and why, and whom a call rings that waits too long."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid5

from sigap_common.contracts import Event
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.calls import CallMovedUp, CallRangFurther, RingStep
from sigap_common.core.clock import is_over
from sigap_common.regency.parts.calls import QueuePolicy
from sigap_intake.domain.call import WAITING_LONG, Call, CallState
from sigap_intake.domain.call_alarms import cleared, raised
from sigap_intake.domain.commands import MoveUp, Reach, RingFurther

STEPS = tuple(RingStep)
"""In their order."""
PARTNER_WAITING = "partner_waiting"
"""The alarm of a partner regency: a call of another one waits too long."""


@dataclass(frozen=True, slots=True)
class PositionReason:
    """A reason for a place in the queue that the arrival does not explain. `seconds`: later; negative: earlier."""

    code: str
    seconds: int


def position_reasons(call: Call) -> tuple[PositionReason, ...]:
    """Nothing for a call that stands where its arrival puts it."""
    reasons = (
        PositionReason("open_incident", -call.raised_by_seconds),
        PositionReason("lowered", call.lowered_by_seconds),
    )
    return tuple(reason for reason in reasons if reason.seconds)


def move_up(call: Call, command: MoveUp, now: datetime) -> list[Event]:
    """Nothing for a call that does not wait any more, or stands higher already."""
    if call.state is not CallState.WAITING or call.raised_by_seconds >= command.seconds:
        return []
    return [CallMovedUp(at=now, recorded_at=now, seconds=command.seconds)]


def steps_due(
    policy: QueuePolicy, reach: Reach, *, rung: int, queued_at: datetime, now: datetime
) -> tuple[RingStep, ...]:
    """The steps that a waiting call should take now. `rung`: how many are behind it.

    If nobody is signed on, everybody who could be rung first is missing: the duty telephone rings in their place.
    """
    waits = {
        RingStep.ALL_SIGNED_ON: policy.ring_all_after_s,
        RingStep.DUTY_TELEPHONE: policy.ring_duty_telephone_after_s,
        RingStep.PARTNER: policy.ring_partner_after_s,
    }
    if not reach.operators:
        waits[RingStep.DUTY_TELEPHONE] = min(policy.ring_all_after_s, policy.ring_duty_telephone_after_s)
    left = [step for step in STEPS[rung:] if step in reach.steps]
    return tuple(step for step in left if is_over(queued_at + timedelta(seconds=waits[step]), queued_at, now))


def ring_further(call: Call, command: RingFurther, now: datetime) -> list[Event]:
    """Nothing for a call that was answered in the meantime. Drills and backfilled entries ring nowhere."""
    if call.state is not CallState.WAITING or call.drill or call.backfilled:
        return []
    steps = [step for step in command.steps if STEPS.index(step) >= call.rung]
    rings: list[Event] = [_ring(step, command.reach, now) for step in steps]
    alarm = [raised(call, WAITING_LONG, now)] if rings and not call.waits_long else []
    return [*rings, *alarm]


def _ring(step: RingStep, reach: Reach, now: datetime) -> CallRangFurther:
    whom: dict[RingStep, dict[str, Any]] = {
        RingStep.ALL_SIGNED_ON: {"operators": reach.operators},
        RingStep.DUTY_TELEPHONE: {"telephones": reach.telephones},
        RingStep.PARTNER: {"partner": reach.partner},
    }
    return CallRangFurther(at=now, recorded_at=now, step=step, **whom[step])


def wait_no_longer(call: Call, now: datetime) -> list[Event]:
    """Clears the alarm of a call that waits no longer."""
    if not call.waits_long or call.state is CallState.WAITING:
        return []
    return [cleared(call, WAITING_LONG, now)]


def partners_alarms(call: Call, events: Iterable[Event]) -> Iterator[tuple[str, AlarmRaised | AlarmCleared]]:
    """The alarms of a partner regency that follow from the call's events, with its code. They name no caller: a partner
    learns that a call of this regency waits.
    """
    for event in events:
        if isinstance(event, CallRangFurther) and event.partner:
            alarm = _partners(call, event.partner)
            yield event.partner, AlarmRaised(at=event.at, recorded_at=event.recorded_at, label=call.regency, **alarm)
        elif isinstance(event, AlarmCleared) and event.kind == WAITING_LONG and call.partner:
            alarm = _partners(call, call.partner)
            yield call.partner, AlarmCleared(at=event.at, recorded_at=event.recorded_at, **alarm)


def _partners(call: Call, partner: str) -> dict[str, Any]:
    alarm_id = uuid5(call.id, f"{PARTNER_WAITING}/{partner}")
    return {"alarm_id": alarm_id, "kind": PARTNER_WAITING, "about": f"calls/{call.id}"}
