"""The HTTP schema that swaps and pickups share."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, ClassVar, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_roster.domain import StaffMember, SwapState
from sigap_roster.schemas.shared import name_of


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
