"""The HTTP schemas of days off."""

from collections.abc import Sequence
from datetime import date
from typing import Annotated, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code
from sigap_roster import examples
from sigap_roster.domain import AbsenceKind
from sigap_roster.domain.stand_ins import MOST_UNCOVERED, Uncovered
from sigap_roster.schemas.shared import Day


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
