"""What several schemas have in common."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.places import Place
from sigap_common.http_types import Latitude, Longitude, Metres, PersonalText


def like(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": example})


class Body(BaseModel):
    """A request's body; a field that it does not have is a slip of the pen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Priority = Annotated[int, Field(ge=1, le=5, description="1 is the most urgent")]


class Where(Body):
    """Coordinates with their uncertainty, an address or landmark in words, or both."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    uncertainty_m: Metres | None = Field(default=None, description="Radius of the circle it lies in, metres")
    address: PersonalText | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("coordinates_incomplete", "Latitude and longitude go together")
        if self.lat is None and self.address is None:
            raise PydanticCustomError("place_missing", "Give coordinates or an address")
        return self

    @property
    def place(self) -> Place:
        return Place.of(self.lat, self.lon, self.uncertainty_m, self.address.clear if self.address else None)


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
        address = place.address.clear if place.address else None
        return cls(lat=lat, lon=lon, uncertainty_m=place.uncertainty_m, cell=place.cell, address=address)


class NoteOut(BaseModel):
    at: datetime
    by: str | None
    text: str


def same(schema: type[BaseModel], value: object) -> dict[str, Any]:
    """The fields of a schema that the value has under the same name."""
    return {name: getattr(value, name) for name in schema.model_fields if hasattr(value, name)}
