"""The rows of offers of calls to other regencies."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_intake.domain import Call
from sigap_intake.models.calls import call_transfers as t

_COLUMNS = ["id", "regency", "to_regency", "call_id", "state", "offered_at", "received_call"]
_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["id"], set_={name: _insert.excluded[name] for name in ("state", "received_call")}
    ),
    _COLUMNS,
)


def keep_transfer(tx: Transaction[Any], call: Call) -> None:
    """Keeps the row of the call's newest offer."""
    transfer = call.transfer
    assert transfer is not None
    row = {"id": transfer.id, "regency": call.regency, "to_regency": transfer.to, "call_id": call.id}
    now = {"state": transfer.state, "offered_at": transfer.offered_at, "received_call": transfer.call_id}
    tx.later(_KEEP, [row | now])


class CallTransferRows:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, transfer_id: UUID) -> Row[Any] | None:
        return (await self._tx.connection.execute(select(t).where(t.c.id == transfer_id))).first()
