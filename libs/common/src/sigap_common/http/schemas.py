"""Schemas of HTTP bodies that services have in common: places and notes, and what every body begins with.

A request has a place as `Where` (something is required) or `MaybeWhere` (everything may be absent); an answer has it as
`PlaceOut`.
"""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.places import Place
from sigap_common.core.limits import few_unknown
from sigap_common.http.types import Latitude, Longitude, Metres, PersonalText
from sigap_common.personal_data import Sealed

NEAR_NULL_ISLAND = 0.001
"""Degrees. The nearest land is 500 km away."""


class Body(BaseModel):
    """The base of request bodies. It refuses unknown fields, because they are usually typing mistakes."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _few_unknown(cls, value: object) -> object:
        return few_unknown(value, cls.model_fields.keys())


def like(example: dict[str, Any]) -> ConfigDict:
    """The configuration of a schema that shows this example in the OpenAPI."""
    return ConfigDict(json_schema_extra={"example": example})


def in_clear(sealed: Sealed | None) -> str | None:
    """Personal data as clear text, for an answer to a token that may see it; None if it is erased. Raises Opaque."""
    return sealed.clear if sealed and not sealed.erased else None


class MaybeWhere(Body):
    """Coordinates with their uncertainty, an address or landmark in words, both, or nothing.

    0,0 is no position: telephones, maps and tables write it if they do not know one.
    """

    lat: Latitude | None = None
    lon: Longitude | None = None
    uncertainty_m: Metres | None = Field(default=None, description="Radius of the circle it lies in, metres")
    address: PersonalText | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("coordinates_incomplete", "Latitude and longitude go together")
        if self.is_null_island and self.address is None:
            raise PydanticCustomError("position_null", "0,0 stands for an unknown position")
        return self

    @property
    def is_null_island(self) -> bool:
        """Whether the coordinates are 0,0 as far as a telephone can tell."""
        if self.lat is None or self.lon is None:
            return False
        return abs(self.lat) < NEAR_NULL_ISLAND and abs(self.lon) < NEAR_NULL_ISLAND

    @property
    def says_nothing(self) -> bool:
        return self.lat is None and self.address is None

    @property
    def place(self) -> Place | None:
        if self.says_nothing:
            return None
        if self.is_null_island:
            return Place.of(address=in_clear(self.address))
        return Place.of(self.lat, self.lon, self.uncertainty_m, in_clear(self.address))


class Where(MaybeWhere):
    """Coordinates with their uncertainty, an address or landmark in words, or both."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.says_nothing:
            raise PydanticCustomError("place_missing", "Give coordinates or an address")
        return self


class PlaceOut(BaseModel):
    lat: float | None
    lon: float | None
    uncertainty_m: float | None
    cell: str | None = Field(description="H3 cell of resolution 7")
    address: str | None

    @classmethod
    def of(cls, place: Place | None) -> Self | None:
        if place is None:
            return None
        lat, lon = place.point or (None, None)
        address = in_clear(place.address)
        return cls(lat=lat, lon=lon, uncertainty_m=place.uncertainty_m, cell=place.cell, address=address)


class NoteOut(BaseModel):
    at: datetime
    by: str | None
    text: str
