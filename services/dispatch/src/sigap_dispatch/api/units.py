"""`/v1/units`: the units of a regency's agencies, and what they do."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query

from sigap_common.auth import Access, Role
from sigap_common.http.guards import allowed
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import AgencyPath
from sigap_dispatch.api.parameters import OneRegency, View
from sigap_dispatch.domain.units import UnitState
from sigap_dispatch.schemas.units import UnitList, UnitOut
from sigap_dispatch.use_cases import units
from sigap_dispatch.visibility import READERS

router = APIRouter(tags=["units"], route_class=UseCaseRoute)

ReaderOrAgency = Annotated[Access, Depends(allowed(*READERS, Role.agency))]


@router.get("/v1/units", summary="List the units of agencies, with what they do", responses=problems(404))
async def list_units(
    view: View,
    access: ReaderOrAgency,
    regency: OneRegency,
    agency: Annotated[AgencyPath | None, Query(description="Only the units of this agency")] = None,
    status: Annotated[UnitState | None, Query(description="Only the units with this status")] = None,
) -> UnitList:
    """An agency sees its own units alone."""
    found = await units.of_regency(view, access, regency, agency, status)
    return UnitList(items=[UnitOut.of(one, view.pack(regency)) for one in found])
