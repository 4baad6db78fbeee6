"""The alarms of all services."""

from collections.abc import Sequence
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.http.listing import Page, PageAsked
from sigap_common.messaging.received import ReceivedEvent
from sigap_dispatch.listings import ALARMS, AlarmFilters
from sigap_dispatch.models import RaisedAlarm
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.protection import hidden_among


async def keep_alarms(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    for one in heard:
        if isinstance(one.event, AlarmRaised):
            await tx.alarms.raised(one.event, one.envelope)
        else:
            await tx.alarms.cleared(one.event)


_OF_INCIDENT = "incidents/"
_UNNAMED = {"label": None, "agency": None}


async def standing_alarms(
    view: DispatchTransaction, access: Access, filters: AlarmFilters, asked: PageAsked
) -> Page[RaisedAlarm]:
    """A page of the alarms that stand. One about a protected incident that does not concern the token's owner names
    neither its number nor an agency.
    """
    found = (await ALARMS.page(view, access, filters, asked)).map(RaisedAlarm.of_row)
    about = {alarm.id: incident for alarm in found.items if (incident := _incident_of(alarm)) is not None}
    hidden = await hidden_among(view, access, set(about.values()))
    return found.map(lambda alarm: alarm.model_copy(update=_UNNAMED) if about.get(alarm.id) in hidden else alarm)


def _incident_of(alarm: RaisedAlarm) -> UUID | None:
    named = alarm.about.startswith(_OF_INCIDENT)
    return UUID(alarm.about.removeprefix(_OF_INCIDENT)) if named else None
