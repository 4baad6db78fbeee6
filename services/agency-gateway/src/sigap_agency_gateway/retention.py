"""The gateway erases personal data in forwardings, by the periods of incidents, and bodies and answers in its delivery
log.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select, update

from sigap_agency_gateway.domain.delivery import DeliveryState
from sigap_agency_gateway.domain.forwarding import ENDED, State
from sigap_agency_gateway.models import attempts, deliveries, forwardings, mechanisms
from sigap_common.contracts.retention import INCIDENT_PERIODS
from sigap_common.database import Connection
from sigap_common.messaging.jobs import Step
from sigap_common.messaging.retention import Erasable, retention_of
from sigap_common.regency.in_force import PacksInForce

DELIVERIES_A_STEP = 500


async def _since(_: Connection, __: UUID, document: Mapping[str, Any]) -> datetime | None:
    """The incident's start, when the agency's part is over. If the agency comes after all, a revision brings the erased
    values again.
    """
    return datetime.fromisoformat(document["content"]["started_at"]) if document["state"] in _OVER else None


_OVER = ENDED | {State.DECLINED, State.DONE}
"""Declined and done count as over, because dispatch publishes no more events about such a part."""

FORWARDINGS = Erasable(forwardings, mechanisms.timeline, INCIDENT_PERIODS, _since, {})


class DeliveryErasure:
    """The sweep of the delivery log. It erases contents. Endpoints and times of deliveries stay."""

    name = "retention/deliveries"

    def __init__(self, packs: PacksInForce) -> None:
        self._packs = packs

    async def step(self, connection: Connection, now: datetime, _: Mapping[str, Any]) -> Step:
        left = DELIVERIES_A_STEP
        for pack in self._packs.all():
            left -= await self._erase(connection, pack.code, now, left)
            if left <= 0:
                break
        return Step({"deliveries": DELIVERIES_A_STEP - left}, is_last=left > 0)

    async def _erase(self, connection: Connection, regency: str, now: datetime, most: int) -> int:
        d, kept = deliveries, retention_of(self._packs, regency)
        held = [hold.subject for hold in kept.holds]
        of_held = select(forwardings.c.id).where(forwardings.c.incident_id.in_(held))
        old = (
            select(d.c.id)
            .where(
                d.c.regency == regency,
                d.c.created_at <= now - timedelta(days=kept.deliveries_days),
                or_(d.c.body.is_not(None), d.c.notice.is_not(None)),
                # A delivery that has not arrived is still needed. It ends with its forwarding at the latest.
                d.c.state != DeliveryState.PENDING.value,
                d.c.forwarding_id.not_in(of_held),
            )
            .order_by(d.c.created_at)
            .limit(most)
        )
        ids = list((await connection.execute(old)).scalars())
        if ids:
            await connection.execute(update(d).where(d.c.id.in_(ids)).values(body=None, notice=None))
            await connection.execute(update(attempts).where(attempts.c.delivery_id.in_(ids)).values(excerpt=None))
        return len(ids)
