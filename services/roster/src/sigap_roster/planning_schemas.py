"""The schemas of days off, and of searches for plans."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code, Whole
from sigap_roster import examples
from sigap_roster.domain import AbsenceKind, SolveState
from sigap_roster.domain.program import Existing, RequirementKind
from sigap_roster.domain.stand_ins import MOST_UNCOVERED, Uncovered
from sigap_roster.models import SolveRow
from sigap_roster.schemas import OVERTIME_HOURS, Day, PlannedOut

OF_LAW = ("weekly-hours", "weekly-rest-days", "overtime-limit")
"""Rules that stand in laws: nobody is told to change them."""
_TEXTS = Texts.load("sigap_roster")


class AddAbsence(Body):
    model_config = like(examples.ADD_ABSENCE)

    staff_id: UUID
    kind: Literal[AbsenceKind.LEAVE, AbsenceKind.WISH, AbsenceKind.WISH_TO_WORK, AbsenceKind.ASKED] = Field(
        description="leave: nobody may plan the person. wish: the person wishes to be free, or with `shift` not to "
        "have this shift. wish_to_work: the person wishes to have `shift`. asked: leave is asked for. Staff enter all "
        "but leave for themselves"
    )
    first_day: Day = Field(description="A shift counts as of the day on which it starts")
    last_day: Day = Field(description="Included; at most 366 days")
    shift: Code | None = Field(default=None, description="Of a wish: that it is about this shift of the days alone")
    weight: Annotated[int, Field(ge=1, le=10)] = Field(
        default=1, description="How much a wish counts beside other wishes, for whole days or for a shift"
    )


class AbsenceOut(BaseModel):
    model_config = like(examples.ABSENCE)

    id: UUID
    regency: str
    staff_id: UUID
    kind: AbsenceKind
    first_day: date
    last_day: date
    shift: str | None
    weight: int


class AbsenceList(BaseModel):
    items: list[AbsenceOut]
    next: str | None


class UncoveredOut(BaseModel):
    """A shift to come that the person would leave."""

    roster_id: UUID
    is_published: bool = Field(description="Whether the roster was published; leaders are shown what its draft says")
    day: date
    shift: str
    open_seats: int = Field(description="Seats that stay open without a stand-in")
    could: int = Field(description="How many others could take it")
    first: list[UUID] = Field(description="At most three of them, the best first; none for role staff alone")


class EffectOut(BaseModel):
    model_config = like(examples.EFFECT)

    items: list[UncoveredOut] = Field(description=f"By day; at most {MOST_UNCOVERED}")

    @classmethod
    def of(cls, found: Sequence[Uncovered], *, named: bool) -> Self:
        items = [UncoveredOut.model_validate(one, from_attributes=True) for one in found]
        return cls(items=items if named else [one.model_copy(update={"first": []}) for one in items])


class AskForPlan(Body):
    model_config = like(examples.ASK_FOR_PLAN)

    existing: Existing = Field(
        default=Existing.KEEP,
        description="What becomes of the draft: keep its assignments, change as few as possible, or replace all. "
        "One that cannot be, such as of somebody on leave, never stays; what is locked always does",
    )
    seconds: Annotated[int, Field(ge=1, le=600)] = Field(
        default=60,
        description="How long to search for better plans, by the solver's own count; at most twice by the clock",
    )
    seed: Whole = Field(
        default=0, description="The same seed finds the same plan, if the clock does not end the search"
    )


class SpreadOut(BaseModel):
    """The most that somebody has less the fewest, of those who are active and can take them."""

    nights: float
    weekends: float
    holidays: float
    hours: float


class Found(BaseModel):
    """What is known of the best plan so far. The plan is among the search's assignments."""

    open_seats: int | None = None
    overtime_hours: float | None = Field(default=None, description=OVERTIME_HOURS)
    spread: SpreadOut | None = Field(default=None, description="How far apart people are in the plan")
    hard: int | None = Field(default=None, description="Breaches of hard rules, as `breaches` of the roster would say")
    soft: int | None = Field(default=None, description="Breaches of soft rules, open seats among them")
    proven: bool = Field(default=False, description="Whether no plan is better")
    cost: int | None = Field(default=None, description="What soft rules, wishes and unequal shares cost together")
    bound: int | None = Field(default=None, description="No plan costs less")
    seconds: float | None = Field(default=None, description="Since the search began, when the best plan was found")


class SolveSummary(BaseModel):
    model_config = like(examples.SOLVE_SUMMARY)

    id: UUID
    regency: str
    roster_id: UUID
    roster_version: int = Field(description="Of the roster that the plan is for")
    state: SolveState
    existing: Existing
    seconds: int
    seed: int
    asked_by: str
    asked_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    found: Found
    ahead: int | None = Field(
        description="While it is queued: how many searches that wait begin before it, of all regencies; 0: it is the "
        "next. Each regency has one in turn, so the number may also grow. None: it has begun, or is over"
    )
    failure: dict[str, str] | None = Field(description="In words, by language")

    @classmethod
    def of(cls, row: Any, ahead: int | None) -> Self:
        """`row`: a SolveRow, or a row of that table."""
        told = {name: getattr(row, name) for name in cls.model_fields if name not in ("found", "failure", "ahead")}
        failure = _TEXTS.labels(f"failures.{row.failure}") if row.failure else None
        return cls(**told, found=Found.model_validate(row.progress), failure=failure, ahead=ahead)


class SolveOut(SolveSummary):
    model_config = like(examples.SOLVE)

    assignments: list[PlannedOut] = Field(description="The best plan so far; none: no plan was found yet")


class SolveList(BaseModel):
    items: list[SolveSummary]
    next: str | None


class ShortageOut(BaseModel):
    """A week in which all people together may not work as many hours as the seats need."""

    week: date = Field(description="Its Monday")
    hours: float = Field(description="How many are lacking")
    people: int = Field(description="How many more people are needed at least")
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        words = {spoken: _TEXTS.get("requirements.shortage", spoken, **told) for spoken in LANGUAGES}
        return cls.model_validate({**told, "in_words": words})


class RequirementOut(BaseModel):
    """One of the things that cannot all hold together."""

    kind: RequirementKind
    rule: str | None = Field(default=None, description="The policy's code, of kind `rule`")
    source: str | None = Field(default=None, description="Where the rule comes from")
    staff_id: UUID | None = None
    day: date | None = Field(default=None, description="Of a leave its first day in the roster")
    last_day: date | None = Field(default=None, description="Of a leave")
    shift: str | None = None
    may_change: bool = Field(
        description="Whether it is people's to change. Law and what bars a person are not; to agree to overtime is"
    )
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, told: Mapping[str, Any], names: Mapping[str, str]) -> Self:
        kind, rule = RequirementKind(told["kind"]), told.get("rule")
        not_agreed = told.get("params", {}).get("not_agreed", False)
        bound = kind is RequirementKind.UNAVAILABLE or (rule in OF_LAW and not not_agreed)
        who = {"who": names.get(told["staff_id"], told["staff_id"])} if "staff_id" in told else {}
        params = {**told, **told.get("params", {}), **who}
        key = f"requirements.{_key(kind, told)}"
        words = {spoken: _TEXTS.get(key, spoken, **params) for spoken in LANGUAGES}
        return cls.model_validate({**told, "may_change": not bound, "in_words": words})


def _key(kind: RequirementKind, told: Mapping[str, Any]) -> str:
    """The key of the text: each rule has one, and two if a part of its values may be missing."""
    if kind is RequirementKind.LOCKED and "shift" not in told:
        return "locked-free"
    if kind is not RequirementKind.RULE:
        return kind
    if "contract" in told["params"]:
        return "weekly-hours-by-contract"
    further = {"rest_days_after": "-with-rest", "season": "-in-season", "not_agreed": "-not-agreed"}
    return str(told["rule"]) + "".join(ending for name, ending in further.items() if told["params"].get(name))


class ConflictOut(BaseModel):
    """Why the seats of a shift stay open: what cannot all hold together."""

    day: date
    shift: str
    irreducible: bool = Field(description="Whether it is proven that without any one of them the others can hold")
    requirements: list[RequirementOut]

    @classmethod
    def of(cls, told: Mapping[str, Any], names: Mapping[str, str]) -> Self:
        requirements = [RequirementOut.of(one, names) for one in told["requirements"]]
        return cls.model_validate({**told, "requirements": requirements})


class ExplanationOut(BaseModel):
    model_config = like(examples.EXPLANATION)

    state: SolveState = Field(description="Of the search: while it runs, more may be found")
    shortages: list[ShortageOut] = Field(description="By adding up, before any search")
    conflicts: list[ConflictOut] = Field(description="At most 5. None: none was found in time, or no seat is open")

    @classmethod
    def of(cls, row: SolveRow, names: Mapping[str, str]) -> Self:
        lacking = [ShortageOut.of(one) for one in row.explanation.get("shortages", ())]
        conflicts = [ConflictOut.of(one, names) for one in row.explanation.get("conflicts", ())]
        return cls(state=SolveState(row.state), shortages=lacking, conflicts=conflicts)
