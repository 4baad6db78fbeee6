"""The use cases of teams: they are entered, and their cycles are planned into a draft."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid
from sigap_common.http.etags import Expected
from sigap_roster.domain import Roster
from sigap_roster.domain.roster import MOST_ASSIGNMENTS
from sigap_roster.domain.teams import Team, check_team, rotated
from sigap_roster.models import TeamRow
from sigap_roster.repository import RosterTransaction
from sigap_roster.use_cases.circumstances import circumstances


async def make_team(tx: RosterTransaction, access: Access, regency: str, team: Team) -> TeamRow:
    """Raises Invalid."""
    tx.require_known(access, regency)
    tx.packs.in_service(regency)
    row = TeamRow(id=tx.new_id(), regency=regency, version=1, **_values(team))
    await _check(tx, row, team)
    await tx.teams.add(row)
    return row


async def replace_team(tx: RosterTransaction, access: Access, team_id: UUID, expected: Expected, team: Team) -> TeamRow:
    """Raises NotFound, PreconditionFailed, Invalid."""
    before = await tx.teams.visible(team_id, access, lock=True)
    expected.check(before.version)
    await _check(tx, before, team)
    if team_of(before) == team:
        return before
    return await tx.teams.change(before, version=before.version + 1, **_values(team))


async def remove_team(tx: RosterTransaction, access: Access, team_id: UUID) -> TeamRow:
    """Rosters stay as they are. Raises NotFound."""
    row = await tx.teams.visible(team_id, access, lock=True)
    await tx.teams.remove(row)
    return row


async def rotate(
    tx: RosterTransaction, access: Access, roster_id: UUID, expected: Expected, ids: Sequence[UUID]
) -> Roster:
    """Plans the cycles of these teams into the draft; of all teams of the regency if none is named.

    Raises NotFound, PreconditionFailed, Invalid.
    """
    roster = await tx.rosters.visible(roster_id, access)
    expected.check(roster.version)
    rows = {row.id: row for row in await tx.teams.of_regency(roster.regency)}
    if unknown := [index for index, team_id in enumerate(ids) if team_id not in rows]:
        raise Invalid(errors=[Fault(("body", "teams", index), "team_unknown", {}) for index in unknown])
    teams = [team_of(row) for row in rows.values() if not ids or row.id in ids]
    people = await tx.staff.of_regency(roster.regency)
    planned = rotated(roster, teams, await circumstances(tx, roster, people), tx.now())
    if len(planned.planned) > MOST_ASSIGNMENTS:
        raise Invalid(errors=[Fault(("body",), "plan_too_large", {})])
    return tx.rosters.keep(roster, planned)


def team_of(row: TeamRow) -> Team:
    return Team(row.name, row.cycle, row.starts_on, [UUID(member) for member in row.members])


async def _check(tx: RosterTransaction, row: TeamRow, team: Team) -> None:
    """Locks the members' entries, so that nobody puts one of them into another team at the same moment."""
    people = await tx.staff.locked(row.regency, team.members)
    others = {
        UUID(member): other.name
        for other in await tx.teams.of_regency(row.regency)
        if other.id != row.id
        for member in other.members
    }
    shifts = [shift.code for shift in tx.packs.get(row.regency).shifts.shifts]
    check_team(team, shifts, people.keys(), others)


def _values(team: Team) -> dict[str, Any]:
    members = [str(member) for member in team.members]
    return {"name": team.name, "cycle": [*team.cycle], "starts_on": team.starts_on, "members": members}
