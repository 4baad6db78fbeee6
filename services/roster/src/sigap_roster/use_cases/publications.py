"""The publications of a roster: who published what, and what each changed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.rosters import RosterPublished
from sigap_common.http.listing import Page, PageAsked
from sigap_roster.domain import Planned, Roster, StaffMember, as_published
from sigap_roster.domain.roster import changes, evolve, plan_of
from sigap_roster.repository import RosterTransaction


@dataclass(frozen=True, slots=True)
class Publication:
    """`added`, `removed`: what it changed in the publication before, each by day and shift."""

    event: RosterPublished
    added: Sequence[Planned]
    removed: Sequence[Planned]


async def list_publications(
    view: RosterTransaction, access: Access, roster_id: UUID, asked: PageAsked
) -> tuple[Page[Publication], Mapping[UUID, StaffMember]]:
    """The newest first, and the staff whom their changes name. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    events, count, following = await view.publications.newest(roster, asked)
    told = [_changing(event, events[at + 1 : at + 2]) for at, event in enumerate(events[:count])]
    named = {one.staff_id for each in told for one in (*each.added, *each.removed)}
    return Page(told, following), await view.staff.some(named)


async def roster_as_of(view: RosterTransaction, access: Access, roster_id: UUID, publication: int) -> Roster:
    """The roster as it was published then. Raises NotFound."""
    roster = await view.rosters.visible(roster_id, access, lock=False)
    return as_published(evolve(roster, await view.publications.number(roster, publication)))


def _changing(event: RosterPublished, before: Sequence[RosterPublished]) -> Publication:
    """`before`: the publication before; empty: it is the first."""
    known = plan_of(told for earlier in before for told in earlier.assignments)
    return Publication(event, *changes(known, plan_of(event.assignments)))
