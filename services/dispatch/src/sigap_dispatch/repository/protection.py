"""All SQL about who sees a protected incident. It says what `Need.covers` says, for lists: change both."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, exists, false, or_, select, true

from sigap_common.auth import Access, Role
from sigap_common.contracts.need import Need
from sigap_common.database import CompiledStatement, insert
from sigap_common.messaging.transaction import Transaction
from sigap_dispatch.models import incident_people as people
from sigap_dispatch.models import incidents

_insert = insert(people)
_KEEP = CompiledStatement(
    _insert.on_conflict_do_update(index_elements=["incident_id", "subject"], set_={"until": _insert.excluded["until"]}),
    [column.name for column in people.c],
)


def concerns(access: Access, now: datetime) -> ColumnElement[bool]:
    """The incidents that are not hidden from the token, among those of its regencies."""
    if access.may(Role.supervisor):
        return true()
    is_one_of = exists().where(
        people.c.incident_id == incidents.c.id,
        people.c.subject == access.subject,
        or_(people.c.until.is_(None), people.c.until > now),
    )
    waits = incidents.c.for_dispatchers if access.may(Role.dispatcher) else false()
    return or_(incidents.c.protected == false(), waits, is_one_of)


async def hidden_among(tx: Transaction[Any], access: Access, incident_ids: Collection[UUID]) -> frozenset[UUID]:
    """Those of these incidents that are hidden from the token, for at most a page of them."""
    if not incident_ids or access.may(Role.supervisor):
        return frozenset()
    hidden = select(incidents.c.id).where(
        incidents.c.id.in_(incident_ids), incidents.c.protected, ~concerns(access, tx.now())
    )
    return frozenset((await tx.connection.execute(hidden)).scalars())


async def hidden_numbers(tx: Transaction[Any], access: Access, numbers: Collection[str]) -> frozenset[str]:
    """Those of these numbers whose incident is hidden from the token, for at most a page of a timeline."""
    if not numbers or access.may(Role.supervisor):
        return frozenset()
    hidden = select(incidents.c.number).where(
        incidents.c.number.in_(numbers), incidents.c.protected, ~concerns(access, tx.now())
    )
    return frozenset((await tx.connection.execute(hidden)).scalars())


async def is_protected_incident(tx: Transaction[Any], incident_id: UUID) -> bool:
    found = select(incidents.c.protected).where(incidents.c.id == incident_id)
    return bool((await tx.connection.execute(found)).scalar())


def keep_need(tx: Transaction[Any], incident_id: UUID, before: Need | None, after: Need | None) -> None:
    """Stores whose need began or lasts longer than before."""
    known = before.ends() if before else {}
    ends = after.ends() if after else {}
    new = {subject: until for subject, until in ends.items() if subject not in known or known[subject] != until}
    tx.later(_KEEP, [{"incident_id": incident_id, "subject": one, "until": until} for one, until in new.items()])
