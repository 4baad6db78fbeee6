"""Timelines: all events of one aggregate, in order, as the token may see them."""

from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import Row, select

from sigap_common.auth import Access
from sigap_common.contracts.event_view import read_event
from sigap_common.core.aggregate import Aggregate
from sigap_common.http.listing import Page, PageAsked
from sigap_common.http.paging import Keyset
from sigap_common.http.timeline_words import TimelineWords
from sigap_common.messaging.aggregates import Aggregates
from sigap_common.messaging.visibility import Policy
from sigap_common.personal_data import SealContext


class TimelineEntryOut(BaseModel):
    """An entry of a timeline; a service derives its own, with an example."""

    sequence: int
    type: str
    event: dict[str, Any] = Field(description="The event's fields; personal data is null if the token may not see it")
    in_words: dict[str, str] = Field(
        description="The same as sentences, by language: id, en; without personal data if the token may not see it"
    )


async def page(
    aggregates: Aggregates[Any],
    one: Aggregate,
    access: Access,
    asked: PageAsked,
    words: TimelineWords,
    *,
    by_moment: bool = False,
    policy: Policy | None = None,
) -> Page[dict[str, Any]]:
    """A page of the events of `one`, as the fields of a TimelineEntryOut. `policy` decides whether personal data is
    shown, in the sentences too; None: the aggregates' own.

    `by_moment`: in the order in which they happened. They are recorded in another order if some are reported late.
    """
    tx, kind = aggregates.tx, aggregates.kind
    decides = policy or kind.policy
    entries = kind.timeline
    order = Keyset(entries.c.at, entries.c.sequence) if by_moment else Keyset(entries.c.sequence)
    statement = order.page(select(entries).where(entries.c.subject == str(one.id)), asked.cursor, asked.limit)
    rows, following = order.cut((await tx.connection.execute(statement)).all(), asked.limit)
    seal = SealContext(tx.ring, str(one.id))

    def entry(row: Row[Any]) -> dict[str, Any]:
        event = decides.view(read_event(row.type, row.data, seal), access)
        return {
            "sequence": row.sequence,
            "type": row.type,
            "event": event,
            "in_words": words.of(row.type, event, one.regency, tx.packs),
        }

    return Page(rows, following).map(entry)
