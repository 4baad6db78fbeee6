"""Who sees what of staff, rosters and duties."""

from sqlalchemy import ColumnElement, Table, and_

from sigap_common.auth import Access, Role
from sigap_common.messaging.visibility import Policy
from sigap_roster.domain import Duty, Roster, RosterState, StaffMember
from sigap_roster.models import rosters, staff

PLANNERS = (Role.planner, Role.admin)
"""Who keeps staff and plans."""
LEADERS = (Role.supervisor, *PLANNERS)
"""Who sees drafts and all of a person's entry, and records the attendance of others."""
READERS = (Role.staff, *LEADERS)
"""Who sees what is published, and the names on it: colleagues know one another."""


class RosterPolicy(Policy):
    """Staff, rosters and duties of the token's regencies. Staff see their own entry alone, and no drafts."""

    def rows(self, access: Access, table: Table) -> ColumnElement[bool]:
        covered = self.covered(access, table)
        if access.may(*LEADERS):
            return covered
        if table is staff:
            return and_(covered, staff.c.subject == access.subject)
        return and_(covered, rosters.c.state == RosterState.PUBLISHED) if table is rosters else covered

    def sees(self, access: Access, one: Roster | StaffMember | Duty) -> bool:
        if not access.covers(one.regency):
            return False
        if isinstance(one, StaffMember):
            return access.may(*LEADERS) or one.subject == access.subject
        return not isinstance(one, Roster) or sees_drafts(access) or one.state is RosterState.PUBLISHED


def sees_drafts(access: Access) -> bool:
    """Drafts are the planners' own."""
    return access.may(*LEADERS)


POLICY = RosterPolicy(opened_to=READERS)
