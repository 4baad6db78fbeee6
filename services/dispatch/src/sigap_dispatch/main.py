"""Dispatch: the service that keeps regencies and incidents, and forwards incidents to agencies."""

from datetime import timedelta

from sigap_common.app.background import watch_due
from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_dispatch import models, retention
from sigap_dispatch.api import (
    alarm_levels,
    alarms,
    auth,
    incidents,
    lifecycle,
    proposals,
    recommendation,
    reference,
    regencies,
    regency_versions,
)
from sigap_dispatch.events import SUBSCRIPTIONS
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.resources import DispatchResources
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.use_cases.incidents import meet_deadlines

service = Service(
    name="dispatch",
    topic=topics.INCIDENTS,
    settings=DispatchSettings,
    transaction=DispatchTransaction,
    resources=DispatchResources,
    routers=(
        incidents.router,
        alarms.router,
        regencies.router,
        regency_versions.router,
        reference.router,
        auth.router,
        proposals.router,
        lifecycle.router,
        alarm_levels.router,
        recommendation.router,
    ),
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_dispatch.migrations",
    subscriptions=SUBSCRIPTIONS,
    sections=(
        "zone",
        "transfers",
        "agencies",
        "incident_types",
        "response_plans",
        "code_lists",
        "service_levels",
        "closing",
        "rosters",
    ),
    erasables=(retention.INCIDENTS,),
    background=(watch_due(models.incidents, meet_deadlines, shortest=timedelta()),),
    publishes=(topics.REGENCIES,),
    niceness=5,
)
