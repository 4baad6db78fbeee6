"""The visibility policy of roster: which tokens see which staff, rosters and duties."""

from sqlalchemy import ColumnElement, Table, and_, or_, select

from sigap_common.auth import Access, Role
from sigap_common.messaging.visibility import Policy
from sigap_roster.domain import Duty, Roster, RosterState, StaffMember
from sigap_roster.models import absences, pickups, rosters, staff, swaps

PLANNERS = (Role.planner, Role.admin)
"""The roles that manage staff and rosters."""
LEADERS = (Role.supervisor, *PLANNERS)
"""The roles that see drafts and all entries of staff, and record the attendance of others."""
READERS = (Role.staff, *LEADERS)
"""The roles that see published rosters with the names in them."""
ROOM = (Role.operator, Role.dispatcher)
"""The roles of the room, which see who is on duty and who should be."""


class RosterPolicy(Policy):
    """Staff, rosters and duties of the token's regencies. The role staff sees only its own entry, days off
    and pickups, no drafts, and of swaps its own and those that anybody may take.
    """

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        covered = self.covered(access, table)
        if access.may(*LEADERS):
            return covered
        if table is staff:
            return and_(covered, staff.c.subject == access.subject)
        own = select(staff.c.id).where(staff.c.subject == access.subject)
        if table in (absences, pickups):
            return and_(covered, table.c.staff_id.in_(own))
        if table is swaps:
            concerns = (swaps.c.to_staff_id.is_(None), swaps.c.staff_id.in_(own), swaps.c.to_staff_id.in_(own))
            return and_(covered, or_(*concerns))
        return and_(covered, rosters.c.state == RosterState.PUBLISHED) if table is rosters else covered

    def sees(self, access: Access, one: Roster | StaffMember | Duty) -> bool:
        if not access.covers(one.regency):
            return False
        if isinstance(one, StaffMember):
            return access.may(*LEADERS) or one.subject == access.subject
        return not isinstance(one, Roster) or sees_drafts(access) or one.state is RosterState.PUBLISHED


def sees_drafts(access: Access) -> bool:
    """Whether the token may see drafts of rosters."""
    return access.may(*LEADERS)


POLICY = RosterPolicy(opened_to=(*READERS, *ROOM))
