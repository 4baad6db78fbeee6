"""Regencies' packs, all their versions, and what the services answered."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from sigap_common.contracts.regencies import RegencyApplied, RegencyRefused
from sigap_common.database import insert, insert_if_new
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import Configuration, ServiceAnswer, StoredPack


class Configurations:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, code: str, *, lock: bool = False) -> Configuration | None:
        statement = select(Configuration).where(col(Configuration.code) == code)
        return await read_one(self._tx.connection, statement.with_for_update() if lock else statement)

    async def pack(self, code: str, version: int) -> str:
        """The pack's document as JSON."""
        statement = select(StoredPack.pack).where(col(StoredPack.code) == code, col(StoredPack.version) == version)
        document: str = (await self._tx.connection.execute(statement)).scalar_one()
        return document

    async def version(self, code: str, version: int) -> StoredPack | None:
        """One version with its document; None if there never was one."""
        statement = select(StoredPack).where(col(StoredPack.code) == code, col(StoredPack.version) == version)
        return await read_one(self._tx.connection, statement)

    async def owner_of(self, prefix: str) -> str | None:
        """The regency whose numbers begin so."""
        statement = select(Configuration.code).where(col(Configuration.prefix) == prefix)
        return (await self._tx.connection.execute(statement)).scalar_one_or_none()

    async def keep(self, new: Configuration, document: str, by: str | None) -> bool:
        """Stores a new version; False if another request took the code or the prefix at the same moment."""
        before = (col(Configuration.code) == new.code, col(Configuration.version) == new.version - 1)
        added, changed = insert_if_new(Configuration.table()), update(Configuration).where(*before)
        statement = (added if new.version == 1 else changed).values(new.values())
        if not (await self._tx.connection.execute(statement)).rowcount:
            return False
        pack = StoredPack(
            code=new.code, version=new.version, pack=document, configured_at=new.configured_at, configured_by=by
        )
        await self._tx.connection.execute(insert(StoredPack.table()).values(pack.values()))
        return True

    async def answers(self, codes: Sequence[str]) -> dict[str, list[ServiceAnswer]]:
        """What the services answered last, by regency, for all these at once."""
        wanted = select(ServiceAnswer).where(col(ServiceAnswer.code).in_(codes)).order_by(col(ServiceAnswer.service))
        found: dict[str, list[ServiceAnswer]] = {code: [] for code in codes}
        for answer in await read_all(self._tx.connection, wanted):
            found[answer.code].append(answer)
        return found

    async def keep_answers(self, heard: Sequence[ReceivedEvent]) -> None:
        """The newest answer of each regency and service: one statement for a batch of any size."""
        newest = {(answer.code, answer.service): answer for answer in map(_answer, heard)}
        statement = insert(ServiceAnswer.table()).values([answer.values() for answer in newest.values()])
        new = {name: statement.excluded[name] for name in ("version", "applied", "complaints", "answered_at")}
        newer = col(ServiceAnswer.version) <= statement.excluded.version
        keys = ["code", "service"]
        await self._tx.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new, where=newer))


def _answer(heard: ReceivedEvent) -> ServiceAnswer:
    event: RegencyApplied | RegencyRefused = heard.event
    complaints = event.complaints if isinstance(event, RegencyRefused) else ()
    return ServiceAnswer(
        code=heard.envelope.regency,
        service=event.service,
        version=event.version,
        applied=isinstance(event, RegencyApplied),
        complaints=[complaint.model_dump() for complaint in complaints],
        answered_at=event.at,
    )
