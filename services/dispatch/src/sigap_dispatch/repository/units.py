"""The rows of units: what each does, and for which incident."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, or_, select, update

from sigap_common.core.aggregate import Aggregate
from sigap_common.database import CompiledStatement, insert, insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain import Forwarding, Incident
from sigap_dispatch.domain.units import UnitState, status
from sigap_dispatch.models import forwardings, incidents
from sigap_dispatch.models import units as t

_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["agency", "callsign"],
        set_={name: _insert.excluded[name] for name in ("status", "since", "incident_id", "forwarding_id")},
        where=or_(t.c.claimed_at.is_(None), t.c.claimed_at <= _insert.excluded.claimed_at),
    ),
    [column.name for column in t.c],
)
"""The row of a unit that was named later for another forwarding stays as it is."""
_FREE = CompiledStatement(
    update(t)
    .where(
        t.c.agency == bindparam("this_agency"),
        t.c.callsign == bindparam("this_callsign"),
        t.c.forwarding_id == bindparam("this_forwarding"),
    )
    .values(status=UnitState.AVAILABLE.value, since=bindparam("this_since"), incident_id=None, forwarding_id=None)
)
_ADD = insert_if_new(t)


@dataclass(frozen=True, slots=True)
class UnitNamed:
    """A unit as its agency named it."""

    agency: str
    callsign: str


class UnitRows:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def agency_of(self, forwarding_id: UUID) -> str | None:
        """The agency of a forwarding."""
        of = select(forwardings.c.agency).where(forwardings.c.id == forwarding_id)
        return (await self._tx.connection.execute(of)).scalar()

    async def busy(self, named: Collection[UnitNamed]) -> list[Row[Any]]:
        """The rows of these units that work for an incident, without a lock."""
        if not named:
            return []
        await self._tx.flush()
        found = select(t).where(_among(named), t.c.incident_id.is_not(None))
        return [row for row in (await self._tx.connection.execute(found)).all() if _of(row) in named]

    async def lock(self, regency: str, named: Collection[UnitNamed]) -> list[Row[Any]]:
        """The rows of these units, locked in the order of their names; those that are new are added. Lock the incidents
        first: who ends a part has its incident before the rows of its units.
        """
        await self._tx.flush()
        fresh = {"regency": regency, "status": UnitState.AVAILABLE.value, "since": self._tx.now()}
        ordered = sorted(named, key=lambda one: (one.agency, one.callsign))
        await self._tx.connection.execute(_ADD, [fresh | asdict(one) for one in ordered])
        locked = select(t).where(_among(named)).order_by(t.c.agency, t.c.callsign).with_for_update()
        return [row for row in (await self._tx.connection.execute(locked)).all() if _of(row) in named]

    async def named_since(self, forwarding_id: UUID, named: Collection[UnitNamed]) -> list[Row[Any]]:
        """The rows of those of these units, busy for the forwarding, that were named later for another one."""
        await self._tx.flush()
        found = select(t).where(_among(named), t.c.forwarding_id.is_distinct_from(forwarding_id))
        return [row for row in (await self._tx.connection.execute(found)).all() if _of(row) in named]

    async def claim(self, named: Collection[UnitNamed], at: datetime) -> None:
        """Records that these units were named at this moment, unless they were named later."""
        older = or_(t.c.claimed_at.is_(None), t.c.claimed_at < at)
        await self._tx.connection.execute(update(t).where(_among(named), older).values(claimed_at=at))

    async def numbers_of(self, incident_ids: Collection[UUID]) -> dict[UUID, str]:
        """The numbers of these incidents."""
        of = select(incidents.c.id, incidents.c.number).where(incidents.c.id.in_(incident_ids))
        found = (await self._tx.connection.execute(of)).all() if incident_ids else []
        return {row.id: row.number for row in found}

    async def of_regency(self, regency: str, agency: str | None) -> Sequence[Row[Any]]:
        """All units of the regency that were ever named, by agency and callsign."""
        of = select(t).where(t.c.regency == regency)
        of = of.where(t.c.agency == agency) if agency else of
        return (await self._tx.connection.execute(of.order_by(t.c.agency, t.c.callsign))).all()


def _among(named: Collection[UnitNamed]) -> Any:
    return t.c.agency.in_({one.agency for one in named}) & t.c.callsign.in_({one.callsign for one in named})


def _of(row: Any) -> UnitNamed:
    return UnitNamed(row.agency, row.callsign)


def keep_units(tx: Transaction[Any], before: Aggregate, after: Incident) -> None:
    """Keeps the rows of the units whose status changed. In a drill or a late entry no unit is really out."""
    if after.drill or after.backfilled:
        return
    known = {f.id: f for f in before.forwardings} if isinstance(before, Incident) else {}
    for forwarding in after.forwardings:
        if forwarding.units and forwarding is not known.get(forwarding.id):
            _keep(tx, known.get(forwarding.id), after, forwarding)


def keep_busy(tx: Transaction[Any], incident: Incident, forwarding: Forwarding) -> None:
    """Writes the rows of the units that the forwarding keeps busy, also if they name another incident now."""
    _keep(tx, None, incident, forwarding)


def _keep(tx: Transaction[Any], before: Forwarding | None, incident: Incident, forwarding: Forwarding) -> None:
    earlier = {unit.callsign: status(before, unit) for unit in before.units} if before else {}
    since = tx.now()
    for unit in forwarding.units:
        now = status(forwarding, unit)
        if earlier.get(unit.callsign, UnitState.AVAILABLE) is now:
            continue
        if now is UnitState.AVAILABLE:
            this = {"this_agency": forwarding.agency, "this_callsign": unit.callsign, "this_forwarding": forwarding.id}
            tx.later(_FREE, [this | {"this_since": since}])
            continue
        row = {"regency": incident.regency, "agency": forwarding.agency, "callsign": unit.callsign}
        on = {"incident_id": incident.id, "forwarding_id": forwarding.id, "claimed_at": unit.claimed_at}
        tx.later(_KEEP, [row | on | {"status": now.value, "since": since}])
