"""The schemas of swaps, and of seats that staff take."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code
from sigap_roster import examples
from sigap_roster.domain import StaffMember, SwapState
from sigap_roster.domain.open_shifts import OpenShift, Wanted
from sigap_roster.schemas import Day, name_of


class OfferSwap(Body):
    model_config = like(examples.OFFER_SWAP)

    duty_id: UUID = Field(description="Your duty, which you want to give away")
    to_staff_id: UUID | None = Field(default=None, description="Whom you ask; null: anybody may take it")
    return_duty_id: UUID | None = Field(
        default=None, description="The duty that you take in return, of this roster or another; null: none"
    )


class AcceptSwap(Body):
    staff_id: UUID | None = Field(default=None, description="Who takes it, if a planner enters it; null: you")


class RequestOut(BaseModel):
    """What staff ask for that changes a published plan."""

    id: UUID
    regency: str
    roster_id: UUID
    state: SwapState = Field(description="accepted: a planner has not approved it yet")
    staff_id: UUID
    name: str | None
    day: date
    shift: str
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    people: ClassVar[Mapping[str, str]] = {"name": "staff_id"}
    """By each field with a name, the field with the person's id."""

    @classmethod
    def of(cls, row: Any, people: Mapping[UUID, StaffMember]) -> Self:
        """`row`: a RequestRow, or a row of its table."""
        told = {name: getattr(row, name) for name in cls.model_fields if name not in cls.people}
        names = {name: name_of(getattr(row, of), people) for name, of in cls.people.items()}
        return cls(**told, **names)

    @classmethod
    def named(cls, rows: Sequence[Any]) -> set[UUID]:
        """The ids of the people whose names are shown."""
        ids = (getattr(row, of) for row in rows for of in cls.people.values())
        return {staff_id for staff_id in ids if staff_id is not None}


class SwapOut(RequestOut):
    model_config = like(examples.SWAP)

    name: str | None = Field(description="Of the person who gives the duty away")
    duty_id: UUID
    to_staff_id: UUID | None = Field(description="Who is asked, or took it; null: anybody may take it")
    to_name: str | None
    return_duty_id: UUID | None
    return_roster_id: UUID | None = Field(description="The roster of the duty in return; null: the same")
    return_day: date | None
    return_shift: str | None

    people: ClassVar[Mapping[str, str]] = {"name": "staff_id", "to_name": "to_staff_id"}


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


class SwapList(BaseModel):
    items: list[SwapOut]
    next: str | None
