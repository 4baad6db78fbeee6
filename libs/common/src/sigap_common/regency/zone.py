"""A zone as GeoJSON (RFC 7946): longitude before latitude, rings closed.

Of malformed coordinates the first is reported: there may be hundreds of thousands, all of one cause.
"""

from functools import cached_property
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer

from sigap_common.regency.geometry import Prepared, prepared
from sigap_common.regency.parts.base import Part, give_way

Position = Annotated[
    tuple[float, float],
    AfterValidator(give_way),
    PlainSerializer(give_way, return_type=tuple[float, float], when_used="json"),
]
Ring = Annotated[tuple[Position, ...], Field(min_length=4, fail_fast=True)]
Rings = Annotated[tuple[Ring, ...], Field(min_length=1, fail_fast=True)]


class Polygon(Part):
    """One area; the first ring is its border, the others are holes."""

    type: Literal["Polygon"] = Field(description="GeoJSON type")
    coordinates: Rings = Field(description="Rings of [longitude, latitude], first and last position equal")

    @property
    def polygons(self) -> tuple[Rings, ...]:
        return (self.coordinates,)

    @cached_property
    def prepared(self) -> Prepared:
        """Made ready for questions; of 100,000 corners that takes 0.1 s."""
        return prepared(self)


class MultiPolygon(Part):
    """Several areas that do not overlap, such as islands."""

    type: Literal["MultiPolygon"] = Field(description="GeoJSON type")
    coordinates: Annotated[tuple[Rings, ...], Field(min_length=1, fail_fast=True)] = Field(
        description="Areas, each a list of rings of [longitude, latitude]"
    )

    @property
    def polygons(self) -> tuple[Rings, ...]:
        return self.coordinates

    @cached_property
    def prepared(self) -> Prepared:
        """Made ready for questions; of 100,000 corners that takes 0.1 s."""
        return prepared(self)


Zone = Annotated[Polygon | MultiPolygon, Field(discriminator="type")]
