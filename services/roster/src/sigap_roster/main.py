"""Roster: the service that keeps staff, rosters and duties."""

from sigap_common.app.manifest import Service
from sigap_common.app.resources import Resources
from sigap_common.contracts import topics
from sigap_roster import models, retention
from sigap_roster.api import (
    absences,
    calendars,
    duties,
    hours,
    locks,
    open_shifts,
    rosters,
    shift_patterns,
    solves,
    staff,
    swaps,
    teams,
)
from sigap_roster.events import SUBSCRIPTIONS
from sigap_roster.repository import RosterTransaction
from sigap_roster.settings import RosterSettings
from sigap_roster.solver.queue import watch_claims, work_off

service = Service(
    name="roster",
    topic=topics.ROSTERS,
    settings=RosterSettings,
    transaction=RosterTransaction,
    resources=Resources,
    routers=(
        staff.router,
        absences.router,
        teams.router,
        shift_patterns.router,
        rosters.router,
        locks.router,
        solves.router,
        duties.router,
        hours.router,
        calendars.router,
        swaps.router,
        open_shifts.router,
        open_shifts.pickups,
    ),
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_roster.migrations",
    sections=("agencies", "rosters"),
    erasables=(retention.STAFF,),
    sweeps=(retention.absences, retention.swaps, retention.pickups, retention.locks, retention.solves),
    subscriptions=SUBSCRIPTIONS,
    background=(work_off, watch_claims),
    niceness=10,
)
