"""All SQL about presences."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, bindparam, false, insert, literal_column, select, update

from sigap_common.contracts.decision import Decision
from sigap_common.core.aggregate import Aggregate
from sigap_common.database import CompiledStatement
from sigap_common.messaging.jobs import DeletionSweep
from sigap_common.messaging.transaction import About, Transaction
from sigap_common.personal_data import SealContext, Sealed
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain.call import CallState
from sigap_intake.domain.presence import STALE_AFTER, Presence, presence_id
from sigap_intake.models.calls import calls
from sigap_intake.models.presences import presences

FORGOTTEN_AFTER = timedelta(days=30)
_NAMES = [column.name for column in presences.columns]
_this = presences.c.id == bindparam("this_id")
_LOAD = CompiledStatement(select(presences).where(_this).with_for_update())
_ADD = CompiledStatement(insert(presences), _NAMES)
_CHANGE = CompiledStatement(
    update(presences).where(_this).values({name: bindparam(f"new_{name}") for name in _NAMES if name != "id"}),
    by="this_id",
)
# A row without due_at is of somebody who is signed off or whose screen fell silent: then the beat is an event.
_BEAT = CompiledStatement(
    update(presences)
    .where(_this, presences.c.due_at.is_not(None))
    .values(heard_at=bindparam("new_heard_at"), due_at=bindparam("new_due_at")),
    by="this_id",
)
ACTIVE_AT_MOST = 500


class Presences:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of(self, regency: str, operator: str) -> Aggregate:
        """The Presence of an operator, locked; a bare Aggregate if the operator never signed on there."""
        known = await self.find(presence_id(regency, operator))
        return known or Aggregate(id=presence_id(regency, operator), regency=regency)

    async def find(self, which: UUID) -> Presence | None:
        row = await _LOAD.first(self._tx.connection, {"this_id": which})
        return self.opened(row) if row else None

    async def beat(self, regency: str, operator: str) -> bool:
        """Notes a heartbeat that changes nothing else. False: the operator is signed off, or the screen is stale."""
        now = self._tx.now()
        beat = {"this_id": presence_id(regency, operator), "new_heard_at": now, "new_due_at": now + STALE_AFTER}
        return await _BEAT.run(self._tx.connection, beat) == 1

    def record(self, decision: Decision[Presence], *, heard_at: datetime | None = None) -> Presence:
        """Saves the presence after the decision, and says its events. `heard_at`: when the operator was heard of; None:
        as the decision has it.
        """
        before, events = decision.before, decision.events
        said = {"version": before.version + len(events)} | ({"heard_at": heard_at} if heard_at else {})
        after = decision.after.model_copy(update=said)
        if not isinstance(after, Presence):
            raise ValueError("a presence begins with an event")
        self._save(after, is_new=not before.version)
        if events:
            self._tx.say(About(str(after.id), after.regency, before.version + 1), events)
        return after

    def _save(self, after: Presence, *, is_new: bool) -> None:
        row = {name: getattr(after, name) for name in _NAMES if name not in ("name", "due_at")}
        row |= {
            "name": after.name.token(self._seal(after.id), "name") if after.name else None,
            "due_at": after.stale_at,
        }
        if is_new:
            self._tx.later(_ADD, [row])
        else:
            changed = {f"new_{name}": value for name, value in row.items() if name != "id"}
            self._tx.later(_CHANGE, [{"this_id": after.id} | changed])

    def opened(self, row: Any) -> Presence:
        """The presence of a row with all columns."""
        name = Sealed.read(row.name, self._seal(row.id), "name") if row.name else None
        return Presence(name=name, **{key: getattr(row, key) for key in _NAMES if key not in ("name", "due_at")})

    def _seal(self, which: UUID) -> SealContext:
        return SealContext(self._tx.ring, str(which))

    async def signed_on(self, regencies: Collection[str]) -> dict[str, list[str]]:
        """The operators who can be rung, by regency: they are signed on, and their screens are heard of."""
        here = select(presences.c.regency, presences.c.operator)
        wanted = here.where(presences.c.regency.in_(sorted(regencies)), presences.c.due_at.is_not(None))
        found: dict[str, list[str]] = {}
        for row in await self._tx.connection.execute(wanted.order_by(presences.c.operator)):
            found.setdefault(row.regency, []).append(row.operator)
        return found

    async def active_calls(
        self, regencies: Collection[str], operators: Collection[str]
    ) -> dict[tuple[str, str], list[UUID]]:
        """The calls that each of these operators has on the line, by regency and operator; the oldest first."""
        c = calls.c
        wanted = (
            select(c.regency, c.answered_by, c.id)
            # A bound value would keep both databases from using the partial index.
            .where(c.state == literal_column("'answered'"), c.regency.in_(sorted(regencies)))
            .where(c.answered_by.in_(sorted(operators)), c.backfilled == false())
            .order_by(c.received_at)
            .limit(ACTIVE_AT_MOST)
        )
        found: dict[tuple[str, str], list[UUID]] = {}
        for row in await self._tx.connection.execute(wanted):
            found.setdefault((row.regency, row.answered_by), []).append(row.id)
        return found

    async def unclassified_calls(self, regency: str, operator: str) -> list[UUID]:
        """The operator's calls of the last 24 hours that ended without a class; the oldest first."""
        c = calls.c
        # Such a call has a deadline for its class: of all answered ones only these are in that index.
        wanted = select(c.id).where(c.due_at.is_not(None), c.regency == regency, c.answered_by == operator)
        ended = wanted.where(c.state == CallState.ENDED.value).order_by(c.received_at).limit(ACTIVE_AT_MOST)
        return list((await self._tx.connection.execute(ended)).scalars())


def forget_presences(_: PacksInForce) -> DeletionSweep:
    """Of operators who have not been heard of for a month, nothing is kept, not even that they signed off."""

    def is_old(now: datetime) -> Any:
        return and_(presences.c.due_at.is_(None), presences.c.heard_at <= now - FORGOTTEN_AFTER)

    return DeletionSweep("presences", presences, is_old)
