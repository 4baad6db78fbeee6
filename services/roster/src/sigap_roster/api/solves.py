"""`/v1/rosters/{id}/solves`: searches for a plan by the solver. What one finds is a proposal: taking it changes the
draft, and only the planner publishes.
"""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request, Response

from sigap_common.auth import Access
from sigap_common.http.edge import edge_of
from sigap_common.http.etags import IF_MATCH, IfMatch, etag
from sigap_common.http.listing import PageOf50
from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_common.http.stream_routes import EVENTS, AllowedOrTicket, Ticket, issued_ticket
from sigap_common.http.stream_tickets import LONGEST_TICKET
from sigap_roster import models
from sigap_roster.api.parameters import Leader, Planner, Running, Tx, View
from sigap_roster.api.solve_stream import SolveStream
from sigap_roster.listings import SOLVES
from sigap_roster.repository import RosterTransaction
from sigap_roster.schemas.explanations import ExplanationOut
from sigap_roster.schemas.rosters import RosterOut
from sigap_roster.schemas.solves import AskForPlan, SolveList, SolveOut, SolveSummary
from sigap_roster.use_cases import solves
from sigap_roster.visibility import LEADERS, sees_drafts

router = APIRouter(prefix="/v1/rosters/{roster_id}/solves", tags=["rosters"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Let the solver search for a plan", responses=problems(404))
async def ask_for_plan(roster_id: UUID, tx: Tx, access: Planner, body: AskForPlan) -> SolveOut:
    """The search waits for its turn: one runs at a time on each host, and each regency has one in turn. `ahead` says
    how many begin before it. An earlier one of the roster that is not over is cancelled.
    """
    row = await solves.ask_for_plan(tx, access, roster_id, body.existing, body.seconds, body.seed)
    return SolveOut.of(row, await tx.solves.ahead(row))


@router.get("", summary="List a roster's searches, newest first", responses=problems(403, 404))
async def list_solves(roster_id: UUID, view: View, access: Leader, page: PageOf50) -> SolveList:
    await view.rosters.visible(roster_id, access, lock=False)
    found = await SOLVES.page(view, access, None, page, models.solves.c.roster_id == roster_id)
    return SolveList(items=[SolveSummary.of(row, row.ahead) for row in found.items], next=found.next)


@router.get("/{solve_id}", summary="Read a search: how far it is, and the plan it found", responses=problems(403, 404))
async def read_solve(roster_id: UUID, solve_id: UUID, view: View, access: Leader) -> SolveOut:
    await view.rosters.visible(roster_id, access, lock=False)
    row = await view.solves.of_roster(roster_id, solve_id)
    return SolveOut.of(row, await view.solves.ahead(row))


@router.get(
    "/{solve_id}/explanation", summary="Why seats stay open: what cannot hold together", responses=problems(403, 404)
)
async def explain_solve(roster_id: UUID, solve_id: UUID, view: View, access: Leader) -> ExplanationOut:
    """Weeks that lack hours are known as soon as the search begins, conflicts at its end."""
    return ExplanationOut.of(*await solves.explain_search(view, access, roster_id, solve_id))


@router.get(
    "/{solve_id}/stream",
    response_class=SolveStream,
    status_code=200,
    summary="How far a search is, live (Server-Sent Events)",
    responses={200: EVENTS, **problems(403, 404, 429)},
)
async def stream_solve(
    roster_id: UUID,
    solve_id: UUID,
    request: Request,
    service: Running,
    view: View,
    access: Annotated[Access, Depends(AllowedOrTicket(frozenset(LEADERS)))],
    ticket: Annotated[  # noqa: ARG001
        str | None, Query(description="Instead of a bearer token", max_length=LONGEST_TICKET)
    ] = None,
) -> Response:
    """Begins with `ready` and a `search`: the search as the list of searches shows it. Another `search` comes whenever
    something changed: how many are ahead of it, its state, open seats, spread, cost, bound. The stream ends when the
    search is over.
    """
    await _seen(view, access, roster_id, solve_id)
    return SolveStream(service, edge_of(request).stream, access, roster_id, solve_id)


@router.post(
    "/{solve_id}/stream-tickets",
    status_code=200,
    summary="A ticket for a browser's EventSource",
    responses=problems(403, 404, 429),
)
async def issue_solve_stream_ticket(
    roster_id: UUID, solve_id: UUID, request: Request, tx: Tx, access: Leader
) -> Ticket:
    return await issued_ticket(request, tx, access, partial(_seen, tx, access, roster_id, solve_id))


@router.post("/{solve_id}/cancel", summary="Cancel a search", responses=problems(404))
async def cancel_solve(roster_id: UUID, solve_id: UUID, tx: Tx, access: Planner) -> SolveOut:
    """Nothing happens if it is over."""
    row = await solves.cancel_search(tx, access, roster_id, solve_id)
    return SolveOut.of(row, await tx.solves.ahead(row))


@router.post(
    "/{solve_id}/take", summary="Put the plan that was found into the draft", responses=problems(404, 409, *IF_MATCH)
)
async def take_plan(
    roster_id: UUID, solve_id: UUID, tx: Tx, access: Planner, expected: IfMatch, response: Response
) -> RosterOut:
    """Replaces the draft's assignments. While the search still runs, takes the best plan so far."""
    roster = await solves.take_plan(tx, access, roster_id, solve_id, expected)
    response.headers.update(etag(roster.version))
    return RosterOut.seen(roster, as_published=not sees_drafts(access))


async def _seen(view: RosterTransaction, access: Access, roster_id: UUID, solve_id: UUID) -> None:
    """Checks that the token may see the search. Raises NotFound."""
    await view.rosters.visible(roster_id, access, lock=False)
    await view.solves.progress(roster_id, solve_id)
