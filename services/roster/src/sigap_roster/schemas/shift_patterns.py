"""The HTTP schemas of shift patterns."""

from datetime import date
from typing import Literal, Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_common.regency import Pack, Weekday
from sigap_roster import examples


class ShiftOut(BaseModel):
    code: str
    name: str
    start: str = Field(description="Local time HH:MM")
    end: str = Field(description="Local time HH:MM; not after the start: on the next day")
    length_minutes: int = Field(description="On a day without a change of clocks")
    seats: int = Field(description="How many people are wanted")
    minimum: int = Field(description="How many of them are needed first")
    break_minutes: int = Field(description="Of unpaid breaks, which do not count as working hours")


class DemandOut(BaseModel):
    """Other seats on some days: all that is given must hold."""

    name: str = Field(description="Why, such as the name of an event")
    shifts: list[str] = Field(description="Empty: all shifts")
    weekdays: list[Weekday] = Field(description="Empty: each day of the week")
    dates: list[date] = Field(description="Empty: each day")
    holidays: Literal["only", "never"] | None
    seats: int = Field(description="How many people are wanted then")
    minimum: int | None = Field(description="How many of them are needed first; null: as of the shift")


class ShiftPatternOut(BaseModel):
    """The shifts of a day. A shift belongs to the day on which it starts."""

    model_config = like(examples.SHIFT_PATTERN)

    regency: str
    time_zone: str
    handover_minutes: int = Field(description="How long a shift may overlap the next one")
    shifts: list[ShiftOut] = Field(description="Empty: the regency plans no rosters")
    demand: list[DemandOut] = Field(description="Other seats on some days; of several that hold, the last one counts")

    @classmethod
    def of(cls, pack: Pack) -> Self:
        shifts = [ShiftOut.model_validate(shift, from_attributes=True) for shift in pack.shifts.shifts]
        handover = pack.shifts.handover_minutes
        demand = [DemandOut.model_validate(one, from_attributes=True) for one in pack.shifts.demand]
        return cls(regency=pack.code, time_zone=pack.time_zone, handover_minutes=handover, shifts=shifts, demand=demand)


class ShiftPatterns(BaseModel):
    items: list[ShiftPatternOut]
    next: None = None
