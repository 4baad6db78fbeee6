"""`/v1/incidents/{incident_id}/recommendation`: who could help, and why."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Speaker, View
from sigap_dispatch.domain.recommendation import recommend
from sigap_dispatch.schemas.recommendation import RecommendationOut, RoleOut

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.get(
    "/v1/incidents/{incident_id}/recommendation",
    summary="Who could fill each role of the response plans, with reasons",
    responses=problems(404),
)
async def read_recommendation(incident_id: UUID, view: View, access: Speaker) -> RecommendationOut:
    """Only for tokens that may see personal data: from the distances one could find the place."""
    incident = await view.incidents.visible(incident_id, access, lock=False)
    loads = await view.loads.of_regency(incident.regency, view.now())
    found = recommend(incident, view.pack(incident.regency), view.packs.all(), loads)
    return RecommendationOut(roles=[RoleOut.of(one, incident.regency, view.packs) for one in found])
