"""Intake: the service that handles a call from its arrival to its end, on every channel."""

from sigap_common.app.background import watch_due
from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_intake import models, retention
from sigap_intake.api import calls, exchanges, places, queue, reference
from sigap_intake.domain.call import CLASSIFY_WITHIN
from sigap_intake.events import SUBSCRIPTIONS
from sigap_intake.repository import IntakeTransaction
from sigap_intake.resources import IntakeResources
from sigap_intake.settings import IntakeSettings
from sigap_intake.use_cases.calls import miss_class
from sigap_intake.use_cases.exchanges import take_in

service = Service(
    name="intake",
    topic=topics.CALLS,
    settings=IntakeSettings,
    transaction=IntakeTransaction,
    resources=IntakeResources,
    routers=(calls.router, exchanges.router, queue.router, reference.router, places.router),
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_intake.migrations",
    subscriptions=SUBSCRIPTIONS,
    sections=("zone", "incident_types", "transfers", "gazetteer"),
    erasables=(retention.CALLS,),
    background=(watch_due(models.calls, miss_class, shortest=CLASSIFY_WITHIN), take_in),
)
