"""The schemas of requests and answers over HTTP."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from re import compile as regex
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.listing import Page
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import (
    AgencyPath,
    Code,
    Personal,
    PersonalLine,
    PersonalText,
    RegencyCode,
    Rows,
    Text,
    Utc,
)
from sigap_common.personal_data import Sealed
from sigap_common.regency import Employment, Pack, Weekday
from sigap_roster import examples
from sigap_roster.domain import (
    Breach,
    DutyState,
    End,
    Planned,
    Roster,
    RosterState,
    Sex,
    Skill,
    StaffMember,
    StandIn,
    Start,
    differences,
)
from sigap_roster.domain.rules import SEATS_FILLED
from sigap_roster.repository.duties import NamedDuty

MOST_ASSIGNMENTS = 5000
MOST_BREACHES = 1000
OVERTIME_HOURS = (
    "All planned hours above the usual ones of each person, in the weeks of the plan: of a day, if `overtime-limit` is "
    "for the person, and of the other hours those of the week; within the limit or above it, agreed to or not; 0 if no "
    "rule gives usual hours"
)
BELOW_MINIMUM = "Of the open seats those of shifts with fewer people than their minimum, up to it"
_TEXTS = Texts.load("sigap_roster")
_DAY = regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day_text(value: object) -> object:
    """Accepts only a date as text. pydantic would also accept a number as a Unix time, and a moment as its day."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_type", "Input should be a date YYYY-MM-DD")


def _in_our_times(day: date) -> date:
    if not 1900 <= day.year < 2200:
        raise PydanticCustomError("time_out_of_range", "Year should be between 1900 and 2199")
    return day


Day = Annotated[
    date,
    BeforeValidator(_day_text),
    AfterValidator(_in_our_times),
    WithJsonSchema({"type": "string", "format": "date", "maxLength": 10, "examples": ["2027-03-01"]}),
]
"""A day of the regency's calendar, from 1900 to 2199."""

Subject = Annotated[str, Text(100, one_line=True)]
Number = Annotated[Sealed, Personal(40, one_line=True)]


class SkillIn(Body):
    """A skill, or a certificate."""

    code: Code
    until: Day | None = Field(default=None, description="The last day on which it is valid; null: it does not expire")


class SkillOut(BaseModel):
    code: str
    until: date | None


class StaffEntry(Body):
    model_config = like(examples.STAFF_ENTRY)

    name: PersonalLine
    contact: PersonalLine | None = Field(default=None, description="Telephone or e-mail address")
    number: Number | None = Field(
        default=None, description="The person's staff number, which duty plans use; unique in a regency"
    )
    subject: Subject | None = Field(default=None, description="`sub` of the person's tokens; unique in a regency")
    agency: AgencyPath | None = Field(default=None, description="null: the person works for the centre itself")
    active: bool = Field(default=True, description="Whether the person can be rostered")
    employment: Employment | None = Field(
        default=None, description="The person's employment, which decides the law that applies"
    )
    sex: Sex | None = Field(default=None, description="Only if a rule of the regency's pack needs it")
    no_nights_until: Day | None = Field(
        default=None,
        description="Until this day no shift may lie between 23:00 and 07:00; the reason is not stored",
    )
    skills: Annotated[list[SkillIn], Rows(50)] = Field(
        default_factory=list, description="Each once; rules of the pack name them by their codes, such as leader"
    )

    weekly_hours: Annotated[float, Field(gt=0, le=60)] | None = Field(
        default=None, description="Hours of a week by the person's own contract, such as part time; null: by the rules"
    )
    overtime_agreed_on: Day | None = Field(
        default=None, description="The day on which the person agreed to overtime in writing; null: none is planned"
    )

    @model_validator(mode="after")
    def _skills_once(self) -> Self:
        if len({skill.code for skill in self.skills}) < len(self.skills):
            raise PydanticCustomError("skill_twice", "A skill is named twice")
        return self

    def told(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in StaffEntry.model_fields}
        told |= {"skills": tuple(Skill(code=skill.code, until=skill.until) for skill in self.skills)}
        return told | {"no_nights_until": Sealed(str(self.no_nights_until)) if self.no_nights_until else None}


class CreateStaff(StaffEntry):
    model_config = like(examples.CREATE_STAFF)

    regency: RegencyCode


class StaffOut(BaseModel):
    model_config = like(examples.STAFF)

    id: UUID
    regency: str
    version: int
    name: str
    contact: str | None
    number: str | None
    subject: str | None
    agency: str | None
    active: bool
    employment: Employment | None
    sex: Sex | None
    no_nights_until: date | None = Field(description="Shown only to planners and to the person")
    skills: list[SkillOut]
    weekly_hours: float | None
    overtime_agreed_on: date | None

    @classmethod
    def of(cls, member: StaffMember, *, restrictions: bool) -> Self:
        told = {name: getattr(member, name) for name in cls.model_fields}
        told["skills"] = [SkillOut.model_validate(skill, from_attributes=True) for skill in member.skills]
        told |= {} if restrictions else {"no_nights_until": None}
        return cls(**{name: value.clear if isinstance(value, Sealed) else value for name, value in told.items()})


class StaffList(BaseModel):
    items: list[StaffOut]
    next: str | None


class ImportedOut(BaseModel):
    """What the rows of a file did."""

    model_config = like(examples.IMPORTED)

    added: int
    changed: int
    unchanged: int = Field(description="Rows that say what was known already")


class ShiftOut(BaseModel):
    code: str
    name: str
    start: str = Field(description="Local time HH:MM")
    end: str = Field(description="Local time HH:MM; not after the start: on the next day")
    length_minutes: int = Field(description="On a day without a change of clocks")
    seats: int = Field(description="How many people are wanted")
    minimum: int = Field(description="How many of them are needed first")
    break_minutes: int = Field(description="Of unpaid breaks, which do not count as working hours")


class DemandOut(BaseModel):
    """Other seats on some days: all that is given must hold."""

    name: str = Field(description="Why, such as the name of an event")
    shifts: list[str] = Field(description="Empty: all shifts")
    weekdays: list[Weekday] = Field(description="Empty: each day of the week")
    dates: list[date] = Field(description="Empty: each day")
    holidays: Literal["only", "never"] | None
    seats: int = Field(description="How many people are wanted then")
    minimum: int | None = Field(description="How many of them are needed first; null: as of the shift")


class ShiftPatternOut(BaseModel):
    """The shifts of a day. A shift belongs to the day on which it starts."""

    model_config = like(examples.SHIFT_PATTERN)

    regency: str
    time_zone: str
    handover_minutes: int = Field(description="How long a shift may overlap the next one")
    shifts: list[ShiftOut] = Field(description="Empty: the regency plans no rosters")
    demand: list[DemandOut] = Field(description="Other seats on some days; of several that hold, the last one counts")

    @classmethod
    def of(cls, pack: Pack) -> Self:
        shifts = [ShiftOut.model_validate(shift, from_attributes=True) for shift in pack.shifts.shifts]
        handover = pack.shifts.handover_minutes
        demand = [DemandOut.model_validate(one, from_attributes=True) for one in pack.shifts.demand]
        return cls(regency=pack.code, time_zone=pack.time_zone, handover_minutes=handover, shifts=shifts, demand=demand)


class ShiftPatterns(BaseModel):
    items: list[ShiftPatternOut]
    next: None = None


class DraftRoster(Body):
    model_config = like(examples.DRAFT_ROSTER)

    regency: RegencyCode
    first_day: Day
    last_day: Day = Field(description="Included; at most 366 days")


class PlannedIn(Body):
    model_config = like(examples.PLANNED)

    staff_id: UUID
    day: Day = Field(description="The one on which the shift starts")
    shift: Code

    def planned(self) -> Planned:
        return Planned(staff_id=self.staff_id, day=self.day, shift=self.shift)


Plan = Annotated[list[PlannedIn], Rows(MOST_ASSIGNMENTS)]


class PlannedOut(BaseModel):
    staff_id: UUID
    day: date
    shift: str


class RosterSummary(BaseModel):
    model_config = like(examples.ROSTER_SUMMARY)

    id: UUID
    regency: str
    version: int = Field(description="The ETag's number: grows with each change")
    state: RosterState
    first_day: date
    last_day: date
    changed: bool = Field(description="Whether the plan differs from the published one, or was never published")
    published_version: int = Field(description="How often it was published")
    published_at: datetime | None


class AcceptedRule(Body):
    """A hard rule that the plan breaks, and why it is published nevertheless."""

    rule: Code
    reason: PersonalText


class PublishRoster(Body):
    model_config = like(examples.PUBLISH_ROSTER)

    accepted: Annotated[list[AcceptedRule], Rows(100)] = Field(
        default_factory=list, description="Hard rules that are broken with a reason, each once"
    )

    @model_validator(mode="after")
    def _each_once(self) -> Self:
        rules = [one.rule for one in self.accepted]
        if len(set(rules)) < len(rules):
            raise PydanticCustomError("rule_twice", "A rule is named twice")
        return self

    def reasons(self) -> dict[str, Sealed]:
        return {one.rule: one.reason for one in self.accepted}


class AcceptedOut(BaseModel):
    rule: str
    count: int = Field(description="How often the published plan breaks it")
    reason: str


class BreachOut(BaseModel):
    """A breach of a rule by a plan, or a fact that its planner should know (`note`)."""

    model_config = like(examples.BREACH)

    rule: str = Field(
        description="The policy's code; `possible`, `available`, `locked`, "
        "`days-once`, `seats-filled` and `wishes` hold without one"
    )
    strength: Literal["hard", "soft", "note"]
    weight: int = Field(description="What a breach of a soft rule costs")
    source: str = Field(description="Where the rule comes from")
    day: date = Field(description="Of a week its Monday, of a month its first day")
    shift: str | None
    staff_id: UUID | None
    index: int | None = Field(description="The index of the assignment that it is about; null: not only one")
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, breach: Breach) -> Self:
        words = {spoken: _TEXTS.get(f"validation.{breach.kind}", spoken, **breach.params) for spoken in LANGUAGES}
        told = {name: getattr(breach, name) for name in cls.model_fields if name != "in_words"}
        return cls(**told, in_words=words)


class BreachList(BaseModel):
    model_config = like(examples.BREACHES)

    open_seats: int
    below_minimum: int = Field(description=BELOW_MINIMUM)
    overtime_hours: float = Field(description=OVERTIME_HOURS)
    hard: int = Field(description="How many breaches of hard rules there are")
    soft: int
    notes: int
    items: list[BreachOut] = Field(description=f"Hard ones first; at most {MOST_BREACHES}")

    @classmethod
    def of(cls, breaches: Sequence[Breach], overtime_hours: float) -> Self:
        counts = Counter(breach.strength for breach in breaches)
        shown = [BreachOut.of(breach) for breach in breaches[:MOST_BREACHES]]
        return cls(
            open_seats=sum(breach.params["open"] for breach in breaches if breach.rule == SEATS_FILLED),
            below_minimum=sum(breach.params["below"] for breach in breaches if breach.rule == SEATS_FILLED),
            overtime_hours=overtime_hours,
            hard=counts["hard"],
            soft=counts["soft"],
            notes=counts["note"],
            items=shown,
        )


def name_of(staff_id: UUID | None, people: Mapping[UUID, StaffMember]) -> str | None:
    """A person's name; None if the person is not among the staff any more, or nobody is meant."""
    person = people.get(staff_id) if staff_id else None
    return person.name.clear if person else None


class ChangedOut(PlannedOut):
    name: str | None = Field(description="null: the person is not among the staff any more")


def changed_out(some: Sequence[Planned], people: Mapping[UUID, StaffMember]) -> list[ChangedOut]:
    return [ChangedOut(**one.model_dump(), name=name_of(one.staff_id, people)) for one in some]


class ChangesOut(BaseModel):
    """What a draft changes in the published plan."""

    model_config = like(examples.CHANGES)

    published_version: int = Field(description="0: it was never published, and all is added")
    added: list[ChangedOut] = Field(description="By day and shift")
    removed: list[ChangedOut]

    @classmethod
    def of(cls, roster: Roster, people: Mapping[UUID, StaffMember]) -> Self:
        added, removed = (changed_out(some, people) for some in differences(roster))
        return cls(published_version=roster.published_version, added=added, removed=removed)


class StandInOut(BaseModel):
    """A person who is not on the shift, and whether the person could take it."""

    staff_id: UUID
    name: str
    contact: str | None
    could: bool = Field(description="Whether no hard rule bars the person")
    wishes_free: bool = Field(description="Whether the person wishes to be free on that day")
    soft: int = Field(description="The weight of the soft rules that would be broken")
    week_hours: float = Field(description="Hours planned in the week of the shift, without it")
    hours: float = Field(description="Hours planned in the whole roster, without it")
    barred_by: list[BreachOut] = Field(description="The hard rules that would be broken; index is null")

    @classmethod
    def of(cls, one: StandIn, person: StaffMember) -> Self:
        told = {name: getattr(one, name) for name in ("staff_id", "wishes_free", "soft", "week_hours", "hours")}
        barred_by = [BreachOut.of(replace(breach, index=None)) for breach in one.barred_by]
        contact = person.contact.clear if person.contact else None
        return cls(**told, name=person.name.clear, contact=contact, could=not barred_by, barred_by=barred_by)


class StandInList(BaseModel):
    model_config = like(examples.STAND_INS)

    items: list[StandInOut] = Field(description="In the order in which to telephone them")

    @classmethod
    def of(cls, found: Sequence[StandIn], people: Mapping[UUID, StaffMember]) -> Self:
        return cls(items=[StandInOut.of(one, people[one.staff_id]) for one in found])


class RosterOut(RosterSummary):
    model_config = like(examples.ROSTER)

    published_by: str | None
    accepted: list[AcceptedOut] = Field(
        description="Hard rules that the published plan breaks, with the planner's reasons; none for role staff alone"
    )
    assignments: list[PlannedOut] = Field(
        description="The present draft; a token with only the role staff sees the published assignments"
    )

    @classmethod
    def seen(cls, roster: Roster, *, as_published: bool) -> Self:
        shown = roster.published if as_published else roster.planned
        told = {name: getattr(roster, name) for name in RosterSummary.model_fields}
        accepted = [
            AcceptedOut(rule=one.rule, count=one.count, reason=one.reason.clear)
            for one in (() if as_published else roster.accepted)
        ]
        assignments = [PlannedOut.model_validate(one, from_attributes=True) for one in shown]
        return cls(**told, published_by=roster.published_by, accepted=accepted, assignments=assignments)


class RosterList(BaseModel):
    items: list[RosterSummary]
    next: str | None


class Attendance(Body):
    model_config = like(examples.ATTENDANCE)

    at: Utc | None = Field(
        default=None, description="The time, if it is recorded afterwards (not by role staff); null: now"
    )
    confirm: bool = Field(
        default=False,
        description="The time is right although it is odd: a start more than an hour before the planned one or after "
        "the planned end, or an end more than four hours after it. Such a time is refused at `#/confirm` until then",
    )

    def start(self, by: str) -> Start:
        return Start(by=by, at=self.at, confirmed=self.confirm)

    def end(self, by: str) -> End:
        return End(by=by, at=self.at, confirmed=self.confirm)


class DutyOut(BaseModel):
    model_config = like(examples.DUTY)

    id: UUID
    regency: str
    version: int
    roster_id: UUID
    staff_id: UUID
    name: str
    day: date = Field(description="The one on which the shift starts")
    shift: str
    starts_at: datetime = Field(description="As planned")
    ends_at: datetime = Field(description="As planned")
    state: DutyState
    available: bool = Field(
        description="Whether the person is expected, or has started the duty. false: the person is not expected; a "
        "shift to come may have an open seat. Why is not said"
    )
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, named: NamedDuty) -> Self:
        told = {field: getattr(named.duty, field) for field in cls.model_fields if field not in ("name", "available")}
        return cls(**told, name=named.name.clear, available=named.available)


class DutyList(BaseModel):
    items: list[DutyOut]
    next: str | None

    @classmethod
    def of(cls, page: Page[NamedDuty]) -> Self:
        return cls(items=[DutyOut.of(one) for one in page.items], next=page.next)
