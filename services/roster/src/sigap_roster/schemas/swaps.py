"""The HTTP schemas of swaps."""

from collections.abc import Mapping
from datetime import date
from typing import ClassVar
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_roster import examples
from sigap_roster.schemas.requests import RequestOut


class OfferSwap(Body):
    model_config = like(examples.OFFER_SWAP)

    duty_id: UUID = Field(description="Your duty, which you want to give away")
    to_staff_id: UUID | None = Field(default=None, description="Whom you ask; null: anybody may take it")
    return_duty_id: UUID | None = Field(
        default=None, description="The duty that you take in return, of this roster or another; null: none"
    )


class AcceptSwap(Body):
    staff_id: UUID | None = Field(default=None, description="Who takes it, if a planner enters it; null: you")


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


class SwapList(BaseModel):
    items: list[SwapOut]
    next: str | None
