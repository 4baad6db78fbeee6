"""`/v1/call-classes` and `/v1/zones`: what does not depend on a call."""

from typing import Annotated

from fastapi import APIRouter, Query

from sigap_common.contracts.calls import CallClass
from sigap_common.core.texts import Texts
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import Latitude, Longitude, Metres, RegencyCode
from sigap_common.regency.geometry import Point
from sigap_intake.api.parameters import Anybody, Reader, View
from sigap_intake.reference_schemas import CallClasses, CallClassOut, Label, Overlap, Overlaps, ZoneFound

router = APIRouter(tags=["reference"], route_class=UseCaseRoute)


@router.get("/v1/call-classes", summary="The classes of the SOP", responses=problems())
async def list_call_classes(_: Anybody) -> CallClasses:
    texts = Texts.load("sigap_intake")
    labels = {code: Label(**texts.labels(f"call_classes.{code}")) for code in CallClass}
    return CallClasses(items=[CallClassOut(code=code, label=label) for code, label in labels.items()])


@router.get("/v1/zones", summary="Whose area a place lies in", responses=problems(404))
async def find_zone(
    view: View,
    access: Reader,
    lat: Annotated[Latitude, Query()],
    lon: Annotated[Longitude, Query()],
    uncertainty_m: Annotated[Metres | None, Query(description="Radius of the circle it lies in")] = None,
    regency: Annotated[
        RegencyCode | None, Query(description="Who asks: a place that is not this regency's is said to be elsewhere")
    ] = None,
) -> ZoneFound:
    if regency is not None:
        view.require_known(access, regency)
    here = view.packs.get(regency) if regency else None
    return ZoneFound.shown(view.zoning.zone_at(Point(lat, lon, uncertainty_m), view.packs, here))


@router.get("/v1/zones/overlaps", summary="Whose zones overlap a regency's", responses=problems(404))
async def list_overlaps(view: View, access: Reader, regency: Annotated[RegencyCode, Query()]) -> Overlaps:
    """Common ground belongs to the smaller zone, of equal ones to the lower code. Strips below 1 ha are left out."""
    view.require_known(access, regency)
    found = await view.zoning.overlaps(regency)
    return Overlaps(items=[Overlap(regency=code, name=_name(view, code), area_m2=round(area)) for code, area in found])


def _name(view: View, code: str) -> str:
    pack = view.packs.find(code)
    return pack.name if pack else code
