"""What a search tells of the seats that stay open, as it is stored: ids, days and values of rules, without names."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sigap_common.regency import RosterPolicy
from sigap_roster.domain import Breach, Circumstances, Roster
from sigap_roster.domain.program import Existing, GapState, Requirement, RequirementKind, requirements
from sigap_roster.domain.program.written import notice_of
from sigap_roster.domain.rules import SEATS_FILLED
from sigap_roster.domain.rules.of_shifts import OF_DEMAND
from sigap_roster.domain.shifts import span_of
from sigap_roster.solver.wire import Question, question_of


class Explanation:
    """`gaps`: what the best plan lacks: open seats, and hard rules about the people of a shift that are broken. Each is
    told with its state, in the order of the demand: minimum, leader, agency, seats.
    """

    def __init__(
        self, roster: Roster, around: Circumstances, now: datetime, existing: Existing, gaps: Sequence[Breach]
    ) -> None:
        self._around, self._last_day = around, roster.last_day
        self._wanted = requirements(roster, around, now, existing)
        self._numbers: dict[int, int] = {}
        self._gaps: list[dict[str, Any]] = []
        self._conflicts: list[Mapping[str, Any]] = []
        self._notice = notice_of(around, existing)
        for gap in sorted(gaps, key=_rank):
            self._add(gap, now)

    def question(self) -> Question:
        return question_of(self._wanted, [*self._numbers])

    def take(self, told: Mapping[str, Any]) -> None:
        """Takes an answer of the solving process: a conflict, or the state of what it is about."""
        if "requirements" in told:
            self._conflicts.append(self._conflict(told))
        elif told["about"] in self._numbers:
            self._gaps[self._numbers[told["about"]]]["state"] = told["state"]

    def told(self) -> Mapping[str, Any]:
        return {"gaps": [dict(gap) for gap in self._gaps], "conflicts": [*self._conflicts]}

    def _add(self, gap: Breach, now: datetime) -> None:
        code, around = gap.params["shift"], self._around
        if (shift := around.shift(code)) is None:
            return
        begins = span_of(shift, gap.day, around.zone).starts_at
        if begins <= now:
            return
        place: dict[str, Any] = {"day": str(gap.day), "shift": code}
        place |= {"open": gap.params["open"]} if gap.rule == SEATS_FILLED else _lacking(gap)
        if begins <= now + self._notice:
            hours = around.pattern.notice_hours
            self._gaps.append({**place, "state": GapState.WITHIN_NOTICE.value, "hours": hours})
            return
        number = self._wanted.number_of(gap.day, code, self._policy_of(gap))
        if number is not None:
            self._numbers[number] = len(self._gaps)
        self._gaps.append({**place, "state": GapState.NOT_KNOWN.value})

    def _policy_of(self, gap: Breach) -> int | None:
        """The index of the rule that is broken; None: seats are open, which no rule of the pack says."""
        policies = self._around.policies
        return policies.index(gap.policy) if gap.policy in policies else None

    def _conflict(self, told: Mapping[str, Any]) -> Mapping[str, Any]:
        about = self._wanted.all[told["about"]]
        place = {"day": str(about.day), "shift": about.shift}
        if about.policy is not None:
            place |= {"rule": self._around.policies[about.policy].code}
        members = [self._member(self._wanted.all[number]) for number in told["requirements"]]
        return {**place, "irreducible": told["irreducible"], "requirements": members}

    def _member(self, one: Requirement) -> Mapping[str, Any]:
        """Its rule as it was then, its person by the id."""
        told: dict[str, Any] = {
            name: str(value) for name, value in one._asdict().items() if value is not None and name != "policy"
        }
        if one.policy is not None:
            policy = self._around.policies[one.policy]
            told |= {"rule": policy.code, "source": policy.source, "params": policy.params | self._own(one, policy)}
        if one.kind is RequirementKind.SEATS and one.day and one.shift:
            told |= {"params": {"seats": self._around.seats(one.day, one.shift)}}
        return told

    def _own(self, one: Requirement, policy: RosterPolicy) -> dict[str, Any]:
        """What the rule says otherwise of the person: the hours of the contract, and whether overtime was agreed to."""
        person = self._around.people.get(one.staff_id) if one.staff_id else None
        if person is None:
            return {}
        if policy.code == "weekly-hours" and person.weekly_hours is not None:
            return {"contract": person.weekly_hours} if person.weekly_hours < policy.number("hours") else {}
        agreed = person.agrees_to_overtime(self._last_day)
        return {"not_agreed": True} if policy.code == "overtime-limit" and not agreed else {}


def _rank(gap: Breach) -> int:
    if gap.rule == SEATS_FILLED:
        return -1 if gap.params["below"] else len(OF_DEMAND)
    return OF_DEMAND.index(gap.rule)


def _lacking(gap: Breach) -> Mapping[str, Any]:
    """The rule with its values, and how many of those whom it wants are there: people, or agencies."""
    count = gap.params["agencies" if gap.rule == "agencies-together" else "count"]
    wanted = gap.policy.params if gap.policy else {}
    return {"rule": gap.rule, "lacking": {**wanted, "count": count}}
