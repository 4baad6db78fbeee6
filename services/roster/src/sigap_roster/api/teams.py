"""`/v1/teams`: people who work the shifts of one cycle together."""

from uuid import UUID

from fastapi import APIRouter, Response

from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_roster.api.parameters import Leader, Planner, Tx, View
from sigap_roster.listings import TEAMS, TeamFilters
from sigap_roster.models import TeamRow
from sigap_roster.schemas.teams import MakeTeam, TeamEntry, TeamList, TeamOut
from sigap_roster.use_cases import teams

router = APIRouter(prefix="/v1/teams", tags=["staff"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Enter a team with its cycle", responses=problems(404))
async def make_team(body: MakeTeam, tx: Tx, access: Planner, response: Response) -> TeamOut:
    return _tagged(response, await teams.make_team(tx, access, body.regency, body.team()))


@router.get("", summary="List teams", responses=problems(404))
async def list_teams(view: View, access: Leader, filters: Filters[TeamFilters], page: PageOf50) -> TeamList:
    return TeamList.model_validate(await TEAMS.page(view, access, filters, page), from_attributes=True)


@router.get("/{team_id}", summary="Read a team", responses=problems(404))
async def read_team(team_id: UUID, view: View, access: Leader, response: Response) -> TeamOut:
    return _tagged(response, await view.teams.visible(team_id, access))


@router.put("/{team_id}", summary="Replace a team's entry", responses=problems(404, *IF_MATCH))
async def replace_team(
    team_id: UUID, body: TeamEntry, tx: Tx, access: Planner, expected: IfMatch, response: Response
) -> TeamOut:
    return _tagged(response, await teams.replace_team(tx, access, team_id, expected, body.team()))


@router.delete("/{team_id}", summary="Remove a team", responses=problems(404))
async def remove_team(team_id: UUID, tx: Tx, access: Planner) -> TeamOut:
    """Answers what was removed. Rosters stay as they are."""
    return TeamOut.model_validate(await teams.remove_team(tx, access, team_id), from_attributes=True)


def _tagged(response: Response, row: TeamRow) -> TeamOut:
    response.headers.update(etag(row.version))
    return TeamOut.model_validate(row, from_attributes=True)
