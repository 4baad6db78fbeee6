"""Intake: the service that handles a call from its arrival to its end, on every channel."""

from sigap_common.app.manifest import Service
from sigap_common.contracts import topics
from sigap_intake import block_rows, models, open_incident_rows, presence_rows, referral_rows, retention
from sigap_intake.api import (
    blocks,
    call_transfers,
    callbacks,
    caller_data,
    calls,
    drafts,
    exchanges,
    places,
    presence,
    queue,
    reference,
    sop,
)
from sigap_intake.background import BACKGROUND
from sigap_intake.closed_incident_rows import forget_closed
from sigap_intake.events import SUBSCRIPTIONS
from sigap_intake.protected_caller_rows import ProtectedCallerErasure
from sigap_intake.repository import IntakeTransaction
from sigap_intake.resources import IntakeResources
from sigap_intake.settings import IntakeSettings
from sigap_intake.standing_alarm_rows import forget_rung, forget_unheard
from sigap_intake.unacknowledged_rows import forget_forwardings

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
        blocks.router,
        presence.router,
        call_transfers.router,
    ),
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
    sweeps=(
        open_incident_rows.forget_old,
        open_incident_rows.forget_their_calls,
        forget_closed,
        forget_forwardings,
        ProtectedCallerErasure,
        block_rows.forget_faint,
        presence_rows.forget_old,
        referral_rows.forget_old,
        forget_unheard,
        forget_rung,
    ),
    background=BACKGROUND,
)
