"""The stored referrals. A call has at most one."""

from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, select

from sigap_common.database import CompiledStatement
from sigap_common.messaging.aggregates import Aggregates, AggregateTable
from sigap_common.messaging.retention import SHORTEST
from sigap_dispatch.domain.referral import Referral
from sigap_dispatch.models import referrals, tables
from sigap_dispatch.visibility import POLICY


def _columns(referral: Referral) -> dict[str, Any]:
    return {
        "number": referral.number,
        "call_id": referral.call_id,
        "state": referral.state,
        "receiver": referral.to,
        "drill": referral.drill,
        "opened_at": referral.opened_at,
        "erase_at": referral.received_at + SHORTEST,
    }


REFERRALS = AggregateTable(referrals, tables.timeline, Referral, _columns, POLICY)
_OF_CALL = CompiledStatement(select(referrals.c.id).where(referrals.c.call_id == bindparam("this_call")))


class Referrals(Aggregates[Referral]):
    async def of_call(self, call_id: UUID) -> Referral | None:
        row = await _OF_CALL.first(self.tx.connection, {"this_call": call_id})
        return await self.find(row.id) if row else None
