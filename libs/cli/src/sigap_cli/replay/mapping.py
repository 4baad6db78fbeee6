"""The map: a YAML file that says how a table of historic calls is read.

columns: {lat: lat, lon: lng, title: title, at: timestamp, address: [address, township]}
time_zone: America/New_York
types:
  - {exact: "Fire: VEHICLE FIRE", type: fire}
  - {prefix: "EMS: ", type: medical}
"""

from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal, Self
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from sigap_cli.errors import Failed
from sigap_common.core.table_files import named, same_signs
from sigap_common.regency import InvalidPack, read_document


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Columns(Part):
    """The names of the table's columns. The title decides the kind of incident."""

    at: str = Field(description="When the call came")
    title: str
    lat: str | None = None
    lon: str | None = None
    address: tuple[str, ...] = Field(default=(), description="Several columns are joined with commas")
    number: str | None = None
    caller_name: str | None = None
    id: str | None = Field(default=None, description="The log's own number of a call, unique and never used again")

    @model_validator(mode="before")
    @classmethod
    def _one_or_several(cls, value: object) -> object:
        if isinstance(value, dict) and isinstance(value.get("address"), str):
            return {**value, "address": (value["address"],)}
        return value

    @property
    def all(self) -> list[str]:
        single = [self.at, self.title, self.lat, self.lon, self.number, self.caller_name, self.id]
        return [*filter(None, single), *self.address]


class TypeRule(Part):
    """A title, or the beginning of titles, and the code of the kind of incident. A rule for the whole title is used
    first, then the longest beginning.
    """

    type: str
    exact: str | None = None
    prefix: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.exact is None) == (self.prefix is None):
            raise ValueError("a rule has either exact or prefix")
        return self


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError("not a time zone of the IANA database") from None
    return name


@lru_cache(maxsize=4096)
def _beginning(prefix: str) -> str:
    """Like `same_signs`, but keeps a space at the end, which distinguishes `EMS: ` from `EMS:FALL`."""
    return same_signs(prefix + ".")[:-1]


class ReplayMap(Part):
    columns: Columns
    time_zone: Annotated[str, AfterValidator(_known_zone)] = Field(description="Time zone of times without an offset")
    time_format: str | None = Field(default=None, description="A format of strptime; none: ISO 8601")
    types: tuple[TypeRule, ...]
    default_type: str | None = Field(default=None, description="For titles without a rule; none: they are errors")
    channel: Literal["telephone", "app", "sms", "whatsapp", "walk_in", "radio"] = "telephone"
    backfilled: bool = True
    notify: bool = True

    def type_of(self, title: str) -> str | None:
        """The kind of incident; None if no rule fits. Apostrophes and hyphens of all kinds count as the same."""
        title = same_signs(title)
        exact = [rule.type for rule in self.types if rule.exact and same_signs(rule.exact) == title]
        fitting = [rule for rule in self.types if rule.prefix and title.startswith(_beginning(rule.prefix))]
        longest = max(fitting, key=lambda rule: len(rule.prefix or ""), default=None)
        return exact[0] if exact else longest.type if longest else self.default_type

    def moment(self, text: str) -> datetime:
        """The time in a cell, with its time zone. Raises ValueError."""
        found = datetime.strptime(text, self.time_format) if self.time_format else datetime.fromisoformat(text)  # noqa: DTZ007
        return found if found.tzinfo else found.replace(tzinfo=ZoneInfo(self.time_zone))

    @property
    def time_rule(self) -> str:
        """How a time has to be written, for a sentence."""
        if self.time_format:
            return f"as the map's time_format {self.time_format!r} says"
        return "such as 2024-01-31 23:59 (ISO 8601); time_format in the map tells another way"


def load_map(path: Path) -> ReplayMap:
    """The map in a file. Raises Failed with every error and its place."""
    try:
        document, _ = read_document(path)
        return ReplayMap.model_validate(document)
    except OSError as error:
        raise Failed(f"{path}: {error.strerror}") from error
    except InvalidPack as error:
        raise Failed(f"{path}: {error}") from error
    except ValidationError as error:
        places = [f"  /{'/'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()]
        raise Failed("\n".join([f"{path} is no map of a replay:", *named(places)])) from error
