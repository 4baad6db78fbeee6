"""Why a person is on a shift: what speaks for it, what speaks against it, and who else could be there."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from math import ceil
from typing import Any

from sigap_roster.domain.carried import carried
from sigap_roster.domain.checks import Circumstances, begun
from sigap_roster.domain.comparing import newly_broken
from sigap_roster.domain.hours import shares_of_duties, shares_of_hours
from sigap_roster.domain.locks import Lock
from sigap_roster.domain.roster import Planned, Roster, plan, planned_as
from sigap_roster.domain.rules import LOCKED, Breach
from sigap_roster.domain.rules.of_persons import LEAST_HOURS
from sigap_roster.domain.rules.shares import COUNTED
from sigap_roster.domain.rules.work import facts_of, work_of
from sigap_roster.domain.shifts import span_of
from sigap_roster.domain.stand_ins import StandIn, of_single_shifts, stand_ins, without_and_with
from sigap_roster.domain.teams import Team


class ReasonKind(StrEnum):
    BEGUN = "begun"
    """The shift has begun, and stays as it is."""
    PUBLISHED = "published"
    """The published plan has it already."""
    LOCKED = "locked"
    """The planner locked it."""
    TEAM = "team"
    """The cycle of the person's team has it."""
    NEEDED = "needed"
    """Without it a rule would be broken, a seat would be open, or a wish would not be met."""
    ONLY = "only"
    """There are others, and none of them could be there."""
    SHARE = "share"
    """With it, the person has no more than the fair share, which is smaller for somebody who had more in the year
    before.
    """


@dataclass(frozen=True, slots=True)
class Reason:
    """`kind` with `params` is its text. `breach`: what would be broken without the assignment."""

    kind: ReasonKind
    params: Mapping[str, Any] = field(default_factory=dict)
    breach: Breach | None = None


@dataclass(frozen=True, slots=True)
class Restriction:
    """Why a person is not available for a shift, for planners alone. `kind` with `params` is its text."""

    kind: str
    params: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Other:
    """Somebody else for the shift. `restriction`: None, unless the person is not available."""

    stand_in: StandIn
    restriction: Restriction | None


@dataclass(frozen=True, slots=True)
class Why:
    """`against`: the rules that the assignment itself breaks, and wishes of the person that it does not meet.

    `others`: everybody who is active and not on the shift, in the order of `stand_ins`.
    """

    reasons: Sequence[Reason]
    against: Sequence[Breach]
    others: Sequence[Other]


def why(
    roster: Roster, around: Circumstances, now: datetime, cell: Planned, teams: Sequence[Team], *, planner: bool = True
) -> Why:
    """`cell`: one of the roster's assignments, in a shift of the pack. `around`: with all staff of the regency.
    `planner`: whether a planner asks. To others, the shares tell of no restrictions.
    """
    free = plan(roster, tuple(one for one in roster.planned if one != cell))
    others = [
        Other(one, _restriction(around, cell.model_copy(update={"staff_id": one.staff_id})))
        for one in stand_ins(free, around, now, cell.day, cell.shift)
        if one.staff_id != cell.staff_id
    ]
    without, with_it = without_and_with(free, of_single_shifts(around), now, cell)
    about = (None, cell.staff_id)
    needed = [one for one in newly_broken(with_it, without) if one.staff_id in about and one.strength != "note"]
    against = [one for one in newly_broken(without, with_it) if one.staff_id in about and one.strength != "note"]
    reasons = [
        *_of_plan(roster, around, now, cell, teams),
        *(Reason(ReasonKind.NEEDED, breach=one) for one in needed if one.rule != LOCKED),
        *_of_others(others),
        *_of_shares(roster, around if planner else around.without_restrictions(), now, cell),
    ]
    return Why(reasons, against, others)


def _of_plan(
    roster: Roster, around: Circumstances, now: datetime, cell: Planned, teams: Sequence[Team]
) -> Iterator[Reason]:
    if cell in begun(roster, now):
        yield Reason(ReasonKind.BEGUN)
    elif any(planned_as(told) == cell for told in roster.published):
        yield Reason(ReasonKind.PUBLISHED, {"version": roster.published_version})
    if Lock(cell.staff_id, cell.day, cell.shift) in around.locks:
        yield Reason(ReasonKind.LOCKED)
    for team in teams:
        if cell.staff_id in team.members and team.shift_on(cell.day) == cell.shift:
            yield Reason(ReasonKind.TEAM, {"team": team.name})


def _of_others(others: Sequence[Other]) -> Iterator[Reason]:
    if others and all(one.stand_in.barred_by for one in others):
        yield Reason(ReasonKind.ONLY)


def _of_shares(roster: Roster, around: Circumstances, now: datetime, cell: Planned) -> Iterator[Reason]:
    """The shares of nights, weekend days and holidays that the assignment counts for, and that of hours."""
    facts = facts_of(roster, around, now).alone()
    own = facts.of_person
    work = next((one for one in own.get(cell.staff_id, ()) if (one.day, one.shift) == (cell.day, cell.shift)), None)
    if work is None:
        return
    people = [one for one in around.people.values() if one.active or one.id in own]
    before = carried(around, now)
    shares = shares_of_duties(facts, people, roster.first_day, roster.last_day)
    for what, of in shares.items():
        told, brought = of[cell.staff_id], before[what].get(cell.staff_id, 0.0)
        if COUNTED[what](facts, work) and told.share is not None:
            share = max(0.0, told.share - brought)
            if told.count <= ceil(share):
                yield _share(what, told.count, share, brought)
    hours = shares_of_hours(facts, people, own)[cell.staff_id]
    if hours.share is not None and hours.count <= hours.share + LEAST_HOURS:
        yield _share("hours", hours.count, hours.share)


def _share(what: str, count: float, share: float, brought: float = 0.0) -> Reason:
    told = {"what": what, "count": round(count, 1), "share": round(share, 1), "brought": round(brought, 1)}
    return Reason(ReasonKind.SHARE, told)


def _restriction(around: Circumstances, wanted: Planned) -> Restriction | None:
    person, shift = around.people[wanted.staff_id], around.shift(wanted.shift)
    told = {"who": around.name(person.id), "day": wanted.day}
    if around.on_leave(person.id, wanted.day):
        return Restriction("on_leave", told)
    if shift is None or person.no_nights_until is None or not person.nights_barred_on(wanted.day):
        return None
    span = span_of(shift, wanted.day, around.zone)
    work = work_of(person.id, wanted.day, wanted.shift, span, around)
    return Restriction("no_nights", told | {"until": person.no_nights_until.clear}) if work.in_barred_hours else None
