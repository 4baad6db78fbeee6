"""Dispatch: the service that keeps regencies and incidents, and forwards incidents to agencies."""

from datetime import timedelta

from sigap_common.app.background import watch_due, watch_due_together
from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_dispatch import models, retention
from sigap_dispatch.api.routers import ROUTERS
from sigap_dispatch.events import SUBSCRIPTIONS
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.numbers import keep_numbers_given
from sigap_dispatch.resources import DispatchResources
from sigap_dispatch.settings import DispatchSettings
from sigap_dispatch.use_cases.audit import publish_daily
from sigap_dispatch.use_cases.handovers import lapse
from sigap_dispatch.use_cases.incidents import meet_deadlines
from sigap_dispatch.use_cases.shares import lapse_request

service = Service(
    name="dispatch",
    topic=topics.INCIDENTS,
    settings=DispatchSettings,
    transaction=DispatchTransaction,
    resources=DispatchResources,
    routers=ROUTERS,
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
        "cameras",
        "rosters",
        "complaints",
    ),
    erasables=(retention.INCIDENTS, retention.HANDOVERS, retention.REFERRALS),
    background=(
        watch_due_together(models.incidents, meet_deadlines, shortest=timedelta(), urgency=models.incidents.c.priority),
        publish_daily,
        watch_due(models.handovers, lapse, shortest=timedelta(seconds=1)),
        watch_due(models.shares, lapse_request, shortest=timedelta(seconds=1)),
    ),
    publishes=(topics.REGENCIES,),
    niceness=5,
    audited=models.audited,
    not_restored=keep_numbers_given,
)
