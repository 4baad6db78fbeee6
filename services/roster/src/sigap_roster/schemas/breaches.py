"""The HTTP schemas of a plan's breaches."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import like
from sigap_roster import examples
from sigap_roster.domain import Breach
from sigap_roster.domain.rules import SEATS_FILLED

MOST_BREACHES = 1000
OVERTIME_HOURS = (
    "All planned hours above the usual ones of each person, in the weeks of the plan: of a day, if `overtime-limit` is "
    "for the person, and of the other hours those of the week; within the limit or above it, agreed to or not; 0 if no "
    "rule gives usual hours"
)
BELOW_MINIMUM = "Of the open seats those of shifts with fewer people than their minimum, up to it"
_TEXTS = Texts.load("sigap_roster")


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
