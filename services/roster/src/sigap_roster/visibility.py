"""Who sees what: one rule for lists and for single rosters, people and duties."""

from sqlalchemy import ColumnElement, Table, and_, true

from sigap_common.auth import Access, Role
from sigap_roster.domain import Roster, RosterState, StaffMember
from sigap_roster.models import rosters, staff

PLANNERS = (Role.planner, Role.admin)
"""Who keeps staff and plans."""
LEADERS = (Role.supervisor, *PLANNERS)
"""Who sees drafts and all of a person's entry, and records the attendance of others."""
READERS = (Role.staff, *LEADERS)
"""Who sees what is published, and the names on it: colleagues know one another."""


def within(access: Access, table: Table) -> ColumnElement[bool]:
    """The rows of the token's regencies."""
    return true() if access.everywhere else table.c.regency.in_(sorted(access.regencies))


def staff_shown(access: Access) -> ColumnElement[bool]:
    """Staff see their own entry."""
    covered = within(access, staff)
    return covered if access.may(*LEADERS) else and_(covered, staff.c.subject == access.subject)


def rosters_shown(access: Access) -> ColumnElement[bool]:
    """Drafts are the planners' own."""
    covered = within(access, rosters)
    return covered if sees_drafts(access) else and_(covered, rosters.c.state == RosterState.PUBLISHED)


def sees_drafts(access: Access) -> bool:
    return access.may(*LEADERS)


def sees_member(member: StaffMember, access: Access) -> bool:
    return access.covers(member.regency) and (access.may(*LEADERS) or member.subject == access.subject)


def sees_roster(roster: Roster, access: Access) -> bool:
    return access.covers(roster.regency) and (sees_drafts(access) or roster.state is RosterState.PUBLISHED)
