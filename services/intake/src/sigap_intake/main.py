"""Intake: the service that handles a call from its arrival to its end, on every channel."""

from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_intake import models, retention
from sigap_intake.api.routers import ROUTERS
from sigap_intake.background import BACKGROUND
from sigap_intake.events import SUBSCRIPTIONS
from sigap_intake.repository import IntakeTransaction
from sigap_intake.resources import IntakeResources
from sigap_intake.settings import IntakeSettings

service = Service(
    name="intake",
    topic=topics.CALLS,
    settings=IntakeSettings,
    transaction=IntakeTransaction,
    resources=IntakeResources,
    routers=ROUTERS,
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_intake.migrations",
    subscriptions=SUBSCRIPTIONS,
    sections=(
        "zone",
        "incident_types",
        "transfers",
        "gazetteer",
        "guidance",
        "callbacks",
        "blocking",
        "queue",
        "duty_telephones",
    ),
    erasables=(retention.CALLS, retention.CALLBACKS, retention.CALLER_CONTACTS, retention.BLOCKS),
    sweeps=retention.SWEEPS,
    background=BACKGROUND,
)
