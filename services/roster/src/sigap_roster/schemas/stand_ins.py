"""The HTTP schemas of stand-ins."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_roster import examples
from sigap_roster.domain import StaffMember, StandIn
from sigap_roster.schemas.breaches import BreachOut


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
