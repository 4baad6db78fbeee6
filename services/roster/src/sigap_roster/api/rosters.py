"""`/v1/rosters`: rosters, as drafts and published."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import HTMLResponse

from sigap_common.auth import Access
from sigap_common.core.texts import language
from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.listing import Filters, PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.types import Code
from sigap_roster import examples
from sigap_roster.api.parameters import Leader, Planner, Reader, Tx, View
from sigap_roster.api.upload import PlanFile, documented
from sigap_roster.domain import Planned, Roster
from sigap_roster.files.plan_page import POLICY
from sigap_roster.listings import ROSTERS, RosterFilters
from sigap_roster.schemas.breaches import BreachList
from sigap_roster.schemas.publications import PublicationList
from sigap_roster.schemas.rosters import ChangesOut, DraftRoster, Plan, PublishRoster, RosterList, RosterOut
from sigap_roster.schemas.shared import Day
from sigap_roster.schemas.stand_ins import StandInList
from sigap_roster.schemas.teams import Rotate
from sigap_roster.schemas.why import WhyOut
from sigap_roster.use_cases import cells, publications, rosters, teams
from sigap_roster.visibility import PLANNERS, sees_drafts

MOST_PUBLICATIONS = 1_000_000
router = APIRouter(prefix="/v1/rosters", tags=["rosters"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Draft a roster", responses=problems(404))
async def draft_roster(body: DraftRoster, tx: Tx, access: Planner, response: Response) -> RosterOut:
    roster = await rosters.draft_roster(tx, access, body.regency, body.first_day, body.last_day)
    return _tagged(response, roster, access)


@router.get("", summary="List rosters, newest first", responses=problems(404))
async def list_rosters(view: View, access: Reader, filters: Filters[RosterFilters], page: PageOf50) -> RosterList:
    return RosterList.model_validate(await ROSTERS.page(view, access, filters, page), from_attributes=True)


@router.get("/{roster_id}", summary="Read a roster", responses=problems(404))
async def read_roster(
    roster_id: UUID,
    view: View,
    access: Reader,
    response: Response,
    publication: Annotated[
        int | None, Query(ge=1, le=MOST_PUBLICATIONS, description="As this publication had it, not as the draft has it")
    ] = None,
) -> RosterOut:
    if publication is not None:
        return _tagged(response, await publications.roster_as_of(view, access, roster_id, publication), access)
    return _tagged(response, await view.rosters.visible(roster_id, access, lock=False), access)


@router.put("/{roster_id}/assignments", summary="Replace a roster's assignments", responses=problems(404, *IF_MATCH))
async def plan_roster(
    roster_id: UUID, body: Plan, tx: Tx, access: Planner, expected: IfMatch, response: Response
) -> RosterOut:
    planned = [one.planned() for one in body]
    return _tagged(response, await rosters.plan_roster(tx, access, roster_id, expected, planned), access)


@router.post(
    "/{roster_id}/import",
    summary="Import a duty plan (CSV) into a roster, all of it or nothing",
    responses=problems(404, 415, *IF_MATCH),
    openapi_extra=documented("staff_id, staff_number or name; day; shift", examples.PLAN_FILE),
)
async def import_plan(
    roster_id: UUID, access: Planner, file: PlanFile, tx: Tx, expected: IfMatch, response: Response
) -> RosterOut:
    return _tagged(response, await rosters.import_plan(tx, access, roster_id, expected, file.lines), access)


@router.post(
    "/{roster_id}/rotate",
    summary="Plan the cycles of teams into a roster",
    responses=problems(404, *IF_MATCH),
)
async def rotate_roster(
    roster_id: UUID, tx: Tx, access: Planner, expected: IfMatch, response: Response, body: Rotate = Rotate()
) -> RosterOut:
    """Replaces the assignments of the teams' members by their cycles as they are, also on days of leave; those of
    others stay. A search with `few_changes` then mends what cannot be.
    """
    return _tagged(response, await teams.rotate(tx, access, roster_id, expected, body.teams), access)


@router.get(
    "/{roster_id}/breaches",
    summary="Check a duty plan by the rules of the regency",
    responses=problems(403, 404),
)
async def check_roster(roster_id: UUID, view: View, access: Leader) -> BreachList:
    """Every breach of a hard or soft rule, hard ones first, and notes for the planner."""
    return BreachList.of(*await rosters.check_roster(view, access, roster_id))


@router.get(
    "/{roster_id}/page",
    summary="A roster as a page for printing (HTML, A4 landscape), month by month",
    response_class=HTMLResponse,
    responses={
        200: {"content": {"text/html": {"schema": {"type": "string"}, "example": examples.PAGE}}},
        **problems(404),
    },
)
async def print_roster(roster_id: UUID, view: View, access: Reader, request: Request) -> Response:
    """Who is on which shift, open seats, holidays, and everybody's nights, weekends and holidays beside the fair share.
    Staff see the published plan without staff numbers. In the language of Accept-Language.
    """
    spoken = language(request.headers.get("accept-language"))
    page = await rosters.plan_page(view, access, roster_id, spoken)
    headers = {"Content-Security-Policy": POLICY, "Content-Language": spoken, "Vary": "Accept-Language"}
    return HTMLResponse(page, headers=headers)


@router.get("/{roster_id}/changes", summary="What a draft changes in the published plan", responses=problems(403, 404))
async def list_changes(roster_id: UUID, view: View, access: Leader) -> ChangesOut:
    """Look at it before you publish: these people get other shifts."""
    return ChangesOut.of(*await rosters.changes_of_draft(view, access, roster_id))


@router.get("/{roster_id}/publications", summary="A roster's publications, newest first", responses=problems(403, 404))
async def list_publications(roster_id: UUID, view: View, access: Leader, page: PageOf50) -> PublicationList:
    """Each publication says who made it, when, and what it changed in the one before. A swap or a pickup is a
    publication too. `GET /v1/rosters/{roster_id}?publication=` reads the whole plan of one.
    """
    return PublicationList.of(*await publications.list_publications(view, access, roster_id, page))


@router.get(
    "/{roster_id}/stand-ins",
    summary="Who else could take a shift, in the order in which to telephone them",
    responses=problems(403, 404),
)
async def find_stand_ins(
    roster_id: UUID,
    view: View,
    access: Leader,
    day: Annotated[Day, Query(description="The day on which the shift starts")],
    shift: Annotated[Code, Query(description="Code of the shift")],
    published: Annotated[bool, Query(description="By the published plan, not by the draft")] = False,
) -> StandInList:
    """First those whom no hard rule bars. Whoever is on the shift is left out, unless on leave that day."""
    return StandInList.of(*await cells.find_stand_ins(view, access, roster_id, day, shift, published=published))


@router.get(
    "/{roster_id}/staff/{staff_id}/why",
    summary="Why a person is on a shift, and who else could be",
    responses=problems(403, 404),
)
async def explain_assignment(
    roster_id: UUID,
    staff_id: UUID,
    view: View,
    access: Reader,
    day: Annotated[Day, Query(description="The day on which the shift starts")],
    shift: Annotated[Code, Query(description="Code of the shift")],
    published: Annotated[bool, Query(description="Of the published plan, not of the draft")] = False,
) -> WhyOut:
    """What the assignment does for the plan, what it breaks, and which rule bars the others. A token with only the role
    staff asks about its own published shifts.
    """
    cell = Planned(staff_id=staff_id, day=day, shift=shift)
    found, people = await cells.explain_assignment(view, access, roster_id, cell, published=published)
    return WhyOut.of(cell, found, people, leader=sees_drafts(access), planner=access.may(*PLANNERS))


@router.post(
    "/{roster_id}/publish",
    summary="Publish a roster; replaces its earlier publication",
    responses=problems(404, *IF_MATCH),
)
async def publish_roster(
    roster_id: UUID, tx: Tx, access: Planner, expected: IfMatch, response: Response, body: PublishRoster | None = None
) -> RosterOut:
    """A plan that breaks a hard rule is published only if a reason is given for each such rule."""
    reasons = body.reasons() if body else {}
    return _tagged(response, await rosters.publish_roster(tx, access, roster_id, expected, reasons), access)


def _tagged(response: Response, roster: Roster, access: Access) -> RosterOut:
    response.headers.update(etag(roster.version))
    return RosterOut.seen(roster, as_published=not sees_drafts(access))
