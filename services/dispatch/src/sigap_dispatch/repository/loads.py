"""How busy agencies are: a read model, which is kept as forwardings change."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, literal_column, select, union_all, update

from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.domain.load import RECENT, Acknowledged, Load, changed_waits
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.models import acknowledgements as t
from sigap_dispatch.models import forwardings

_WAITS = CompiledStatement(
    update(forwardings).where(forwardings.c.id == bindparam("this_id")).values(waits_in=bindparam("regency")),
    by="this_id",
)
_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["agency"],
        set_={name: _insert.excluded[name] for name in ("at", "seconds")},
        where=_insert.excluded.at >= t.c.at,
    ),
    [column.name for column in t.c],
)
# Both in one statement: each further one costs a round trip.
_WAITING = (
    select(forwardings.c.agency, func.count().label("waiting"), literal_column("NULL").label("seconds"))
    .where(forwardings.c.waits_in == bindparam("regency"))
    .group_by(forwardings.c.agency)
)
_LAST = select(t.c.agency, literal_column("NULL"), t.c.seconds).where(
    t.c.regency == bindparam("regency"), t.c.at > bindparam("since")
)
_KNOWN = CompiledStatement(select(union_all(_WAITING, _LAST).subquery()))


def keep_waits(tx: Transaction[Any], before: Incident | None, after: Incident) -> None:
    """Notes which forwardings wait for an acknowledgement. To be called after the rows of new forwardings are added."""
    rows = [
        {"this_id": forwarding_id, "regency": after.regency if waits else None}
        for forwarding_id, waits in changed_waits(before, after)
    ]
    tx.later(_WAITS, rows)


def keep_acknowledgements(tx: Transaction[Any], found: Iterable[Acknowledged]) -> None:
    """Keeps the last of each agency. The rows are written in the order of the agencies and at the end of the
    transaction, so that two transactions do not wait for each other.
    """
    last: dict[str, Acknowledged] = {}
    for one in found:
        if one.agency not in last or one.at >= last[one.agency].at:
            last[one.agency] = one
    rows = [
        {"agency": one.agency, "regency": one.agency.partition("/")[0], "at": one.at, "seconds": one.seconds}
        for _, one in sorted(last.items())
    ]
    tx.later(_KEEP, rows)


class Loads:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def of_regency(self, regency: str, now: datetime) -> dict[str, Load]:
        """The agencies of the regency of which anything is known, by `<regency>/<code>`."""
        waiting, seconds = {}, {}
        for row in await _KNOWN.rows(self._tx.connection, {"regency": regency, "since": now - RECENT}):
            if row.waiting is None:
                seconds[row.agency] = row.seconds
            else:
                waiting[row.agency] = row.waiting
        return {one: Load(waiting.get(one, 0), seconds.get(one)) for one in waiting.keys() | seconds.keys()}
