"""Intake: the service that handles a call from its arrival to its end, on every channel."""

from sigap_common.app.background import watch_due
from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_intake import callback_models, models, open_incident_rows, retention
from sigap_intake.api import callbacks, caller_data, calls, drafts, exchanges, places, queue, reference, sop
from sigap_intake.domain.call import CLASSIFY_WITHIN
from sigap_intake.domain.callback import SHORTEST_DEADLINE
from sigap_intake.events import SUBSCRIPTIONS
from sigap_intake.protected_caller_rows import ProtectedCallerErasure
from sigap_intake.repository import IntakeTransaction
from sigap_intake.resources import IntakeResources
from sigap_intake.settings import IntakeSettings
from sigap_intake.use_cases.callbacks import meet_due
from sigap_intake.use_cases.calls import miss_class
from sigap_intake.use_cases.exchanges import take_in

service = Service(
    name="intake",
    topic=topics.CALLS,
    settings=IntakeSettings,
    transaction=IntakeTransaction,
    resources=IntakeResources,
    routers=(
        calls.router,
        exchanges.router,
        queue.router,
        reference.router,
        places.router,
        caller_data.router,
        drafts.router,
        sop.router,
        callbacks.router,
    ),
    metadata=models.metadata,
    tables=models.tables,
    migrations="sigap_intake.migrations",
    subscriptions=SUBSCRIPTIONS,
    sections=("zone", "incident_types", "transfers", "gazetteer", "guidance", "callbacks"),
    erasables=(retention.CALLS, retention.CALLBACKS, retention.CALLER_CONTACTS),
    sweeps=(open_incident_rows.forget_old, open_incident_rows.forget_their_calls, ProtectedCallerErasure),
    background=(
        watch_due(models.calls, miss_class, shortest=CLASSIFY_WITHIN),
        take_in,
        watch_due(callback_models.callbacks, meet_due, shortest=SHORTEST_DEADLINE),
    ),
    starts_without_database=True,
)
