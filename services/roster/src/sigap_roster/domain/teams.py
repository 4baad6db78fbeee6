"""Teams (regu): people who work the shifts of one cycle together, such as morning, noon, night, free, free."""

from collections.abc import Collection, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sigap_common.core.errors import Fault, Invalid
from sigap_roster.domain.checks import Circumstances, placed
from sigap_roster.domain.roster import Planned, Roster, plan
from sigap_roster.domain.shifts import span_of


@dataclass(frozen=True, slots=True)
class Team:
    """`cycle`: the code of the shift of each day, from `starts_on` on and over again; None: a free day. It also goes on
    before `starts_on`.
    """

    name: str
    cycle: Sequence[str | None]
    starts_on: date
    members: Sequence[UUID]

    def shift_on(self, day: date) -> str | None:
        return self.cycle[(day - self.starts_on).days % len(self.cycle)]


def check_team(team: Team, shifts: Collection[str], staff: Set[UUID], others: Mapping[UUID, str]) -> None:
    """`staff`: of the regency. `others`: the name of the other team that a person belongs to. Raises Invalid with all
    that is wrong.
    """
    faults = [*_wrong_cycle(team, shifts), *_wrong_members(team, staff, others)]
    if faults:
        raise Invalid(errors=faults)


def _wrong_cycle(team: Team, shifts: Collection[str]) -> Iterator[Fault]:
    known = ", ".join(shifts) or "-"
    if not any(team.cycle):
        yield Fault(("body", "cycle"), "cycle_without_shift", {})
    for index, code in enumerate(team.cycle):
        if code is not None and code not in shifts:
            yield Fault(("body", "cycle", index), "shift_unknown", {"known": known})


def _wrong_members(team: Team, staff: Set[UUID], others: Mapping[UUID, str]) -> Iterator[Fault]:
    for index, member in enumerate(team.members):
        place = ("body", "members", index)
        if member in team.members[:index]:
            yield Fault(place, "member_twice", {})
        elif member not in staff:
            yield Fault(place, "member_unknown", {})
        elif member in others:
            yield Fault(place, "member_of_another_team", {"team": others[member]})


def rotated(roster: Roster, teams: Sequence[Team], around: Circumstances, now: datetime) -> Roster:
    """The roster with the teams' cycles in its draft, as they are: leave and rules change nothing. Assignments of
    people in no team stay, and so do those that have begun, and the days of a person that the planner locked. Raises
    Invalid if a cycle has a shift that is gone.
    """
    locked = {(lock.staff_id, lock.day) for lock in around.locks if around.holds(lock)}
    members = {member for team in teams for member in team.members}
    over = {one.planned for one in placed(roster, around, now) if one.span.starts_at <= now}
    stay = [
        one for one in roster.planned if one.staff_id not in members or one in over or (one.staff_id, one.day) in locked
    ]
    gone = {(team.name, code) for team in teams for code in team.cycle if code and around.shift(code) is None}
    if gone:
        faults = [Fault(("body",), "team_shift_gone", {"team": name, "shift": code}) for name, code in sorted(gone)]
        raise Invalid(errors=faults)
    turns = [one for team in teams for one in _of_team(roster, team, around, now)]
    found = dict.fromkeys((*stay, *(one for one in turns if (one.staff_id, one.day) not in locked)))
    return plan(roster, tuple(found))


def _of_team(roster: Roster, team: Team, around: Circumstances, now: datetime) -> Iterator[Planned]:
    for day in roster.days():
        shift = around.shift(team.shift_on(day) or "")
        if shift is not None and span_of(shift, day, around.zone).starts_at > now:
            for member in team.members:
                if (person := around.people.get(member)) is not None and person.active:
                    yield Planned(staff_id=member, day=day, shift=shift.code)
