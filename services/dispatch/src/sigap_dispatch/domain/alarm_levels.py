"""Alarm levels: a person asks for more help than the incident's type and priority bring."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sigap_common.contracts.alarm_levels import AlarmLevelProposalEnded, IncidentEscalated
from sigap_common.core.errors import Fault, Invalid, NotAllowed, NotFound
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import no_longer_wanted
from sigap_dispatch.domain.plans import highest_level, wanted
from sigap_dispatch.domain.proposals import follow_plan
from sigap_dispatch.domain.refusals import require_open


@dataclass(frozen=True, slots=True)
class SetAlarmLevel(Command):
    """Raises or lowers the alarm level."""

    alarm_level: int
    seen: int
    """The level that the person saw. If a colleague has changed it since, the person decides again."""
    reason: str


def set_level(decision: IncidentDecision, command: SetAlarmLevel) -> None:
    """Raising tells the agencies that the plan newly wants; lowering only proposes withdrawals. A repetition changes
    nothing. Raises NotAllowed if the incident is closed or somebody else has changed the level, Invalid if no plan has
    the level.
    """
    incident = decision.incident
    require_open(incident)
    if command.alarm_level == incident.alarm_level:
        return
    if command.seen != incident.alarm_level:
        raise NotAllowed("alarm-level-changed", state=incident.state, level=incident.alarm_level)
    highest = highest_level(incident, decision.moment.pack)
    if command.alarm_level > max(highest, incident.alarm_level):
        raise Invalid(errors=[Fault(("body", "alarm_level"), "alarm_level_unknown", {"highest": highest})])
    tentative = incident.model_copy(update={"alarm_level": command.alarm_level})
    decision.emit(
        IncidentEscalated(
            **decision.stamp(),
            alarm_level=command.alarm_level,
            before=incident.alarm_level,
            reason=Sealed(command.reason),
            proposed_withdrawals=no_longer_wanted(tentative, decision),
        )
    )
    follow_plan(decision, wanted(incident, decision.moment.pack))


@dataclass(frozen=True, slots=True)
class DismissAlarmLevel(Command):
    """The dispatcher does not want the alarm level that an agency asks for."""

    alarm_level: int


def dismiss_level(decision: IncidentDecision, command: DismissAlarmLevel) -> None:
    """Ends the proposal of this alarm level. A repetition changes nothing. Raises NotFound if this level is not
    proposed, NotAllowed if the incident is closed.
    """
    incident, proposed = decision.incident, decision.incident.proposed_level
    require_open(incident)
    if proposed and proposed.alarm_level == command.alarm_level:
        ended = AlarmLevelProposalEnded(**decision.stamp(), alarm_level=proposed.alarm_level, how="dismissed")
        decision.emit(ended)
    elif incident.dismissed_level != command.alarm_level:
        raise NotFound


def lapse_level(decision: IncidentDecision) -> None:
    """Ends the proposal of an incident that is closed."""
    if proposed := decision.incident.proposed_level:
        ended = AlarmLevelProposalEnded(**decision.stamp(), alarm_level=proposed.alarm_level, how="lapsed")
        decision.emit(ended)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    SetAlarmLevel: set_level,
    DismissAlarmLevel: dismiss_level,
}
