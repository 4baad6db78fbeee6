"""The HTTP schemas of seats that published plans leave open, and of staff who take them."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code
from sigap_roster import examples
from sigap_roster.domain.open_shifts import OpenShift, Wanted
from sigap_roster.schemas.requests import RequestOut
from sigap_roster.schemas.shared import Day


class OpenShiftOut(BaseModel):
    model_config = like(examples.OPEN_SHIFT)

    roster_id: UUID
    day: date
    shift: str
    starts_at: datetime
    ends_at: datetime
    open_seats: int

    @classmethod
    def of(cls, one: OpenShift) -> Self:
        times = {"starts_at": one.span.starts_at, "ends_at": one.span.ends_at}
        return cls(roster_id=one.roster_id, day=one.day, shift=one.shift, open_seats=one.seats, **times)


class OpenShifts(BaseModel):
    """The earliest 500."""

    items: list[OpenShiftOut]
    next: None = None


class TakeOpenShift(Body):
    model_config = like(examples.TAKE_OPEN_SHIFT)

    roster_id: UUID
    day: Day = Field(description="The one on which the shift starts")
    shift: Code
    staff_id: UUID | None = Field(default=None, description="Who takes it, if a planner enters it; null: you")

    def wanted(self) -> Wanted:
        return Wanted(self.roster_id, self.day, self.shift, self.staff_id)


class PickupOut(RequestOut):
    model_config = like(examples.PICKUP)


class PickupList(BaseModel):
    items: list[PickupOut]
    next: str | None
