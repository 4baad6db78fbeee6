"""The shifts, their seats, and the policies of rosters."""

import datetime
from collections.abc import Collection
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, JsonValue

from sigap_common.regency.parts.base import ClockTime, Code, Name, Part, Text, minute_of
from sigap_common.regency.parts.days import Weekday, holds_on


class Shift(Part):
    """One shift of the centre. One whose end is not after its start ends on the next day."""

    code: Code = Field(description="Code of the shift")
    name: Name = Field(description="Its name")
    start: ClockTime = Field(description="Local time HH:MM, in quotes")
    end: ClockTime = Field(description="Local time HH:MM, in quotes")
    seats: Annotated[int, Field(ge=1, le=500)] = Field(1, description="How many people are wanted on it")
    minimum: Annotated[int, Field(ge=0, le=500)] = Field(
        1,
        description="How many of them are needed first: no other shift has its last ones while this has fewer",
    )
    break_minutes: Annotated[int, Field(ge=0, le=480)] = Field(
        0, description="Minutes of unpaid breaks in it, which do not count as working hours"
    )

    @property
    def start_minute(self) -> int:
        return minute_of(self.start)

    @property
    def length_minutes(self) -> int:
        return (minute_of(self.end) - minute_of(self.start)) % 1440 or 1440


class Demand(Part):
    """How many people are wanted on some days instead of a shift's usual seats: all that is given must hold."""

    name: Name = Field(description="Why, such as the name of an event")
    shifts: tuple[Code, ...] = Field((), max_length=48, description="Codes of the shifts; none: all of them")
    weekdays: tuple[Weekday, ...] = Field(
        (), max_length=7, description="Only on these days of the week: monday, ..., sunday"
    )
    dates: tuple[datetime.date, ...] = Field((), max_length=400, description="Only on these days, YYYY-MM-DD")
    holidays: Literal["only", "never"] | None = Field(
        None, description="Only on the pack's holidays, or never on one of them"
    )
    seats: Annotated[int, Field(ge=0, le=500)] = Field(description="How many people are wanted then")
    minimum: Annotated[int, Field(ge=0, le=500)] | None = Field(
        None, description="How many of them are needed first; absent: as of the shift, and at most `seats`"
    )

    def has_day(self, day: datetime.date, holidays: Collection[datetime.date]) -> bool:
        """Whether it holds on the day."""
        return holds_on(self, day, holidays)


class ShiftPattern(Part):
    """The shifts of a day: together they cover 24 hours, and overlap by the hand-over at most."""

    shifts: tuple[Shift, ...] = Field((), max_length=48, description="The shifts; none: no roster is planned")
    handover_minutes: Annotated[int, Field(ge=0, le=120)] = Field(
        0, description="Minutes by which a shift may overlap the next"
    )
    demand: tuple[Demand, ...] = Field(
        (), max_length=100, description="Other numbers of seats on some days; of several that hold, the last one counts"
    )

    notice_hours: Annotated[int, Field(ge=0, le=336)] = Field(
        24,
        description="Hours before a shift within which a repair leaves its people as they are, and stand-ins are "
        "telephoned instead (our own default)",
    )
    swap_approval: Literal["planner", "automatic"] = Field(
        "planner", description="Who approves that staff give duties away: the planner each time, or the rules alone"
    )

    def seats(self, shift: str, day: datetime.date, holidays: Collection[datetime.date]) -> int:
        """How many people are wanted on the shift that begins on this day; 0: there is no such shift."""
        return self._wanted(shift, day, holidays)[0]

    def minimum(self, shift: str, day: datetime.date, holidays: Collection[datetime.date]) -> int:
        """How many of them are needed first."""
        return self._wanted(shift, day, holidays)[1]

    def _wanted(self, shift: str, day: datetime.date, holidays: Collection[datetime.date]) -> tuple[int, int]:
        usual = next((one for one in self.shifts if one.code == shift), None)
        if usual is None:
            return 0, 0
        then = [one for one in self.demand if (not one.shifts or shift in one.shifts) and one.has_day(day, holidays)]
        if not then:
            return usual.seats, usual.minimum
        other = then[-1]
        return other.seats, min(usual.minimum, other.seats) if other.minimum is None else other.minimum


class Employment(StrEnum):
    """By which law a person works; a policy may be for those of one of them."""

    CONTRACT = "contract"
    CIVIL_SERVANT = "civil_servant"
    POLICE = "police"
    MILITARY = "military"
    VOLUNTEER = "volunteer"


class RosterPolicy(Part):
    """A rule for rosters, known by its code (list: docs/packs.md)."""

    code: Code = Field(description="Code of a known policy")
    strength: Literal["hard", "soft", "off"] = Field("soft", description="Must hold, should hold, or not used")
    weight: Annotated[int, Field(ge=1, le=1000)] = Field(1, description="What a breach of a soft rule costs")
    source: Text = Field(description="Where the rule comes from: law, agreement, local policy")
    params: dict[str, JsonValue] = Field(default_factory=dict, description="The policy's own values")

    def number(self, name: str, default: float | None = None) -> float:
        """A value that a checked pack has as a number. Raises KeyError if it has none and there is no default."""
        value = self.params.get(name, default)
        if not isinstance(value, int | float):
            raise KeyError(name)
        return value

    def text(self, name: str) -> str:
        """A value that a checked pack has as a text. Raises KeyError if it has none."""
        value = self.params[name]
        if not isinstance(value, str):
            raise KeyError(name)
        return value

    def listed(self, name: str) -> list[str]:
        """The texts of a list; none if the pack has no such value."""
        value = self.params.get(name, ())
        return [one for one in value if isinstance(one, str)] if isinstance(value, list | tuple) else []


class Holiday(Part):
    """A day off for others; the centre is open."""

    date: datetime.date = Field(description="Local day, YYYY-MM-DD")
    name: Name = Field(description="Its name")
    kind: Literal["national", "joint_leave", "local"] = Field(
        "national", description="National holiday, joint leave (cuti bersama), or of the regency alone"
    )


class Season(Part):
    """Days of a year in which some rules say something else, such as Ramadan."""

    code: Code = Field(description="Code by which policies name it, such as ramadan; the same each year")
    name: Name = Field(description="Its name, such as Ramadan 1448 H")
    first_day: datetime.date = Field(description="Local day, YYYY-MM-DD")
    last_day: datetime.date = Field(description="Included")
