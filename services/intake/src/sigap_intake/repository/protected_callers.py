"""All SQL about protected callers: numbers that reported a protected incident.

Whatever such a number said before or after is shown to nobody who gets it again by chance (KDRT, children). Dispatch
says which incidents are protected; the number stays protected after they are closed, as long as its calls are kept.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, exists, literal_column, select

from sigap_common.database import CompiledStatement, Connection, insert, insert_if_new
from sigap_common.messaging.jobs import Step
from sigap_common.messaging.retention import retention_of
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.models.incidents import open_incident_calls, open_incidents
from sigap_intake.models.protection import protected_callers

_NAMES = [column.name for column in protected_callers.columns]
_ADD = CompiledStatement(insert_if_new(protected_callers), _NAMES)
_IS_ONE = CompiledStatement(
    select(literal_column("1"))
    .select_from(protected_callers)
    .where(
        protected_callers.c.regency == bindparam("this_regency"),
        protected_callers.c.caller_hash == bindparam("this_hash"),
    )
    .limit(literal_column("1"))
)


class ProtectedCallers:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def includes(self, regency: str, caller_hash: str | None) -> bool:
        """Whether the number reported a protected incident of the regency. A call without a number is nobody's."""
        if caller_hash is None:
            return False
        who = {"this_regency": regency, "this_hash": caller_hash}
        return await _IS_ONE.first(self._tx.connection, who) is not None

    def add(self, regency: str, caller_hash: str, incident_id: UUID) -> None:
        row = {"regency": regency, "caller_hash": caller_hash, "incident_id": incident_id, "since": self._tx.now()}
        self._tx.later(_ADD, [row])

    async def add_of(self, incidents: Sequence[UUID]) -> None:
        """All numbers that reported these incidents, as far as the incidents are open, protected and real."""
        await self._tx.flush()
        i, c = open_incidents, open_incident_calls
        since = bindparam("since", self._tx.now(), type_=protected_callers.c.since.type)
        found = (
            select(c.c.regency, c.c.caller_hash, c.c.incident_id, since)
            .distinct()
            .join(i, i.c.id == c.c.incident_id)
            .where(i.c.id.in_(incidents), i.c.protected, i.c.drill.is_(False))
        )
        await self._tx.connection.execute(insert(protected_callers).from_select(_NAMES, found).on_conflict_do_nothing())


class ProtectedCallerErasure:
    """The sweep that forgets protected numbers once the regency's calls of that time are erased."""

    name = "retention/protected_callers"

    def __init__(self, packs: PacksInForce) -> None:
        self._packs = packs

    async def step(self, connection: Connection, now: datetime, _: Mapping[str, Any]) -> Step:
        forgotten = 0
        for pack in self._packs.all():
            forgotten += await self._forget(connection, pack.code, now)
        return Step({"protected_callers": forgotten}, is_last=True)

    async def _forget(self, connection: Connection, regency: str, now: datetime) -> int:
        p, kept = protected_callers, retention_of(self._packs, regency)
        is_open = exists().where(open_incidents.c.id == p.c.incident_id)
        over = (p.c.regency == regency, p.c.since <= now - timedelta(days=kept.calls_days), ~is_open)
        held = [hold.subject for hold in kept.holds]
        return (await connection.execute(delete(p).where(*over, p.c.incident_id.not_in(held)))).rowcount
