"""`/v1/rosters/{id}/locks`: single cells of a draft that the planner locked, and that the solver keeps."""

from uuid import UUID

from fastapi import APIRouter

from sigap_common.http.problems import problems
from sigap_common.http.route import UseCaseRoute
from sigap_roster.api.parameters import Leader, Planner, Tx, View
from sigap_roster.schemas.locks import LockCell, LockedOut, LockList, LockOut
from sigap_roster.use_cases import cells

router = APIRouter(prefix="/v1/rosters/{roster_id}/locks", tags=["rosters"], route_class=UseCaseRoute)


@router.post("", status_code=201, summary="Lock a cell: a person on a shift, or free on a day", responses=problems(404))
async def lock_cell(roster_id: UUID, body: LockCell, tx: Tx, access: Planner) -> LockedOut:
    """The solver keeps it, and says so in its explanations. The draft itself stays as it is. The answer names the hard
    rules that the cell breaks; it is locked all the same.
    """
    row, around, found = await cells.lock_cell(tx, access, roster_id, body.lock())
    return LockedOut.of(row, around).with_breaches(found)


@router.get("", summary="List a roster's locked cells", responses=problems(403, 404))
async def list_locks(roster_id: UUID, view: View, access: Leader) -> LockList:
    return LockList.of(*await cells.list_locks(view, access, roster_id))


@router.delete("/{lock_id}", summary="Free a locked cell", responses=problems(404))
async def free_cell(roster_id: UUID, lock_id: UUID, tx: Tx, access: Planner) -> LockOut:
    """Answers what was freed. The draft stays as it is."""
    return LockOut.of(*await cells.free_cell(tx, access, roster_id, lock_id))
