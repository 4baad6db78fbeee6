"""The response plans: which agencies are told of which incidents, and when."""

import datetime
from collections.abc import Collection
from typing import Annotated, Literal

import h3
from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from sigap_common.core.formats import LONGEST
from sigap_common.regency.parts.base import ClockTime, Code, Part, Priority, Seconds, minute_of
from sigap_common.regency.parts.days import Weekday, holds_on


def _known_cell(cell: str) -> str:
    if not h3.is_valid_cell(cell) or h3.get_resolution(cell) != CELL_RESOLUTION:
        raise PydanticCustomError("pack.cell", "Input should be an H3 cell of resolution 7")
    return cell


CELL_RESOLUTION = 7
"""The resolution of the H3 cell that every place with coordinates has."""


Cell = Annotated[str, Field(max_length=LONGEST), AfterValidator(_known_cell)]


class PlanConditions(Part):
    """When and where a plan applies: all that is given must hold. The moment is that of the incident's start, on the
    regency's clock. Between midnight and an `end` that is before `start`, the day is the day before.
    """

    start: ClockTime | None = Field(None, description="Local time HH:MM, in quotes, from which on it applies")
    end: ClockTime | None = Field(
        None, description="and until which; if it is before the start, it ends on the next day"
    )
    weekdays: tuple[Weekday, ...] = Field(
        (), max_length=7, description="Only on these days of the week: monday, ..., sunday"
    )
    dates: tuple[datetime.date, ...] = Field((), max_length=400, description="Only on these days, YYYY-MM-DD")
    holidays: Literal["only", "never"] | None = Field(
        None, description="Only on the pack's holidays, or never on one of them"
    )
    cells: tuple[Cell, ...] = Field(
        (),
        max_length=1000,
        description="Only if the emergency is in one of these H3 cells of resolution 7; not while its place is unknown",
    )

    def has(self, moment: datetime.datetime, holidays: Collection[datetime.date], cell: str | None) -> bool:
        """Whether the conditions hold at this local moment and in this cell."""
        if self.cells and cell not in self.cells:
            return False
        day, minute = moment.date(), moment.hour * 60 + moment.minute
        if self.start is not None and self.end is not None:
            start, end = minute_of(self.start), minute_of(self.end)
            if (minute - start) % 1440 >= (end - start) % 1440:
                return False
            if minute < end < start:
                day -= datetime.timedelta(days=1)
        return self.has_day(day, holidays)

    def has_day(self, day: datetime.date, holidays: Collection[datetime.date]) -> bool:
        """Whether the conditions about the day hold."""
        return holds_on(self, day, holidays)


class ResponsePlan(Part):
    """Which agencies are told of an incident type. All plans that fit apply together."""

    incident_type: Code = Field(description="Code of the incident type")
    min_priority: Priority | None = Field(
        None, description="Only for incidents at least this urgent: priority number equal or lower"
    )
    when: PlanConditions = Field(PlanConditions(), description="When and where it applies; absent: always")
    agencies: tuple[Code, ...] = Field(
        (), max_length=100, description="Codes of the agencies, in the order in which they are asked"
    )
    capability: Code | None = Field(
        None,
        description="Instead of `agencies`: all agencies with this capability, the nearest post first (straight line); "
        "without the emergency's or the post's coordinates in the order of the pack",
    )
    informs: tuple[Code, ...] = Field(
        (),
        max_length=100,
        description="Codes of agencies that are only informed, such as the head of a district: without deadline, "
        "caller and notes, and nothing is asked of them; nobody is informed of a protected incident",
    )
    at_once: Annotated[int, Field(ge=1, le=100)] | None = Field(
        None,
        description="How many of them are told at once; the others are the next agencies of their role, in this order; "
        "absent: all",
    )
    next: Literal["automatic", "propose"] = Field(
        "propose",
        description="If one of them declines or misses its deadline: the next is told, or proposed to the dispatcher",
    )
    alarm_level: Annotated[int, Field(ge=1, le=9)] = Field(
        1, description="Level from which on these agencies are wanted; level 1 at once"
    )
    automatic: bool = Field(True, description="Forwarded without asking; else proposed to the dispatcher")
    acknowledge_within_s: Seconds | None = Field(
        None, description="Seconds within which they must acknowledge; else that of the service levels"
    )
    role: Code | None = Field(
        None,
        description="What these agencies are wanted for, such as ambulance; else the capability, or the kind of each "
        "agency",
    )

    @property
    def wants_help(self) -> bool:
        """Whether it names agencies that help; otherwise it only informs."""
        return bool(self.agencies or self.capability)
