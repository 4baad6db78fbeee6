"""The alarms of all services."""

from collections.abc import Sequence

from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.messaging.received import ReceivedEvent
from sigap_dispatch.repository import DispatchTransaction


async def keep_alarms(tx: DispatchTransaction, heard: Sequence[ReceivedEvent]) -> None:
    for one in heard:
        if isinstance(one.event, AlarmRaised):
            await tx.alarms.raised(one.event, one.envelope)
        else:
            await tx.alarms.cleared(one.event)
