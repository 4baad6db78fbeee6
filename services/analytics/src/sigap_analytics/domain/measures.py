"""The contributions of facts to figures. The definitions are in the catalogue at `/v1/kpis`."""

from typing import Literal

from sigap_analytics.domain.columns import Outcome
from sigap_analytics.domain.counted_facts import (
    Call,
    Callback,
    Duty,
    Forwarding,
    Incident,
    Intervals,
    Phase,
    Promise,
    Referral,
    TransferredCall,
    measured,
    within,
)
from sigap_analytics.domain.figures import Contribution, Measure
from sigap_common.contracts.calls import CallClass

PROMISE_MS = 30_000
"""Milliseconds from the answer to the call until an agency has the incident."""
PROCESSING_MS = 60_000
"""Milliseconds from the answer to the call until the incident is forwarded (NFPA 1225:2022)."""
SHORT_MS = 10_000
"""Milliseconds. One form of the service level leaves out callers who give up sooner."""

REACHED = frozenset({"recovered", "real", "not_needed"})
"""The outcomes of callbacks that say what the dropped call was."""
JOINED = "joined"
RECLASSIFIED = "reclassified"

GENUINE = frozenset({CallClass.EMERGENCY, CallClass.NON_EMERGENCY, CallClass.INFORMATION})
"""The classes of calls by which somebody needed 112."""

Abandoned = Literal["with", "without", "long"]
"""Which abandoned calls are in a service level's denominator: all, none, or all but those under 10 s."""


def blocked(call: Call) -> Contribution | None:
    """Of the calls from blocked numbers, those that proved genuine."""
    if call.block_rule is None:
        return None
    return Contribution(holds=call.outcome in GENUINE, parts=(call.outcome,))


def pranks(call: Call) -> Contribution | None:
    """Of the classified calls, the pranks."""
    classified = call.answered and call.outcome != Outcome.NOT_CLASSIFIED
    return Contribution(holds=call.outcome == CallClass.PRANK) if classified else None


def funnel(call: Call) -> Contribution:
    if call.answered:
        return Contribution(holds=True, parts=("received", "answered", call.outcome))
    return Contribution(holds=True, parts=("received", call.outcome))


def answered_within(limit_ms: int, abandoned: Abandoned) -> Measure:
    def measure(call: Call) -> Contribution | None:
        if call.backfilled:
            return None
        if call.answered:
            return Contribution(holds=within(call.waited_ms, limit_ms), unmeasured=not measured(call.waited_ms))
        return Contribution(holds=False) if call.abandoned and _is_in(call, abandoned) else None

    return measure


def _is_in(call: Call, abandoned: Abandoned) -> bool:
    """Whether an abandoned call is in the denominator. A call without a measured time does not count as short."""
    short = measured(call.waited_ms) and (call.waited_ms or 0) < SHORT_MS
    return abandoned == "with" or (abandoned == "long" and not short)


def answer_time(call: Call) -> Contribution | None:
    return _time(call.waited_ms) if call.answered and not call.backfilled else None


def abandonment_time(call: Call) -> Contribution | None:
    return _time(call.waited_ms) if call.abandoned and not call.backfilled else None


def unmeasured_call(call: Call) -> Contribution | None:
    if call.backfilled or not (call.answered or call.abandoned):
        return None
    return Contribution(holds=not measured(call.waited_ms))


def counted(incident: Incident) -> Contribution | None:
    return None if incident.by_transfer else Contribution(holds=True)


def received_by_transfer(incident: Incident) -> Contribution | None:
    return Contribution(holds=True) if incident.by_transfer else None


def promise(incident: Promise) -> Contribution:
    ms = incident.delivered_ms
    kept = within(ms, PROMISE_MS)
    return _interval(ms, holds=kept, parts=("kept",) if kept else (_why_missed(incident),))


def _why_missed(incident: Promise) -> str:
    if not incident.forwarded:
        return "never_forwarded"
    return "never_delivered" if incident.delivered_ms is None else "too_late_or_unmeasured"


def processing(incident: Promise) -> Contribution:
    ms = incident.forwarded_ms
    return _interval(ms, holds=within(ms, PROCESSING_MS), parts=() if incident.forwarded else ("never_forwarded",))


def last_agency(incident: Promise) -> Contribution:
    return _interval(incident.last_ms, holds=measured(incident.last_ms))


def correction(incident: Promise) -> Contribution | None:
    if not incident.corrected:
        return None
    return _interval(incident.corrected_ms, holds=measured(incident.corrected_ms))


def unmeasured_incident(incident: Promise) -> Contribution:
    times = (incident.forwarded_ms, incident.delivered_ms, incident.last_ms, incident.corrected_ms)
    return Contribution(holds=any(ms is not None and not measured(ms) for ms in times))


def forwarding(told: Forwarding) -> Contribution:
    return Contribution(holds=True, parts=_parts(told))


def acknowledgement(told: Forwarding) -> Contribution | None:
    if told.backfilled:
        return None
    return _interval(told.acknowledged_ms, holds=told.outcome == "acknowledged", parts=_parts(told))


def unmeasured_forwarding(told: Forwarding) -> Contribution | None:
    if told.backfilled:
        return None
    return Contribution(holds=told.acknowledged_ms is not None and not measured(told.acknowledged_ms))


def phase_time(phase: Phase) -> Measure:
    def measure(told: Intervals) -> Contribution | None:
        return _time(told.ended[phase]) if phase in told.ended else None

    return measure


def _parts(told: Forwarding) -> tuple[str, ...]:
    """The parts of the figure in which a forwarding counts: its outcome, and others."""
    beside = (f"{told.outcome}_on_behalf" if told.on_behalf else "", "deadline_missed" if told.missed else "")
    return (told.outcome, *filter(None, beside))


def attendance(duty: Duty) -> Contribution:
    late = None if duty.late_ms is None else max(0, duty.late_ms)
    return _interval(late, holds=duty.started)


def callback(told: Callback) -> Contribution | None:
    if told.outcome == JOINED:
        return None
    beside = ("cut_off" if told.cut_off else "", "sampled" if told.sampled else "")
    return Contribution(holds=True, parts=(told.outcome, *filter(None, beside)))


def real_callback(told: Callback) -> Contribution | None:
    """Of those that were called by their rank, and whose caller was reached."""
    return None if told.sampled or told.outcome == JOINED else _real(told)


def real_in_sample(told: Callback) -> Contribution | None:
    """Of those that chance drew from the expired, and whose caller was reached."""
    return _real(told) if told.sampled and told.outcome != JOINED else None


def transferred_call(told: TransferredCall) -> Contribution:
    return Contribution(holds=True, parts=(told.outcome,))


def referral(told: Referral) -> Contribution | None:
    return None if told.outcome == RECLASSIFIED else Contribution(holds=True, parts=(told.outcome,))


def _real(told: Callback) -> Contribution:
    reached = told.outcome in REACHED
    return Contribution(holds=told.outcome == "real", counts=reached, parts=(told.outcome,))


def _time(ms: int | None) -> Contribution:
    """A contribution that is a time. A missing time is unmeasured."""
    return Contribution(holds=measured(ms), ms=ms if measured(ms) else None, unmeasured=not measured(ms))


def _interval(ms: int | None, *, holds: bool, parts: tuple[str, ...] = ()) -> Contribution:
    """The time between two steps, of which the second may never have come."""
    known = measured(ms)
    return Contribution(holds=holds, ms=ms if known else None, unmeasured=ms is not None and not known, parts=parts)
