"""The base class of a pack's parts, and the types of their fields."""

from typing import Annotated, TypeVar
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainSerializer
from pydantic_core import PydanticCustomError

from sigap_common.core.formats import FORMATS, LONGEST

T = TypeVar("T")
Code = Annotated[str, Field(pattern=FORMATS["code_in_pack"], max_length=LONGEST)]
RegencyCode = Annotated[str, Field(pattern=FORMATS["regency_code"], max_length=LONGEST)]
ClockTime = Annotated[str, Field(pattern=FORMATS["clock_time"], max_length=LONGEST)]
Telephone = Annotated[str, Field(pattern=FORMATS["telephone"], max_length=LONGEST)]
Key = Annotated[str, Field(pattern=FORMATS["key"], max_length=LONGEST)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Name = Annotated[str, Field(min_length=1, max_length=200)]


def give_way(value: T) -> T:
    """Returns the value. This call of Python lets another thread run. Without one for each entry of a long list,
    pydantic would block all other threads from the first entry to the last.
    """
    return value


Latitude = Annotated[
    float,
    Field(ge=-90, le=90),
    AfterValidator(give_way),
    PlainSerializer(give_way, return_type=float, when_used="json"),
]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Priority = Annotated[int, Field(ge=1, le=5)]
Seconds = Annotated[int, Field(gt=0, le=86_400)]
Days = Annotated[int, Field(gt=0, le=36_500)]
Share = Annotated[float, Field(gt=0, le=1)]


def _known_time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise PydanticCustomError("pack.time_zone", "Input should be a time zone of the IANA database") from None
    return name


TimeZone = Annotated[str, Field(max_length=64), AfterValidator(_known_time_zone)]


class Part(BaseModel):
    """The base of all parts. In an event, unknown keys are ignored, because a newer publisher may know more. In a file
    they are usually typing mistakes, so `validate_pack` and the JSON Schema refuse them.
    """

    model_config = ConfigDict(frozen=True, str_strip_whitespace=True, allow_inf_nan=False, hide_input_in_errors=True)


class Label(Part):
    """A text for people, in both languages."""

    id: Name = Field(description="Indonesian")
    en: Name = Field(description="English")


class CodeEntry(Part):
    """An entry that the regency adds to a standard code list."""

    code: Code = Field(description="Code in APIs and events")
    label: Label = Field(description="What people read")


def minute_of(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


class Assumption(Part):
    """A value that no source gives and somebody assumed."""

    at: Annotated[str, Field(pattern=FORMATS["place_in_pack"], max_length=LONGEST)] = Field(
        description="JSON pointer of what is assumed, such as /blocking/hours; an entry of a list by its "
        "number or its code, such as /agencies/fire"
    )
    note: Text = Field(description="What is assumed, and why")
