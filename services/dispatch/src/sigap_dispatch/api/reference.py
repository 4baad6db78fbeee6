"""Code lists: the regencies, and of one regency its agencies and what they are wanted for, incident types, response
plans, dispositions, decline reasons.
"""

from typing import Annotated

from fastapi import APIRouter, Query

from sigap_common.auth import Access
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.regency import Pack, decline_reasons, dispositions, wanted
from sigap_dispatch.api.parameters import Anybody, OneRegency, Running
from sigap_dispatch.repository import DispatchService
from sigap_dispatch.schemas.reference import (
    AgencyList,
    AgencyOut,
    CodeList,
    CodeOut,
    IncidentTypeList,
    IncidentTypeOut,
    RegencyName,
    RegencyNames,
    ResponsePlanList,
    ResponsePlanOut,
)
from sigap_dispatch.visibility import SPEAKERS

router = APIRouter(tags=["reference"], route_class=UseCaseRoute)


@router.get("/v1/regency-names", summary="List the names of all regencies", responses=problems())
async def list_regency_names(dispatch: Running, _: Anybody) -> RegencyNames:
    """Of those that work in this system, and of retired ones, whatever the token covers: people read in offers and
    shares who the other one is.
    """
    packs = dispatch.packs
    return RegencyNames(items=[RegencyName.of(pack, packs.name_of(pack.code) or pack.name) for pack in packs.all()])


@router.get("/v1/agencies", summary="List the agencies of a regency", responses=problems(404))
async def list_agencies(
    dispatch: Running,
    access: Anybody,
    regency: OneRegency,
    mutual_aid: Annotated[bool, Query(description="Also those of the regencies that lend it theirs")] = False,
) -> AgencyList:
    """Regencies lend each other their agencies if both packs say so (`mutual_aid`). Only roles that speak with agencies
    see the telephones of another regency's agencies.
    """
    pack = _pack(dispatch, access, regency)
    own = [AgencyOut.of(pack, agency) for agency in pack.agencies]
    lenders = dispatch.packs.lenders(pack) if mutual_aid else []
    lent = [AgencyOut.of(lender, agency) for lender in lenders for agency in lender.agencies]
    if not access.may(*SPEAKERS):
        lent = [one.model_copy(update={"telephones": []}) for one in lent]
    return AgencyList(items=own + lent)


@router.get(
    "/v1/capabilities",
    summary="List what agencies can be wanted for: kinds, capabilities, roles",
    responses=problems(404),
)
async def list_capabilities(dispatch: Running, access: Anybody, regency: OneRegency) -> CodeList:
    return CodeList(items=[CodeOut.of(entry) for entry in wanted(_pack(dispatch, access, regency))])


@router.get("/v1/incident-types", summary="List incident types", responses=problems(404))
async def list_incident_types(dispatch: Running, access: Anybody, regency: OneRegency) -> IncidentTypeList:
    pack = _pack(dispatch, access, regency)
    return IncidentTypeList(items=[IncidentTypeOut.of_type(kind) for kind in pack.incident_types])


@router.get("/v1/response-plans", summary="List response plans", responses=problems(404))
async def list_response_plans(dispatch: Running, access: Anybody, regency: OneRegency) -> ResponsePlanList:
    pack = _pack(dispatch, access, regency)
    default_s = pack.service_levels.acknowledge_within_s
    return ResponsePlanList(items=[ResponsePlanOut.of(regency, plan, default_s) for plan in pack.response_plans])


@router.get("/v1/dispositions", summary="List dispositions", responses=problems(404))
async def list_dispositions(dispatch: Running, access: Anybody, regency: OneRegency) -> CodeList:
    return CodeList(items=[CodeOut.of(entry) for entry in dispositions(_pack(dispatch, access, regency))])


@router.get("/v1/decline-reasons", summary="List decline reasons", responses=problems(404))
async def list_decline_reasons(dispatch: Running, access: Anybody, regency: OneRegency) -> CodeList:
    return CodeList(items=[CodeOut.of(entry) for entry in decline_reasons(_pack(dispatch, access, regency))])


def _pack(dispatch: DispatchService, access: Access, regency: str) -> Pack:
    access.require(regency)
    return dispatch.packs.get(regency)
