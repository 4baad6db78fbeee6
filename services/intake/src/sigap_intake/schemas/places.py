"""The HTTP schemas of places that are looked up."""

from typing import Self

from pydantic import BaseModel, Field

from sigap_common.contracts.fixes import FixSource
from sigap_common.core.texts import Texts
from sigap_common.http.schemas import like
from sigap_common.http.zones import ZoneOut
from sigap_intake.domain.gazetteer import Match, radius_of
from sigap_intake.domain.positions import NoPosition, Position
from sigap_intake.examples import places as examples
from sigap_intake.use_cases.places import Reading

_TEXTS = Texts.load("sigap_intake")


class NamedPlace(BaseModel):
    """A place of the regency's gazetteer."""

    model_config = like(examples.NAMED_PLACE)

    name: str
    kind: str
    lat: float
    lon: float
    uncertainty_m: float = Field(description="Radius of the circle that holds the place, metres")
    typed_as: str = Field(description="The name or alias that matches the typed text")
    alike: int = Field(description="How well it matches, 0 to 100")

    @classmethod
    def of(cls, match: Match) -> Self:
        place = match.place
        shown = {"name": place.name, "kind": place.kind, "lat": place.lat, "lon": place.lon}
        return cls(**shown, uncertainty_m=radius_of(place), typed_as=match.typed_as, alike=round(match.alike))


class NamedPlaces(BaseModel):
    items: list[NamedPlace]
    next: None = None


class PositionOut(BaseModel):
    lat: float
    lon: float
    uncertainty_m: float = Field(description="Radius of the circle that holds the position, metres")


class Coordinates(BaseModel):
    lat: float
    lon: float


class PlaceProblem(BaseModel):
    """The reason why a text that was meant as a position is not one."""

    code: str
    in_words: dict[str, str] = Field(description="What to ask the caller, by language: id, en")
    readings: list[Coordinates] = Field(
        description="If coordinates may be swapped, both readings: as they were written and the other way round; else "
        "empty"
    )

    @classmethod
    def of(cls, problem: NoPosition) -> Self:
        readings = [Coordinates(lat=lat, lon=lon) for lat, lon in problem.readings]
        return cls(code=problem.code, in_words=_TEXTS.labels(f"place_problems.{problem.code}"), readings=readings)


class PlaceReading(BaseModel):
    """A position with its source and zone, or a problem, or the names that match the text."""

    model_config = like(examples.PLACE_READING)

    source: FixSource | None
    position: PositionOut | None
    zone: ZoneOut | None
    problem: PlaceProblem | None
    names: list[NamedPlace] = Field(description="If the text has no position: the best matches of the gazetteer")

    @classmethod
    def of(cls, reading: Reading) -> Self:
        return cls(
            source=reading.source,
            position=_position(reading.position),
            zone=ZoneOut.of(reading.zone),
            problem=PlaceProblem.of(reading.problem) if reading.problem else None,
            names=[NamedPlace.of(match) for match in reading.names],
        )


def _position(found: Position | None) -> PositionOut | None:
    return PositionOut(lat=found.lat, lon=found.lon, uncertainty_m=found.uncertainty_m) if found else None
