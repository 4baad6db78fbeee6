"""Types for values in requests: bounded, clean, and safe to store in a database.

PostgreSQL refuses NUL in texts and integers beyond its types, and no driver encodes lone surrogates. These types refuse
such values, so they lead to no error later.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from re import compile as regex
from typing import Annotated

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    JsonValue,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError, PydanticKnownError, core_schema

from sigap_common.core.formats import FORMATS, LONGEST, is_storable
from sigap_common.core.limits import few_wrong_rows
from sigap_common.personal_data import Sealed

_CONTROL = regex(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_NUMERIC = regex(r"[+-]?\d*(\.\d*)?")
LONGEST_TIME = 64
"""Characters. RFC 3339 needs 35, with nine digits of a second."""
# A plus sign that a client forgot to encode reaches a query parameter as a space.
_LOST_PLUS = regex(r"(?<=\d) (?=\d\d:\d\d$)")


@dataclass(frozen=True, slots=True)
class Text:
    """`Annotated[str, Text(2000)]`: a text of `least` to `most` characters, not blank unless `least` is 0."""

    most: int
    least: int = 1
    one_line: bool = False

    def check(self, text: str) -> str:
        if "\x00" in text:
            raise PydanticCustomError("text_with_nul", "Text should not contain NUL")
        if self.one_line and _CONTROL.search(text):
            raise PydanticCustomError("text_with_control_characters", "Text should be one line")
        if self.least and not text.strip():
            raise PydanticCustomError("text_blank", "Text should not be blank")
        return text

    def schema(self) -> core_schema.CoreSchema:
        text = core_schema.str_schema(min_length=self.least, max_length=self.most)
        return core_schema.no_info_after_validator_function(self.check, text)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return self.schema()


@dataclass(frozen=True, slots=True)
class Personal:
    """`Annotated[Sealed, Personal(2000)]`: personal data that comes in as clear text; `***` if sent back."""

    most: int
    least: int = 1
    one_line: bool = False

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(
            _sealed,
            Text(self.most, self.least, self.one_line).schema(),
            serialization=core_schema.to_string_ser_schema(when_used="json"),
        )


def _sealed(value: object, clear: core_schema.ValidatorFunctionWrapHandler) -> Sealed:
    return value if isinstance(value, Sealed) else Sealed(clear(value))


@dataclass(frozen=True, slots=True)
class AtMost:
    """`Annotated[dict[str, int], AtMost(50)]`: refuses a larger mapping before it looks at an entry.

    pydantic's own `max_length` counts the entries of a mapping while it checks them, and does not count wrong ones.
    """

    most: int

    def check(self, value: object) -> object:
        if isinstance(value, dict) and len(value) > self.most:
            shown = {"field_type": "Dictionary", "max_length": self.most, "actual_length": len(value)}
            raise PydanticKnownError("too_long", shown)
        return value

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_before_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return handler(schema) | {"maxProperties": self.most}


@dataclass(frozen=True, slots=True)
class Rows:
    """`Annotated[list[Row], Rows(5000)]`: a list of at most `most` objects, of whose faults the first are named and
    the others counted.
    """

    most: int

    def check(self, value: object, inner: core_schema.ValidatorFunctionWrapHandler) -> object:
        if not isinstance(value, list) or not value:
            return inner(value)
        if len(value) > self.most:
            shown = {"field_type": "List", "max_length": self.most, "actual_length": len(value)}
            raise PydanticKnownError("too_long", shown)
        wrong = few_wrong_rows(value, inner)
        return inner(value if wrong is None else wrong)

    def __get_pydantic_core_schema__(self, source: object, handler: GetCoreSchemaHandler) -> core_schema.CoreSchema:
        return core_schema.no_info_wrap_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, object]:
        return handler(schema) | {"maxItems": self.most}


def _time_text(value: object) -> object:
    """RFC 3339 only: pydantic would take a bare number for a Unix time."""
    if isinstance(value, str):
        _refuse_longer(value, LONGEST_TIME)
    if isinstance(value, str) and not _NUMERIC.fullmatch(value.strip()):
        return _LOST_PLUS.sub("+", value)
    if isinstance(value, datetime):
        return value
    raise PydanticCustomError("datetime_type", "Input should be an RFC 3339 time")


def _refuse_longer(text: str, most: int) -> None:
    if len(text) > most:
        raise PydanticKnownError("string_too_long", {"max_length": most})


def _in_utc(moment: datetime) -> datetime:
    if not 1900 <= moment.year < 2200:
        raise PydanticCustomError("time_out_of_range", "Year should be between 1900 and 2199")
    return moment.astimezone(UTC)


def _storable(value: JsonValue) -> JsonValue:
    if isinstance(value, str) and "\x00" in value:
        raise PydanticCustomError("text_with_nul", "Text should not contain NUL")
    if isinstance(value, str) and not is_storable(value):
        raise PydanticCustomError("string_unicode", "Text should be valid Unicode")
    for inner in [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ():
        _storable(inner)
    return value


StorableJson = Annotated[JsonValue, AfterValidator(_storable)]
"""Any JSON whose texts and names every database takes."""

ShortText = Annotated[str, Text(200, one_line=True)]
"""A name or a title: one line of 1 to 200 characters."""

LongText = Annotated[str, Text(4000)]
"""A note or an address: 1 to 4,000 characters, several lines."""

PersonalLine = Annotated[Sealed, Personal(200, one_line=True)]
"""A person's name or number: as ShortText, kept sealed."""

PersonalText = Annotated[Sealed, Personal(4000)]
"""A note or an address about a person: as LongText, kept sealed."""

Utc = Annotated[
    AwareDatetime,
    BeforeValidator(_time_text),
    AfterValidator(_in_utc),
    WithJsonSchema({"type": "string", "format": "date-time", "maxLength": LONGEST_TIME}),
]
"""A moment by RFC 3339 with its offset, from 1900 to 2199, turned to UTC."""

RegencyCode = Annotated[str, Field(pattern=FORMATS["regency_code"], max_length=LONGEST, examples=["17.71"])]
"""The Ministry of Home Affairs' code."""

RegencyOrAll = Annotated[str, Field(pattern=FORMATS["regency_or_all"], max_length=LONGEST, examples=["17.71"])]
"""A regency's code, or `*` for every regency."""

Code = Annotated[str, Field(pattern=FORMATS["code"], max_length=LONGEST)]
"""The short name of an entry in a list: an incident type, an agency within its regency, a disposition."""

AgencyPath = Annotated[str, Field(pattern=FORMATS["agency_path"], max_length=LONGEST, examples=["17.71/fire"])]
"""`<regency>/<code>`."""

Whole = Annotated[int, Field(ge=0, le=2_147_483_647)]
"""A whole number that fits a database's integer."""

Latitude = Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
"""Degrees, WGS 84."""

Metres = Annotated[float, Field(ge=0, le=1_000_000, allow_inf_nan=False)]

PageCursor = Annotated[str, Field(pattern=FORMATS["page_cursor"], max_length=LONGEST)]
"""The `next` of a page, opaque to the client."""

PageSize = Annotated[int, Field(ge=1, le=200)]
