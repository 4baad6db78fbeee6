"""The HTTP schemas of duties."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.listing import Page
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Utc
from sigap_roster import examples
from sigap_roster.domain import DutyState, End, Start
from sigap_roster.repository.duties import NamedDuty


class Attendance(Body):
    model_config = like(examples.ATTENDANCE)

    at: Utc | None = Field(
        default=None, description="The time, if it is recorded afterwards (not by role staff); null: now"
    )
    confirm: bool = Field(
        default=False,
        description="The time is right although it is odd: a start more than an hour before the planned one or after "
        "the planned end, or an end more than four hours after it. Such a time is refused at `#/confirm` until then",
    )

    def start(self, by: str) -> Start:
        return Start(by=by, at=self.at, confirmed=self.confirm)

    def end(self, by: str) -> End:
        return End(by=by, at=self.at, confirmed=self.confirm)


class DutyOut(BaseModel):
    model_config = like(examples.DUTY)

    id: UUID
    regency: str
    version: int
    roster_id: UUID
    staff_id: UUID
    name: str
    day: date = Field(description="The one on which the shift starts")
    shift: str
    starts_at: datetime = Field(description="As planned")
    ends_at: datetime = Field(description="As planned")
    state: DutyState
    available: bool = Field(
        description="Whether the person is expected, or has started the duty. false: the person is not expected; a "
        "shift to come may have an open seat. Why is not said"
    )
    started_at: datetime | None
    ended_at: datetime | None

    @classmethod
    def of(cls, named: NamedDuty) -> Self:
        told = {field: getattr(named.duty, field) for field in cls.model_fields if field not in ("name", "available")}
        return cls(**told, name=named.name.clear, available=named.available)


class DutyList(BaseModel):
    items: list[DutyOut]
    next: str | None

    @classmethod
    def of(cls, page: Page[NamedDuty]) -> Self:
        return cls(items=[DutyOut.of(one) for one in page.items], next=page.next)
