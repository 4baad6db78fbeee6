"""The days on which something applies."""

import datetime
from collections.abc import Collection
from enum import StrEnum
from typing import Literal, Protocol


class Weekday(StrEnum):
    MONDAY = "monday"
    TUESDAY = "tuesday"
    WEDNESDAY = "wednesday"
    THURSDAY = "thursday"
    FRIDAY = "friday"
    SATURDAY = "saturday"
    SUNDAY = "sunday"

    @classmethod
    def of(cls, day: datetime.date) -> "Weekday":
        return tuple(cls)[day.weekday()]


class OfDays(Protocol):
    """A part of a pack that applies on some days only. If a condition is empty, it holds on each day."""

    @property
    def weekdays(self) -> tuple[Weekday, ...]: ...
    @property
    def dates(self) -> tuple[datetime.date, ...]: ...
    @property
    def holidays(self) -> Literal["only", "never"] | None: ...


def holds_on(wanted: OfDays, day: datetime.date, holidays: Collection[datetime.date]) -> bool:
    """Whether all its conditions about the day hold. `holidays`: the pack's."""
    if wanted.weekdays and Weekday.of(day) not in wanted.weekdays:
        return False
    if wanted.dates and day not in wanted.dates:
        return False
    return wanted.holidays is None or (wanted.holidays == "only") == (day in holidays)
