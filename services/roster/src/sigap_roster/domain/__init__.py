"""The pure domain of rosters: from draft to publication, and the duties that follow."""

from sigap_roster.domain.amending import Amendment
from sigap_roster.domain.amending import decide as decide_amendments
from sigap_roster.domain.checks import Circumstances, Finding, Taken, findings
from sigap_roster.domain.duty import Command, Duty, DutyState, End, Start, followed
from sigap_roster.domain.duty import decide as decide_duty
from sigap_roster.domain.publishing import Publish
from sigap_roster.domain.publishing import decide as decide_roster
from sigap_roster.domain.roster import Planned, Roster, RosterState, as_published, differences, draft, plan
from sigap_roster.domain.rules import Breach, breaches, check
from sigap_roster.domain.shifts import Span, span_of
from sigap_roster.domain.solve import SolveState
from sigap_roster.domain.staff import (
    OWN_KINDS,
    WISHES,
    Absence,
    AbsenceKind,
    Sex,
    Skill,
    StaffMember,
    days_off,
    days_wished_free,
    shift_wishes,
)
from sigap_roster.domain.stand_ins import StandIn, stand_ins
from sigap_roster.domain.swaps import STILL_OPEN, SwapState

__all__ = [
    "OWN_KINDS",
    "STILL_OPEN",
    "WISHES",
    "Absence",
    "AbsenceKind",
    "Amendment",
    "Breach",
    "Circumstances",
    "Command",
    "Duty",
    "DutyState",
    "End",
    "Finding",
    "Planned",
    "Publish",
    "Roster",
    "RosterState",
    "Sex",
    "Skill",
    "SolveState",
    "Span",
    "StaffMember",
    "StandIn",
    "Start",
    "SwapState",
    "Taken",
    "as_published",
    "breaches",
    "check",
    "days_off",
    "days_wished_free",
    "decide_amendments",
    "decide_duty",
    "decide_roster",
    "differences",
    "draft",
    "findings",
    "followed",
    "plan",
    "shift_wishes",
    "span_of",
    "stand_ins",
]
