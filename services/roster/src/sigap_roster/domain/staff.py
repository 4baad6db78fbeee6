"""Staff: people who can be planned for shifts, and when they are away. Neither has a life cycle."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from sigap_common.contracts import Contract
from sigap_common.core.aggregate import Aggregate
from sigap_common.personal_data import Sealed
from sigap_common.regency import Employment


class Sex(StrEnum):
    FEMALE = "female"
    MALE = "male"


class Skill(Contract):
    """What a person can do, such as to lead a shift; or a certificate, which may expire."""

    code: str
    until: date | None = None
    """The last day on which it is valid; None: it does not expire."""


class StaffMember(Aggregate):
    name: Sealed
    contact: Sealed | None = None
    number: Sealed | None = None
    """The person's staff number in the centre."""
    number_hash: str | None = None
    """The keyed hash by which a person is found from the number. It is unique in a regency."""
    subject: str | None = None
    """The subject of the person's token; None: the person has no account."""
    agency: str | None = None
    """`<regency>/<code>`; None: the person works for the centre itself."""
    active: bool = True
    employment: Employment | None = None
    sex: Sex | None = None
    """Only known if a rule of the pack needs it."""
    no_nights_until: Sealed | None = None
    """The last day, YYYY-MM-DD, on which the person may not begin a night. The reason is not stored."""

    skills: tuple[Skill, ...] = ()
    weekly_hours: float | None = None
    """The hours of a week by the person's own contract, such as part time; None: those of the employment."""
    overtime_agreed_on: date | None = None
    """The day on which the person agreed to overtime; None: the person works none."""

    @property
    def name_and_number(self) -> str:
        """Such as "Siti (OP-07)"; the name alone, if there is no number. It tells two people of one name apart."""
        return f"{self.name.clear} ({self.number.clear})" if self.number else self.name.clear

    def agrees_to_overtime(self, day: date) -> bool:
        """Whether the person has agreed to overtime by this day."""
        return self.overtime_agreed_on is not None and self.overtime_agreed_on <= day

    def skill(self, code: str) -> Skill | None:
        """The person's skill of this code, valid or not."""
        return next((skill for skill in self.skills if skill.code == code), None)

    def has_skill(self, code: str, day: date) -> bool:
        """Whether the person has the skill, and it is valid on this day."""
        skill = self.skill(code)
        return skill is not None and (skill.until is None or day <= skill.until)

    def nights_barred_on(self, day: date) -> bool:
        return self.no_nights_until is not None and day <= date.fromisoformat(self.no_nights_until.clear)


class AbsenceKind(StrEnum):
    LEAVE = "leave"
    """Granted: nobody may plan the person."""
    WISH = "wish"
    """The person wishes to be free, or not to have a shift."""
    WISH_TO_WORK = "wish_to_work"
    """The person wishes to have a shift."""
    ASKED = "asked"
    """The person asks for leave. It binds nobody until it is granted."""
    REFUSED = "refused"
    """The planner refused the leave that the person asked for."""


WISHES = (AbsenceKind.WISH, AbsenceKind.WISH_TO_WORK)
OWN_KINDS = (*WISHES, AbsenceKind.ASKED)
"""What staff enter for themselves."""


@dataclass(frozen=True, slots=True)
class Absence:
    """Days off of a person, both included. Why is not stored. A shift counts as of the day on which it starts.

    `shift`: a wish is about this shift of these days alone. `weight`: how much a wish counts beside others.
    """

    staff_id: UUID
    kind: AbsenceKind
    first_day: date
    last_day: date
    shift: str | None = None
    weight: int = 1


MOST_DAYS_OFF = 366


def refused_days(first_day: date, last_day: date) -> tuple[str, dict[str, int]] | None:
    """What is wrong with days off from the one day to the other: a text's key and its parameters; None: nothing."""
    if last_day < first_day:
        return "before_first_day", {}
    if (last_day - first_day).days >= MOST_DAYS_OFF:
        return "absence_too_long", {"most": MOST_DAYS_OFF}
    return None


MOST_WEIGHT = 10
"""Of a wish."""


def refused_absence(told: Absence, shifts: Collection[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """What is wrong with days off or a wish: the field, the text's key and its parameters. `shifts`: the pack's
    codes.
    """
    known = {"known": ", ".join(shifts) or "-"}
    if wrong := refused_days(told.first_day, told.last_day):
        yield "last_day", *wrong
    if told.shift is None and told.kind is AbsenceKind.WISH_TO_WORK:
        yield "shift", "shift_needed", known
    if told.kind not in WISHES and told.weight != 1:
        yield "weight", "weight_only_of_wish", {}
    if told.shift is not None and told.kind not in WISHES:
        yield "shift", "shift_only_of_wish", {}
    elif told.shift is not None and told.shift not in shifts:
        yield "shift", "shift_unknown", known


def days_off(absences: Iterable[Absence], kind: AbsenceKind, first_day: date, last_day: date) -> dict[UUID, Set[date]]:
    """The whole days of this kind between two days, by person."""
    found: defaultdict[UUID, set[date]] = defaultdict(set)
    for one in absences:
        if one.kind is kind and one.shift is None:
            found[one.staff_id] |= {*_days(one, first_day, last_day)}
    return dict(found)


def days_wished_free(absences: Iterable[Absence], first_day: date, last_day: date) -> dict[UUID, Mapping[date, int]]:
    """The whole days between two days on which a person wishes to be free, with the weight of the wish: of several
    wishes for one day that of the heaviest, since there is no more than one day to have.
    """
    found: defaultdict[UUID, dict[date, int]] = defaultdict(dict)
    for one in absences:
        if one.kind is AbsenceKind.WISH and one.shift is None:
            own = found[one.staff_id]
            for day in _days(one, first_day, last_day):
                own[day] = max(one.weight, own.get(day, 0))
    return dict(found)


def shift_wishes(
    absences: Iterable[Absence], first_day: date, last_day: date
) -> dict[UUID, Mapping[tuple[date, str], int]]:
    """The wishes for shifts between two days, by person: the weight, below 0 if the shift is not wanted. Wishes of one
    person for the same shift add up.
    """
    found: defaultdict[UUID, Counter[tuple[date, str]]] = defaultdict(Counter)
    for one in absences:
        if one.kind in WISHES and one.shift is not None:
            weight = one.weight if one.kind is AbsenceKind.WISH_TO_WORK else -one.weight
            for day in _days(one, first_day, last_day):
                found[one.staff_id][day, one.shift] += weight
    return dict(found)


def _days(one: Absence, first_day: date, last_day: date) -> Iterator[date]:
    """Its days between two days."""
    begins, ends = max(one.first_day, first_day), min(one.last_day, last_day)
    return (begins + timedelta(days=number) for number in range((ends - begins).days + 1))
