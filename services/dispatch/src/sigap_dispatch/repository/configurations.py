"""Regencies' packs, all their versions, and what the services answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from sigap_common.contracts.regencies import RegencyApplied, RegencyRefused
from sigap_common.database import insert, insert_if_new
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import configurations as t
from sigap_dispatch.models import packs, regency_answers


@dataclass(frozen=True, slots=True)
class Configuration:
    """The version of a pack that is in force."""

    code: str
    version: int
    prefix: str
    name: str
    time_zone: str
    digest: str
    configured_at: datetime


@dataclass(frozen=True, slots=True)
class ServiceAnswer:
    service: str
    version: int
    applied: bool
    complaints: list[dict[str, str]]
    answered_at: datetime


@dataclass(frozen=True, slots=True)
class PackVersion:
    """One version of a regency's pack; it was in force from `configured_at` until the next one came."""

    version: int
    configured_at: datetime
    configured_by: str | None


class Configurations:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, code: str, *, lock: bool = False) -> Configuration | None:
        statement = select(t).where(t.c.code == code)
        row = (await self._tx.connection.execute(statement.with_for_update() if lock else statement)).first()
        return configuration_of(row) if row else None

    async def pack(self, code: str, version: int) -> str:
        """The pack's document as JSON."""
        statement = select(packs.c.pack).where(packs.c.code == code, packs.c.version == version)
        document: str = (await self._tx.connection.execute(statement)).scalar_one()
        return document

    async def version(self, code: str, version: int) -> tuple[PackVersion, str] | None:
        """One version and its document as JSON; None if there never was one."""
        statement = select(packs).where(packs.c.code == code, packs.c.version == version)
        row = (await self._tx.connection.execute(statement)).first()
        return (pack_version_of(row), row.pack) if row else None

    async def owner_of(self, prefix: str) -> str | None:
        """The regency whose numbers begin so."""
        statement = select(t.c.code).where(t.c.prefix == prefix)
        return (await self._tx.connection.execute(statement)).scalar_one_or_none()

    async def keep(self, new: Configuration, document: str, by: str | None) -> bool:
        """Stores a new version; False if another request took the code or the prefix at the same moment."""
        row = {name: getattr(new, name) for name in Configuration.__dataclass_fields__}
        before = (t.c.code == new.code, t.c.version == new.version - 1)
        statement = insert_if_new(t).values(row) if new.version == 1 else update(t).where(*before).values(row)
        if not (await self._tx.connection.execute(statement)).rowcount:
            return False
        version = {"code": new.code, "version": new.version, "pack": document}
        version |= {"configured_at": new.configured_at, "configured_by": by}
        await self._tx.connection.execute(insert(packs).values(version))
        return True

    async def answers(self, codes: Sequence[str]) -> dict[str, list[ServiceAnswer]]:
        """What the services answered last, by regency, for all these at once."""
        statement = select(regency_answers).where(regency_answers.c.code.in_(codes))
        found: dict[str, list[ServiceAnswer]] = {code: [] for code in codes}
        for row in await self._tx.connection.execute(statement.order_by(regency_answers.c.service)):
            answer = ServiceAnswer(row.service, row.version, row.applied, row.complaints, row.answered_at)
            found[row.code].append(answer)
        return found

    async def keep_answers(self, heard: Sequence[ReceivedEvent]) -> None:
        """The newest answer of each regency and service: one statement for a batch of any size."""
        rows = {(row["code"], row["service"]): row for row in map(_answer, heard)}
        statement = insert(regency_answers).values(list(rows.values()))
        new = {name: statement.excluded[name] for name in ("version", "applied", "complaints", "answered_at")}
        newer = regency_answers.c.version <= statement.excluded.version
        keys = [regency_answers.c.code, regency_answers.c.service]
        await self._tx.connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=new, where=newer))


def pack_version_of(row: Row[Any]) -> PackVersion:
    return PackVersion(row.version, row.configured_at, row.configured_by)


def configuration_of(row: Row[Any]) -> Configuration:
    return Configuration(**{name: getattr(row, name) for name in Configuration.__dataclass_fields__})


def _answer(heard: ReceivedEvent) -> dict[str, Any]:
    event: RegencyApplied | RegencyRefused = heard.event
    complaints = event.complaints if isinstance(event, RegencyRefused) else ()
    return {
        "code": heard.envelope.regency,
        "service": event.service,
        "version": event.version,
        "applied": isinstance(event, RegencyApplied),
        "complaints": [complaint.model_dump() for complaint in complaints],
        "answered_at": event.at,
    }
