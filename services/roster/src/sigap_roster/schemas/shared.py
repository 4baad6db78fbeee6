"""A day, and the name of a person, as several schemas have them."""

from collections.abc import Mapping
from datetime import date
from re import compile as regex
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from sigap_roster.domain import StaffMember

_DAY = regex(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def _day_text(value: object) -> object:
    """Accepts only a date as text. pydantic would also accept a number as a Unix time, and a moment as its day."""
    if isinstance(value, date) or (isinstance(value, str) and _DAY.fullmatch(value)):
        return value
    raise PydanticCustomError("date_type", "Input should be a date YYYY-MM-DD")


def _in_our_times(day: date) -> date:
    if not 1900 <= day.year < 2200:
        raise PydanticCustomError("time_out_of_range", "Year should be between 1900 and 2199")
    return day


Day = Annotated[
    date,
    BeforeValidator(_day_text),
    AfterValidator(_in_our_times),
    WithJsonSchema({"type": "string", "format": "date", "maxLength": 10, "examples": ["2027-03-01"]}),
]
"""A day of the regency's calendar, from 1900 to 2199."""


def name_of(staff_id: UUID | None, people: Mapping[UUID, StaffMember]) -> str | None:
    """A person's name; None if the person is not among the staff any more, or nobody is meant."""
    person = people.get(staff_id) if staff_id else None
    return person.name.clear if person else None
