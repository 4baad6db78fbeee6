"""The alarms of all services."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.http.listing import Page, PageAsked
from sigap_common.messaging.received import ReceivedEvent
from sigap_dispatch.domain.alarm_groups import incident_of
from sigap_dispatch.listings import ALARMS, AlarmFilters
from sigap_dispatch.models import AlarmGroup, RaisedAlarm
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.protection import hidden_among


async def keep_alarms(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    changed: dict[UUID, Envelope] = {}
    for one in heard:
        raises = isinstance(one.event, AlarmRaised)
        group = await tx.alarms.raised(one.event, one.envelope) if raises else await tx.alarms.cleared(one.event)
        if group is not None:
            changed[group] = one.envelope
    await tx.alarms.regroup(changed)


_UNNAMED = {"label": None, "agency": None, "role": None}


async def standing(
    view: DispatchTransaction, access: Access, filters: AlarmFilters, asked: PageAsked
) -> tuple[Page[AlarmGroup], dict[UUID, list[RaisedAlarm]]]:
    """A page of the groups that stand, and the alarms of each that are shown. An alarm about a protected incident that
    does not concern the token's owner names neither its number nor a role or an agency.
    """
    found = (await ALARMS.page(view, access, filters, asked)).map(AlarmGroup.of_row)
    alarms = await view.alarms.standing([one.id for one in found.items])
    about = {alarm.id: incident for alarm in alarms if (incident := incident_of(alarm.about)) is not None}
    hidden = await hidden_among(view, access, set(about.values()))
    of_group: dict[UUID, list[RaisedAlarm]] = defaultdict(list)
    named = set[UUID]()
    for alarm in alarms:
        assert alarm.group_id is not None
        is_hidden = about.get(alarm.id) in hidden
        of_group[alarm.group_id].append(alarm.model_copy(update=_UNNAMED) if is_hidden else alarm)
        named |= set() if is_hidden else {alarm.group_id}
    groups = [
        one if one.id in named else one.model_copy(update={"agency": None}) for one in found.items if of_group[one.id]
    ]
    return Page(groups, found.next), of_group
