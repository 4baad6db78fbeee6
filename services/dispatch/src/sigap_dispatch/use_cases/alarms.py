"""The alarms of all services."""

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.http.listing import Page, PageAsked
from sigap_common.messaging.received import ReceivedEvent
from sigap_dispatch.listings import ALARMS, AlarmFilters
from sigap_dispatch.models import AlarmGroup, RaisedAlarm
from sigap_dispatch.repository import DispatchTransaction


async def keep_alarms(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    changed: dict[UUID, Envelope] = {}
    for one in heard:
        raises = isinstance(one.event, AlarmRaised)
        group = await tx.alarms.raised(one.event, one.envelope) if raises else await tx.alarms.cleared(one.event)
        if group is not None:
            changed[group] = one.envelope
    await tx.alarms.regroup(changed)


async def standing(
    view: DispatchTransaction, access: Access, filters: AlarmFilters, asked: PageAsked
) -> tuple[Page[AlarmGroup], dict[UUID, list[RaisedAlarm]]]:
    """A page of the groups that stand, and the alarms of each that are shown."""
    found = (await ALARMS.page(view, access, filters, asked)).map(AlarmGroup.of_row)
    of_group: dict[UUID, list[RaisedAlarm]] = defaultdict(list)
    for alarm in await view.alarms.standing([one.id for one in found.items]):
        assert alarm.group_id is not None
        of_group[alarm.group_id].append(alarm)
    return Page([one for one in found.items if of_group[one.id]], found.next), of_group
