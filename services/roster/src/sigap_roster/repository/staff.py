"""The stored entries of people."""

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, false, insert, or_, update
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from sigap_common.auth import Access
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotFound
from sigap_common.database import CompiledStatement
from sigap_common.database.table_models import read_all, read_one
from sigap_common.messaging.retention import AT_ONCE
from sigap_common.messaging.transaction import Transaction
from sigap_roster.domain import StaffMember
from sigap_roster.models import StaffRow, staff
from sigap_roster.visibility import POLICY

_NAMES = tuple(StaffRow.model_fields)
_ADD = CompiledStatement(insert(staff), _NAMES)
_REPLACE = CompiledStatement(
    update(staff)
    .where(staff.c.id == bindparam("this_id"))
    .values({name: bindparam(f"new_{name}") for name in _NAMES if name != "id"}),
    by="this_id",
)


class Staff:
    """Entries of people. They have no events: an entry is replaced as a whole."""

    def __init__(self, tx: Transaction[Any]) -> None:
        self._tx = tx

    async def get(self, staff_id: UUID, *, lock: bool = True) -> StaffMember:
        """The person's entry, locked until the transaction ends unless `lock` is false. Raises NotFound."""
        statement = select(StaffRow).where(col(StaffRow.id) == staff_id)
        row = await read_one(self._tx.connection, statement.with_for_update() if lock else statement)
        if row is None:
            raise NotFound
        return self.of_row(row)

    async def visible(self, staff_id: UUID, access: Access, *, lock: bool = True) -> StaffMember:
        """The same as `get`, but raises NotFound also if the token may not see the entry."""
        found = await self.get(staff_id, lock=lock)
        if not POLICY.sees(access, found):
            raise NotFound
        return found

    async def of_regency(self, regency: str) -> dict[UUID, StaffMember]:
        return await self._all(select(StaffRow).where(col(StaffRow.regency) == regency))

    async def locked(self, regency: str, ids: Collection[UUID]) -> dict[UUID, StaffMember]:
        """The entries of those people who belong to the regency. They are locked, so that until the transaction ends
        nobody plans them in another roster or changes their entries.
        """
        chosen = select(StaffRow).where(col(StaffRow.regency) == regency, col(StaffRow.id).in_(ids))
        return await self._all(chosen.order_by(col(StaffRow.id)).with_for_update())

    async def with_any(
        self, regency: str, numbers: Collection[str], subjects: Collection[str]
    ) -> dict[UUID, StaffMember]:
        """The people of the regency who have one of these hashes of numbers, or one of these subjects; locked."""
        one_of = or_(col(StaffRow.number_hash).in_(numbers), col(StaffRow.subject).in_(subjects))
        chosen = select(StaffRow).where(col(StaffRow.regency) == regency, one_of)
        return await self._all(chosen.order_by(col(StaffRow.id)).with_for_update())

    async def of_subject(self, regency: str, subject: str) -> StaffMember | None:
        """The person of the regency whose token this is; None: it is nobody's."""
        chosen = select(StaffRow).where(col(StaffRow.regency) == regency, col(StaffRow.subject) == subject)
        return next(iter((await self._all(chosen)).values()), None)

    async def some(self, ids: Collection[UUID]) -> dict[UUID, StaffMember]:
        return await self._all(select(StaffRow).where(col(StaffRow.id).in_(ids)))

    async def same_as(self, member: StaffMember) -> StaffMember | None:
        """Another person of the regency with the same subject or number; None if there is none."""
        told = {col(StaffRow.subject): member.subject, col(StaffRow.number_hash): member.number_hash}
        same = or_(false(), *(column == value for column, value in told.items() if value is not None))
        other = select(StaffRow).where(col(StaffRow.regency) == member.regency, col(StaffRow.id) != member.id, same)
        return next(iter((await self._all(other.limit(1))).values()), None)

    def keep(self, before: Aggregate, member: StaffMember) -> StaffMember:
        """Saves the entry at the end of the transaction, if it has changed. An entry of version 0 is new.

        If another transaction takes the subject or the number meanwhile, the end of this one raises NotUnique.
        """
        if before == member:
            return member
        member = member.model_copy(update={"version": before.version + 1})
        values = self._row(member).values()
        if before.version:
            changed = {"this_id": member.id} | {f"new_{name}": values[name] for name in _NAMES if name != "id"}
            self._tx.later(_REPLACE, [changed])
        else:
            self._tx.later(_ADD, [values])
        return member

    def of_row(self, row: Any) -> StaffMember:
        """The entry in a row. `row`: a StaffRow, or a row of that table from a list."""
        return StaffMember.model_validate_json(row.document, context=self._tx.seal_context(str(row.id)))

    def _row(self, member: StaffMember) -> StaffRow:
        return StaffRow(
            id=member.id,
            regency=member.regency,
            version=member.version,
            document=member.model_dump_json(context=self._tx.seal_context(str(member.id))),
            active=member.active,
            subject=member.subject,
            number_hash=member.number_hash,
            erase_at=AT_ONCE,
        )

    async def _all(self, statement: SelectOfScalar[StaffRow]) -> dict[UUID, StaffMember]:
        return {row.id: self.of_row(row) for row in await read_all(self._tx.connection, statement)}
