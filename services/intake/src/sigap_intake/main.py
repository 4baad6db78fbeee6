"""Intake: calls from their arrival to their end, whatever brought them."""

from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_intake import models, open_incident_rows, presence_rows, retention
from sigap_intake.api import calls, exchanges, places, presence, queue, reference
from sigap_intake.background import BACKGROUND
from sigap_intake.events import SUBSCRIPTIONS
from sigap_intake.protected_caller_rows import ProtectedCallerErasure
from sigap_intake.repository import IntakeTransaction
from sigap_intake.resources import IntakeResources
from sigap_intake.settings import IntakeSettings

service = Service(
    name="intake",
    topic=topics.CALLS,
    settings=IntakeSettings,
    transaction=IntakeTransaction,
    resources=IntakeResources,
    routers=(calls.router, exchanges.router, queue.router, reference.router, places.router, presence.router),
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_intake.migrations",
    subscriptions=SUBSCRIPTIONS,
    sections=("zone", "incident_types", "transfers", "gazetteer", "queue", "duty_telephones"),
    erasables=(retention.CALLS,),
    sweeps=(
        open_incident_rows.forget_old,
        open_incident_rows.forget_their_calls,
        ProtectedCallerErasure,
        presence_rows.forget_old,
    ),
    background=BACKGROUND,
)
