"""The rows of shares with other regencies, and what both regencies are told of them."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row, select

from sigap_common.contracts.decision import Decision
from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import About, Transaction
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.sharing import owners_alarms, receivers_news
from sigap_dispatch.models import incidents
from sigap_dispatch.models import shares as t

_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["id"], set_={name: _insert.excluded[name] for name in ("state", "profile", "until")}
    ),
    [column.name for column in t.c],
)


def keep_shares(tx: Transaction[Any], after: Incident, decision: Decision[Incident]) -> None:
    """Keeps the rows of the shares that changed. Tells the other regencies of each change of what they see, by events
    without content, and the incident's own of requests, by alarms.
    """
    before = decision.before.shares if isinstance(decision.before, Incident) else ()
    changed = [share for share in after.shares if share not in before]
    of = {"regency": after.regency, "incident_id": after.id, "drill": after.drill}
    told = ("id", "state", "profile", "until", "began_at")
    rows = [of | {"to_regency": share.to} | {name: getattr(share, name) for name in told} for share in changed]
    tx.later(_KEEP, rows)
    last = decision.events[-1]
    stamp = {"at": last.at, "recorded_at": last.recorded_at}
    for share, news in receivers_news(before, after.shares, stamp, tx.now()):
        # The version only grows, so the newest message of a share is the last one.
        tx.say(About(str(share.id), share.to, after.version, after.drill), [news])
    for alarm in owners_alarms(before, decision.events):
        tx.say_alarm(after.regency, alarm, drill=after.drill)


class ShareRows:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, share_id: UUID) -> Row[Any] | None:
        return (await self._tx.connection.execute(select(t).where(t.c.id == share_id))).first()

    async def incident_numbered(self, regency: str, number: str) -> UUID | None:
        """The regency's incident with this number."""
        of = select(incidents.c.id).where(incidents.c.number == number.strip().upper(), incidents.c.regency == regency)
        return (await self._tx.connection.execute(of)).scalar()
