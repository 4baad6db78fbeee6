"""The packs of regencies with all their versions, and the services' answers to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import update
from sqlmodel import col, select

from sigap_common.contracts.regencies import RegencyApplied, RegencyRefused
from sigap_common.database import insert, insert_if_new
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.messaging.transaction import Transaction
from sigap_common.regency.by_section import SectionText
from sigap_dispatch.models import Configuration, ServiceAnswer, StoredPack, StoredSection


class Configurations:
    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def find(self, code: str, *, lock: bool = False) -> Configuration | None:
        statement = select(Configuration).where(col(Configuration.code) == code)
        return await read_one(self._tx.connection, statement.with_for_update() if lock else statement)

    async def pack(self, code: str, version: int) -> list[str]:
        """The contents of a version's sections, as JSON. Raises LookupError if the version does not exist."""
        found = await self.version(code, version)
        if found is None:
            raise LookupError(f"{code} has no version {version}")
        return found[1]

    async def version(self, code: str, version: int) -> tuple[StoredPack, list[str]] | None:
        """A version, and the contents of its sections as JSON; None if the version does not exist."""
        statement = select(StoredPack).where(col(StoredPack.code) == code, col(StoredPack.version) == version)
        found = await read_one(self._tx.connection, statement)
        if found is None:
            return None
        digests = list(found.sections.values())
        wanted = select(StoredSection).where(col(StoredSection.code) == code, col(StoredSection.digest).in_(digests))
        stored = await read_all(self._tx.connection, wanted)
        return found, [one.content for one in stored if found.sections.get(one.section) == one.digest]

    async def sections(self, code: str, version: int) -> dict[str, str]:
        """The digests of a version's sections by name. A section that is absent has its default in every key."""
        statement = select(StoredPack.sections).where(col(StoredPack.code) == code, col(StoredPack.version) == version)
        digests: dict[str, str] = (await self._tx.connection.execute(statement)).scalar_one()
        return digests

    async def owner_of(self, prefix: str) -> str | None:
        """The regency whose incident numbers begin with this prefix."""
        statement = select(Configuration.code).where(col(Configuration.prefix) == prefix)
        return (await self._tx.connection.execute(statement)).scalar_one_or_none()

    async def keep(self, new: Configuration, sections: Mapping[str, SectionText], by: str | None) -> bool:
        """Stores a new version, and those of its sections whose content is not stored yet.

        False if another request took the code or the prefix at the same moment.
        """
        before = (col(Configuration.code) == new.code, col(Configuration.version) == new.version - 1)
        added, changed = insert_if_new(Configuration.table()), update(Configuration).where(*before)
        statement = (added if new.version == 1 else changed).values(new.values())
        if not (await self._tx.connection.execute(statement)).rowcount:
            return False
        pack = StoredPack(
            code=new.code,
            version=new.version,
            sections={name: text.digest for name, text in sections.items()},
            configured_at=new.configured_at,
            configured_by=by,
        )
        await self._tx.connection.execute(insert(StoredPack.table()).values(pack.values()))
        contents = [
            {"code": new.code, "section": text.name, "digest": text.digest, "content": text.content}
            for text in sections.values()
        ]
        await self._tx.connection.execute(insert_if_new(StoredSection.table()), contents)
        return True

    async def answers(self, codes: Sequence[str]) -> dict[str, list[ServiceAnswer]]:
        """The latest answer of each service for each of these regencies, by regency."""
        wanted = select(ServiceAnswer).where(col(ServiceAnswer.code).in_(codes)).order_by(col(ServiceAnswer.service))
        found: dict[str, list[ServiceAnswer]] = {code: [] for code in codes}
        for answer in await read_all(self._tx.connection, wanted):
            found[answer.code].append(answer)
        return found

    async def keep_answers(self, heard: Sequence[ReceivedEvent]) -> None:
        """Stores the newest answer for each regency and service. It needs one statement for a batch of any size."""
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
