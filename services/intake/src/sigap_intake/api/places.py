"""`/v1/places`: searches the gazetteer while a person types, and reads a place from any text."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import Latitude, Longitude, RegencyCode, Text
from sigap_intake.api.parameters import Reader, View
from sigap_intake.schemas.places import NamedPlace, NamedPlaces, PlaceReading
from sigap_intake.use_cases import places as use_cases

router = APIRouter(prefix="/v1/places", tags=["places"], route_class=UseCaseRoute)


def _near(
    near_lat: Annotated[Latitude | None, Query(description="Latitude of a place: what is near it comes first")] = None,
    near_lon: Annotated[Longitude | None, Query(description="Longitude of that place")] = None,
) -> tuple[float, float] | None:
    return None if near_lat is None or near_lon is None else (near_lat, near_lon)


Near = Annotated[tuple[float, float] | None, Depends(_near)]


@router.get("", summary="Search places of the gazetteer by name", responses=problems(404))
async def search_places(
    view: View,
    _: Reader,
    regency: Annotated[RegencyCode, Query(description="The regency whose gazetteer is searched")],
    q: Annotated[str, Text(100, least=0), Query(description="The text that was typed so far")],
    near: Near,
    limit: Annotated[int, Query(ge=1, le=50)] = 10,
) -> NamedPlaces:
    found = await use_cases.search(view, regency, q, limit, near)
    return NamedPlaces(items=[NamedPlace.of(match) for match in found])


@router.get("/reading", summary="Read a place from any text; links are never fetched", responses=problems(404))
async def read_text(
    view: View,
    _: Reader,
    regency: Annotated[RegencyCode, Query(description="The regency that asks")],
    text: Annotated[
        str, Text(2000), Query(description="A map link, a plus code, coordinates in any notation, or a name")
    ],
    near: Near,
) -> PlaceReading:
    return PlaceReading.of(await use_cases.read_text(view, regency, text, near))
