"""`/v1/call-classes` and `/v1/zones`: reference data that does not depend on a call."""

from typing import Annotated

from fastapi import APIRouter, Query

from sigap_common.contracts.calls import CallClass
from sigap_common.core.texts import Texts
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import Latitude, Longitude, Metres, RegencyCode
from sigap_common.regency.geometry import Point
from sigap_intake.api.parameters import Anybody, Reader, View
from sigap_intake.schemas.reference import CallClasses, CallClassOut, Label, Overlap, Overlaps, ZoneFound

router = APIRouter(tags=["reference"], route_class=UseCaseRoute)


@router.get("/v1/call-classes", summary="The classes of the SOP", responses=problems())
async def list_call_classes(_: Anybody) -> CallClasses:
    texts = Texts.load("sigap_intake")
    labels = {code: Label(**texts.labels(f"call_classes.{code}")) for code in CallClass}
    return CallClasses(items=[CallClassOut(code=code, label=label) for code, label in labels.items()])


@router.get("/v1/zones", summary="Find the regencies in whose area a place may lie", responses=problems(404))
async def find_zone(
    view: View,
    access: Reader,
    lat: Annotated[Latitude, Query()],
    lon: Annotated[Longitude, Query()],
    uncertainty_m: Annotated[Metres | None, Query(description="Radius of the circle that holds the place")] = None,
    regency: Annotated[
        RegencyCode | None,
        Query(description="The regency that asks. If the place is in another regency, `elsewhere` says in which"),
    ] = None,
) -> ZoneFound:
    if regency is not None:
        view.require_known(access, regency)
    here = view.packs.get(regency) if regency else None
    return ZoneFound.shown(view.zoning.zone_at(Point(lat, lon, uncertainty_m), view.packs, here))


@router.get("/v1/zones/overlaps", summary="List the zones that overlap a regency's zone", responses=problems(404))
async def list_overlaps(view: View, access: Reader, regency: Annotated[RegencyCode, Query()]) -> Overlaps:
    """Ground that two zones share belongs to the smaller zone; if both have the same size, to the zone with the lower
    code. Overlaps below 1 ha are left out.
    """
    view.require_known(access, regency)
    found = await view.zoning.overlaps(regency)
    return Overlaps(items=[Overlap(regency=code, name=_name(view, code), area_m2=round(area)) for code, area in found])


def _name(view: View, code: str) -> str:
    pack = view.packs.find(code)
    return pack.name if pack else code
