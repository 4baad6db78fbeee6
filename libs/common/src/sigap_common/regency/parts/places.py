"""Names of places, and cameras."""

from typing import Annotated

from pydantic import Field

from sigap_common.regency.parts.base import Code, Latitude, Longitude, Name, Part


class CctvPoint(Part):
    """A camera of the regency."""

    code: Code = Field(description="Code of the camera")
    name: Name = Field(description="Where it stands, in words")
    lat: Latitude = Field(description="Latitude, WGS 84")
    lon: Longitude = Field(description="Longitude, WGS 84")
    direction_deg: Annotated[float, Field(ge=0, lt=360)] | None = Field(
        None, description="Where it looks, degrees clockwise from north"
    )
    stream_ref: Annotated[str, Field(max_length=500)] | None = Field(
        None, description="Name of its picture in the regency's video system, without credentials"
    )


class Place(Part):
    """A name by which callers say where they are."""

    name: Name = Field(description="Its name")
    kind: Code = Field(description="What it is: landmark, road, kecamatan, kelurahan or another word")
    lat: Latitude = Field(description="Latitude, WGS 84")
    lon: Longitude = Field(description="Longitude, WGS 84")
    aliases: tuple[Name, ...] = Field((), max_length=20, description="Other names that callers use")
    radius_m: Annotated[float, Field(gt=0, le=50_000)] | None = Field(
        None, description="Radius of the circle that holds it, metres; absent: as usual for its kind"
    )
