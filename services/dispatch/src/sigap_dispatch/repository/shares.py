"""The rows of shares with other regencies, and what both regencies are told of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, select, update

from sigap_common.contracts.decision import Decision
from sigap_common.contracts.shares import ShareChanged
from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import About, Transaction
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.share import Share
from sigap_dispatch.domain.sharing import alarms_of_request, owners_alarms, receivers_news
from sigap_dispatch.models import incidents
from sigap_dispatch.models import shares as t
from sigap_dispatch.repository.numbers import is_drill_number

_insert = insert(t)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["id"], set_={name: _insert.excluded[name] for name in ("state", "profile", "until")}
    ),
    ["id", "regency", "incident_id", "drill", "to_regency", "state", "profile", "until", "began_at"],
)
_KEEP_REQUEST = CompiledStatement(
    _insert.on_conflict_do_update(
        index_elements=["id"], set_={name: _insert.excluded[name] for name in ("state", "document", "due_at")}
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

    async def request_for_nothing(self, owner: str, to: str, number: str) -> Share | None:
        """The newest request for an incident with this number, which does not exist."""
        of = select(t).where(t.c.regency == owner, t.c.to_regency == to, t.c.number == number)
        row = (await self._tx.connection.execute(of.order_by(t.c.began_at.desc()).limit(1))).first()
        return self.request_of(row) if row else None

    def request_of(self, row: Row[Any]) -> Share | None:
        """The request of a row with a number; None if its words are erased."""
        context = self._tx.seal_context(str(row.id))
        return Share.model_validate_json(row.document, context=context) if row.document else None

    def keep_request(self, owner: str, number: str, request: Share, due_at: datetime) -> None:
        """Keeps a request for an incident that does not exist, and tells both regencies what they would be told of any
        other one.
        """
        told = {name: getattr(request, name) for name in ("id", "state", "profile", "until", "began_at")}
        document = request.model_dump_json(context=self._tx.seal_context(str(request.id)))
        drill = is_drill_number(number)
        of = {"regency": owner, "to_regency": request.to, "incident_id": request.id, "drill": drill}
        kept = {"number": number, "document": document, "due_at": due_at}
        self._tx.later(_KEEP_REQUEST, [of | told | kept])
        stamp = {"at": self._tx.now(), "recorded_at": self._tx.now()}
        sequence = 1 if request.goes_on else 2
        news = ShareChanged(**stamp, ended=not request.goes_on)
        self._tx.say(About(str(request.id), request.to, sequence, drill), [news])
        for alarm in alarms_of_request(request, stamp):
            self._tx.say_alarm(owner, alarm, drill=drill)

    async def erase_request(self, share_id: UUID) -> None:
        over = update(t).where(t.c.id == share_id).values(document=None, due_at=None)
        await self._tx.connection.execute(over)

    async def incident_numbered(self, regency: str, number: str) -> UUID | None:
        """The regency's incident with this number."""
        of = select(incidents.c.id).where(incidents.c.number == number.strip().upper(), incidents.c.regency == regency)
        return (await self._tx.connection.execute(of)).scalar()
