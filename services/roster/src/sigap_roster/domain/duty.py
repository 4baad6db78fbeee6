"""A duty: one person in one shift, from its publication to its end. It is independent of presence, which is what an
operator does in the meantime.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, assert_never
from uuid import UUID

from sigap_common.contracts import Event
from sigap_common.contracts.decision import Decision, NoBranch
from sigap_common.contracts.rosters import Assignment, DutyEnded, DutyStarted
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_roster.domain.roster import Roster

AHEAD = timedelta(minutes=5)
"""How far a given time may lie ahead of Sigap's clock."""
EARLIEST = timedelta(hours=24)
"""How long before its planned start a duty may start. A person who starts earlier means the duty of another day."""
EARLY = timedelta(hours=1)
"""How long before its planned start a duty starts without a question."""
STILL_THERE = timedelta(hours=4)
"""So long after its planned end a duty that was not ended counts as under way, and ends without a question. Later on,
its person has probably forgotten to end it.
"""


class DutyState(StrEnum):
    PLANNED = "planned"
    STARTED = "started"
    ENDED = "ended"
    WITHDRAWN = "withdrawn"
    """A later version of the roster does not have the duty, and it had not started."""


class Duty(Aggregate):
    state: DutyState = DutyState.PLANNED
    roster_id: UUID
    staff_id: UUID
    day: date
    shift: str
    starts_at: datetime
    ends_at: datetime
    """The planned end; like all times here in UTC."""
    break_minutes: int = 0
    """Of unpaid breaks."""
    started_at: datetime | None = None
    ended_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attend:
    """`by` is the subject of the token. `at` is the time that the person gives; None: now. `confirmed`: whether the
    person says that an odd time is right.
    """

    by: str
    at: datetime | None = None
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Start(Attend):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class End(Attend):
    pass


Command = Start | End


def decide(duty: Duty, command: Command, now: datetime) -> Decision[Duty]:
    """The events of the command; none if it repeats an earlier one.

    Raises NotAllowed if the duty's state forbids it or another time is recorded already, Invalid for an impossible
    time.
    """
    return Decision(duty, evolve, _events(duty, command, now))


def evolve(duty: Aggregate, event: Event) -> Duty:
    if not isinstance(duty, Duty):
        raise TypeError("a duty begins with the publication of its roster")
    return duty.model_copy(update=_changed(event))


def followed(roster: Roster, known: Mapping[UUID, Duty]) -> list[Duty]:
    """The duties that the roster's publication adds, changes, withdraws or restores. `known`: the roster's duties
    before.

    A duty that has started is never changed.
    """
    told_ids = {assignment.duty_id for assignment in roster.published}
    open_states = (DutyState.PLANNED, DutyState.WITHDRAWN)
    wanted = [
        _planned(roster, assignment, known.get(assignment.duty_id))
        for assignment in roster.published
        if assignment.duty_id not in known or known[assignment.duty_id].state in open_states
    ]
    dropped = [
        duty.model_copy(update={"state": DutyState.WITHDRAWN})
        for duty in known.values()
        if duty.id not in told_ids and duty.state is DutyState.PLANNED
    ]
    return [duty for duty in (*wanted, *dropped) if known.get(duty.id) != duty]


def _planned(roster: Roster, assignment: Assignment, known: Duty | None) -> Duty:
    return Duty(
        id=assignment.duty_id,
        regency=roster.regency,
        version=known.version if known else 0,
        drill=roster.drill,
        roster_id=roster.id,
        staff_id=assignment.staff_id,
        day=assignment.day,
        shift=assignment.shift,
        starts_at=assignment.starts_at,
        ends_at=assignment.ends_at,
        break_minutes=assignment.break_minutes,
    )


def _events(duty: Duty, command: Command, now: datetime) -> list[Event]:
    match command:
        case Start():
            return _start(duty, command, now)
        case End():
            return _end(duty, command, now)
        case _:
            assert_never(command)


def _start(duty: Duty, command: Start, now: datetime) -> list[Event]:
    if duty.started_at is not None:
        if _says_otherwise(command, duty.started_at):
            known = {"started_at": duty.started_at, "regency": duty.regency}
            raise NotAllowed("duty-started-already", state=duty.state, **known)
        return []
    if duty.state is DutyState.WITHDRAWN:
        raise NotAllowed("duty-withdrawn", state=duty.state)
    moment = _moment(command, now)
    if moment["at"] < duty.starts_at - EARLIEST:
        raise NotAllowed("duty-too-early", state=duty.state, starts_at=duty.starts_at, regency=duty.regency)
    if moment["at"] < duty.starts_at - EARLY:
        _require_confirmed(duty, command, "start_very_early")
    if moment["at"] > duty.ends_at:
        _require_confirmed(duty, command, "start_after_end")
    return [DutyStarted(**moment, staff_id=duty.staff_id, planned_at=duty.starts_at)]


def _end(duty: Duty, command: End, now: datetime) -> list[Event]:
    if duty.ended_at is not None:
        if _says_otherwise(command, duty.ended_at):
            known = {"ended_at": duty.ended_at, "regency": duty.regency}
            raise NotAllowed("duty-ended-already", state=duty.state, **known)
        return []
    if duty.started_at is None:
        raise NotAllowed("duty-not-started", state=duty.state)
    moment = _moment(command, now)
    if moment["at"] < duty.started_at:
        known = {"started_at": duty.started_at, "regency": duty.regency}
        raise Invalid(errors=[Fault(("body", "at"), "before_start", known)])
    if moment["at"] > duty.ends_at + STILL_THERE:
        _require_confirmed(duty, command, "end_very_late")
    return [DutyEnded(**moment, staff_id=duty.staff_id, planned_at=duty.ends_at)]


def _says_otherwise(command: Attend, recorded: datetime) -> bool:
    """Whether a time is given that is not the recorded one, to the minute: what was recorded stays, and nobody should
    think otherwise.
    """
    return command.at is not None and abs(command.at - recorded) >= timedelta(minutes=1)


def _require_confirmed(duty: Duty, command: Attend, kind: str) -> None:
    """Asks about an odd time. Raises Invalid unless the person said that it is right."""
    if not command.confirmed:
        planned = {"starts_at": duty.starts_at, "ends_at": duty.ends_at, "regency": duty.regency}
        raise Invalid(errors=[Fault(("body", "confirm"), kind, planned)])


def _moment(command: Attend, now: datetime) -> dict[str, Any]:
    """The time of the event, and whose clock it is from. A time that is only a little ahead counts as now."""
    if command.at and command.at > now + AHEAD:
        raise Invalid(errors=[Fault(("body", "at"), "in_future", {})])
    at = min(command.at or now, now)
    return {"at": at, "recorded_at": now, "by": command.by, "clock": "paper" if command.at else "sigap"}


def _changed(event: Event) -> dict[str, Any]:
    match event:
        case DutyStarted():
            return {"state": DutyState.STARTED, "started_at": event.at}
        case DutyEnded():
            return {"state": DutyState.ENDED, "ended_at": event.at}
    raise NoBranch(event)
