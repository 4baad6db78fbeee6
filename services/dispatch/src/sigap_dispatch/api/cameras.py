"""`/v1/incidents/{incident_id}/cctv-points`: the cameras near an incident."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_dispatch.api.parameters import Speaker, View
from sigap_dispatch.domain.cameras import cameras_near
from sigap_dispatch.schemas.cameras import CameraList

router = APIRouter(tags=["incidents"], route_class=UseCaseRoute)


@router.get(
    "/v1/incidents/{incident_id}/cctv-points",
    summary="List the cameras near an incident, the nearest first",
    responses=problems(404),
)
async def list_cameras_near(incident_id: UUID, view: View, access: Speaker) -> CameraList:
    """At most 20 within 2 km and the place's uncertainty; none for a place without coordinates. Of a protected incident
    they are shown to those who see it.
    """
    incident = await view.incidents.visible(incident_id, access, lock=False)
    return CameraList.of(cameras_near(incident.place, view.pack(incident.regency).cctv_points))
