"""Publishing a roster."""

from dataclasses import dataclass
from datetime import datetime

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.rosters import Assignment, RosterPublished
from sigap_common.core.errors import Fault, Invalid
from sigap_roster.domain.checks import Circumstances, Placed, findings, placed
from sigap_roster.domain.roster import Roster, evolve

LARGEST_EVENT = 900_000
"""The most bytes of a publication: a message of the bus has at most 1 MiB with its envelope."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Publish:
    by: str
    around: Circumstances


def decide(roster: Roster, command: Publish, now: datetime) -> Decision[Roster]:
    """The publication; no event if the same is published already. Raises Invalid with each wrong assignment, whose
    pointer refers to the roster as `GET` shows it.
    """
    if not roster.planned:
        raise Invalid(errors=[Fault(("body", "assignments"), "nothing_planned", {})])
    if found := findings(roster, command.around, now):
        places = [("body", "assignments", one.index, one.column) for one in found]
        faults = [Fault(place, one.kind, one.params) for place, one in zip(places, found, strict=True)]
        raise Invalid("plan-not-publishable", errors=faults, count=len(faults))
    assignments = tuple(_assignment(roster, one, command.around) for one in placed(roster, command.around, now))
    if roster.published_version and set(assignments) == set(roster.published):
        return Decision(roster, evolve)
    return Decision(roster, evolve, [_published(roster, command, assignments, now)])


def _published(roster: Roster, command: Publish, assignments: tuple[Assignment, ...], now: datetime) -> RosterPublished:
    event = RosterPublished(
        at=now,
        recorded_at=now,
        by=command.by,
        version=roster.published_version + 1,
        first_day=roster.first_day,
        last_day=roster.last_day,
        assignments=tuple(sorted(assignments, key=lambda told: (told.starts_at, told.staff_id))),
    )
    if len(event.model_dump_json().encode()) > LARGEST_EVENT:
        raise Invalid(errors=[Fault(("body", "assignments"), "plan_too_large", {})])
    return event


def _assignment(roster: Roster, one: Placed, around: Circumstances) -> Assignment:
    planned, span = one.planned, one.span
    return one.kept or Assignment(
        duty_id=roster.duty_id(planned),
        staff_id=planned.staff_id,
        subject=around.people[planned.staff_id].subject,
        shift=planned.shift,
        day=planned.day,
        starts_at=span.starts_at,
        ends_at=span.ends_at,
    )
