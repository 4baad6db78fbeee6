"""The people and their steps, out of timelines: without anything personal that was said."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from pydantic_core import from_json
from sqlalchemy import Table, select

from sigap_common.database import Connection

SUBJECTS_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Said:
    """`what` is the event's name, such as CallClassified; `by` is None if the product itself did it."""

    at: datetime
    what: str
    by: str | None
    call_class: str | None


async def said_of(connection: Connection, timeline: Table, subjects: Sequence[UUID]) -> Mapping[UUID, Sequence[Said]]:
    """The events of each of them, in order."""
    found: dict[UUID, list[Said]] = defaultdict(list)
    t = timeline.c
    for first in range(0, len(subjects), SUBJECTS_AT_ONCE):
        some = [str(subject) for subject in subjects[first : first + SUBJECTS_AT_ONCE]]
        statement = select(timeline).where(t.subject.in_(some)).order_by(t.subject, t.sequence)
        for row in await connection.execute(statement):
            event = from_json(row.data)
            said = Said(row.at, row.type.split(".")[1], event.get("by"), event.get("call_class"))
            found[UUID(row.subject)].append(said)
    return found
