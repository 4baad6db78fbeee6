"""Regencies' packs, all their versions, and what the services answered."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select, update

from sigap_common.contracts.regencies import RegencyApplied, RegencyRefused
from sigap_common.database import insert, insert_if_new
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.by_section import SectionText, document_of
from sigap_dispatch.models import configurations as t
from sigap_dispatch.models import pack_sections, packs, regency_answers


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
    by_section: bool = True
    """Whether each of its sections was published by itself."""


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

    async def pack(self, code: str, version: int) -> dict[str, Any]:
        """The pack's document. Raises LookupError for a version that there never was."""
        found = await self.version(code, version)
        if found is None:
            raise LookupError(f"{code} has no version {version}")
        return found[1]

    async def version(self, code: str, version: int) -> tuple[PackVersion, dict[str, Any]] | None:
        """One version and its document; None if there never was one."""
        statement = select(packs).where(packs.c.code == code, packs.c.version == version)
        row = (await self._tx.connection.execute(statement)).first()
        if row is None:
            return None
        s = pack_sections
        wanted = select(s.c.section, s.c.digest, s.c.content).where(s.c.code == code)
        wanted = wanted.where(s.c.digest.in_(list(row.sections.values())))
        stored = (await self._tx.connection.execute(wanted)).all()
        contents = (json.loads(one.content) for one in stored if row.sections.get(one.section) == one.digest)
        return pack_version_of(row), document_of(contents)

    async def sections(self, code: str, version: int) -> dict[str, str]:
        """The digests of a version's sections by name; one that is absent has its defaults in every key."""
        statement = select(packs.c.sections).where(packs.c.code == code, packs.c.version == version)
        digests: dict[str, str] = (await self._tx.connection.execute(statement)).scalar_one()
        return digests

    async def owner_of(self, prefix: str) -> str | None:
        """The regency whose numbers begin so."""
        statement = select(t.c.code).where(t.c.prefix == prefix)
        return (await self._tx.connection.execute(statement)).scalar_one_or_none()

    async def keep(self, new: Configuration, sections: Mapping[str, SectionText], by: str | None) -> bool:
        """Stores a new version, of its sections those whose content the regency never had.

        False if another request took the code or the prefix at the same moment.
        """
        row = {name: getattr(new, name) for name in Configuration.__dataclass_fields__}
        before = (t.c.code == new.code, t.c.version == new.version - 1)
        statement = insert_if_new(t).values(row) if new.version == 1 else update(t).where(*before).values(row)
        if not (await self._tx.connection.execute(statement)).rowcount:
            return False
        version = {"code": new.code, "version": new.version, "configured_at": new.configured_at, "configured_by": by}
        digests = {name: text.digest for name, text in sections.items()}
        await self._tx.connection.execute(insert(packs).values(version | {"sections": digests}))
        contents = [
            {"code": new.code, "section": text.name, "digest": text.digest, "content": text.content}
            for text in sections.values()
        ]
        await self._tx.connection.execute(insert_if_new(pack_sections), contents)
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
