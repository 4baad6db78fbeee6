"""The HTTP schemas of locked cells."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import Code
from sigap_roster import examples
from sigap_roster.domain import Breach, Circumstances
from sigap_roster.domain.locks import Lock
from sigap_roster.models import LockRow
from sigap_roster.repository.locks import lock_of
from sigap_roster.schemas.breaches import BreachOut
from sigap_roster.schemas.shared import Day, name_of


class LockCell(Body):
    model_config = like(examples.LOCK_CELL)

    staff_id: UUID
    day: Day = Field(description="The one on which the shift starts")
    shift: Code | None = Field(default=None, description="The person is on this shift; null: free on that day")

    def lock(self) -> Lock:
        return Lock(self.staff_id, self.day, self.shift)


class LockOut(BaseModel):
    model_config = like(examples.LOCK)

    id: UUID
    roster_id: UUID
    staff_id: UUID
    name: str | None = Field(description="null: the person is not among the staff any more")
    day: date
    shift: str | None = Field(description="null: the person is free on that day")
    holds: bool = Field(
        description="Whether the solver keeps it: not while the person is on leave or not active, or if the pack has "
        "the shift no more"
    )
    locked_by: str
    locked_at: datetime

    @classmethod
    def of(cls, row: LockRow, around: Circumstances) -> Self:
        told = {name: getattr(row, name) for name in LockOut.model_fields if name not in ("name", "holds")}
        return cls(**told, name=name_of(row.staff_id, around.people), holds=around.holds(lock_of(row)))


class LockedOut(LockOut):
    model_config = like(examples.LOCKED)

    breaks: list[BreachOut] = Field(
        default=[], description="Hard rules that it breaks with what else is locked; index is null"
    )

    def with_breaches(self, found: Iterable[Breach]) -> Self:
        return self.model_copy(update={"breaks": _shown(found)})


class LockList(BaseModel):
    model_config = like(examples.LOCKS)

    items: list[LockOut] = Field(description="By day")
    next: None = None
    breaks: list[BreachOut] = Field(description="Hard rules that the locked cells break together; index is null")

    @classmethod
    def of(cls, rows: Sequence[LockRow], around: Circumstances, found: Iterable[Breach]) -> Self:
        return cls(items=[LockOut.of(row, around) for row in rows], breaks=_shown(found))


def _shown(found: Iterable[Breach]) -> list[BreachOut]:
    return [BreachOut.of(replace(breach, index=None)) for breach in found]
