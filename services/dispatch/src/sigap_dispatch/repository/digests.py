"""The daily digests of the audit chains."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import func, select

from sigap_common.database import insert_if_new
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency import Pack
from sigap_dispatch.models import audit_digests, audited


class Digests:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def first_day_without(self, pack: Pack) -> date | None:
        """The regency's first day that has no digest yet; None: nothing is sealed."""
        t, blocks = audit_digests, audited.tables.blocks
        last = await self._tx.connection.scalar(select(func.max(t.c.day)).where(t.c.regency == pack.code))
        if last is not None:
            return date.fromisoformat(last) + timedelta(days=1)
        of_first = select(blocks.c.sealed_at).where(blocks.c.regency == pack.code, blocks.c.number == 1)
        began: datetime | None = await self._tx.connection.scalar(of_first)
        return pack.local_day(began) if began else None

    async def end_before(self, regency: str, moment: datetime) -> Any | None:
        """The last block (`number`, `digest`) that was sealed before this moment."""
        t = audited.tables.blocks
        before = select(t.c.number, t.c.digest).where(t.c.regency == regency, t.c.sealed_at < moment)
        found = await self._tx.connection.execute(before.order_by(t.c.number.desc()).limit(1))
        return next(iter(found), None)

    async def add(self, regency: str, day: date, block: int, digest: str) -> bool:
        """False if the day has a digest already: two replicas may do the same for a moment."""
        row = {"regency": regency, "day": day.isoformat(), "block": block, "digest": digest}
        new = insert_if_new(audit_digests).values(row | {"published_at": self._tx.now()})
        return (await self._tx.connection.execute(new)).rowcount == 1
