"""The HTTP schemas of searches for plans."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.core.texts import Texts
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Whole
from sigap_roster import examples
from sigap_roster.domain import SolveState
from sigap_roster.domain.program import Existing
from sigap_roster.schemas.breaches import BELOW_MINIMUM, OVERTIME_HOURS
from sigap_roster.schemas.rosters import PlannedOut

_TEXTS = Texts.load("sigap_roster")


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
    """By the share of each: the most that somebody has above it, and the most that somebody has below it, together. Of
    those who are active and can take them.
    """

    nights: float
    weekends: float
    holidays: float
    hours: float


class Found(BaseModel):
    """What is known of the best plan so far. The plan is among the search's assignments."""

    open_seats: int | None = None
    below_minimum: int | None = Field(default=None, description=BELOW_MINIMUM)
    overtime_hours: float | None = Field(default=None, description=OVERTIME_HOURS)
    spread: SpreadOut | None = Field(default=None, description="How far apart people are in the plan")
    hard: int | None = Field(default=None, description="Breaches of hard rules, but `days-once`: `breaches` tells it")
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
