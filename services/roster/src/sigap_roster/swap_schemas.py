"""The schemas of swaps."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_roster import examples
from sigap_roster.domain import StaffMember, SwapState


class OfferSwap(Body):
    model_config = like(examples.OFFER_SWAP)

    duty_id: UUID = Field(description="Your duty, which you want to give away")
    to_staff_id: UUID | None = Field(default=None, description="Whom you ask; null: anybody may take it")
    return_duty_id: UUID | None = Field(
        default=None, description="The duty of the same roster that you take in return; null: none"
    )


class AcceptSwap(Body):
    staff_id: UUID | None = Field(default=None, description="Who takes it, if a planner enters it; null: you")


class SwapOut(BaseModel):
    model_config = like(examples.SWAP)

    id: UUID
    regency: str
    roster_id: UUID
    state: SwapState
    duty_id: UUID
    staff_id: UUID
    name: str | None = Field(description="Of the person who gives the duty away")
    day: date
    shift: str
    to_staff_id: UUID | None = Field(description="Who is asked, or took it; null: anybody may take it")
    to_name: str | None
    return_duty_id: UUID | None
    return_day: date | None
    return_shift: str | None
    asked_by: str
    asked_at: datetime
    decided_by: str | None
    decided_at: datetime | None

    @classmethod
    def of(cls, row: Any, people: Mapping[UUID, StaffMember]) -> Self:
        """`row`: a SwapRow, or a row of that table."""
        told = {name: getattr(row, name) for name in cls.model_fields if name not in ("name", "to_name")}
        name, to_name = (
            person.name.clear if (person := people.get(staff_id)) else None
            for staff_id in (row.staff_id, row.to_staff_id)
        )
        return cls(**told, name=name, to_name=to_name)


class SwapList(BaseModel):
    items: list[SwapOut]
    next: str | None
