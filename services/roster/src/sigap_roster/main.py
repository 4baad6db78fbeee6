"""Roster: the service that keeps staff, rosters and duties."""

from sigap_common.app.manifest import Service
from sigap_common.app.resources import Resources
from sigap_common.contracts import topics
from sigap_roster import models, retention
from sigap_roster.api import duties, rosters, shift_patterns, staff
from sigap_roster.events import SUBSCRIPTIONS
from sigap_roster.repository import RosterTransaction
from sigap_roster.settings import RosterSettings

service = Service(
    name="roster",
    topic=topics.ROSTERS,
    settings=RosterSettings,
    transaction=RosterTransaction,
    resources=Resources,
    routers=(staff.router, shift_patterns.router, rosters.router, duties.router),
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_roster.migrations",
    sections=("agencies", "rosters"),
    erasables=(retention.STAFF,),
    subscriptions=SUBSCRIPTIONS,
    niceness=10,
)
