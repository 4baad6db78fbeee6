"""When a step of a call happened, and by whose clock."""

from datetime import datetime, timedelta
from typing import Any

from sigap_common.core.errors import Fault, Invalid
from sigap_intake.domain.call import Call
from sigap_intake.domain.commands import Step

AHEAD = timedelta(minutes=5)
"""How far another clock may be ahead of ours."""


def moment_of(call: Call, step: Step, now: datetime) -> dict[str, Any]:
    """The time of the step, and whose clock gave it. If a step of a backfilled entry has no time, it gets the time of
    the step before.
    """
    if step.at is not None:
        check_order(call, step.at, now)
    at = step.at or (call.last_at if call.backfilled else now)
    return {"at": at, "recorded_at": now, "by": step.by, "clock": "paper" if call.backfilled else "sigap"}


def check_order(call: Call, at: datetime, now: datetime) -> None:
    """Raises Invalid for a time that a step of this call cannot have."""
    if not call.backfilled:
        raise Invalid(errors=[Fault(("body", "at"), "only_backfilled", {})])
    if at < call.last_at:
        known = {"last_at": call.last_at, "regency": call.regency}
        raise Invalid(errors=[Fault(("body", "at"), "before_last_step", known)])
    if at > now + AHEAD:
        raise Invalid(errors=[Fault(("body", "at"), "in_future", {})])
