"""Notes that people write on incidents."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_common.contracts.notes import IncidentNote
from sigap_common.http.listing import Page, PageAsked
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.notes import WriteNote
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.repository.notes import notes_page
from sigap_dispatch.use_cases.incidents import check_late


async def write(tx: DispatchTransaction, access: Access, incident_id: UUID, command: WriteNote) -> Incident:
    """Adds a note to an incident. The author does not become responsible for it. Raises NotFound, NotAllowed, Invalid;
    RoleMissing if a late entry is made by others than its leaders.
    """
    incident = await tx.incidents.visible(incident_id, access)
    check_late(access, incident, is_late=command.at is not None)
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def page(
    view: DispatchTransaction, access: Access, incident_id: UUID, asked: PageAsked, *, newest_first: bool
) -> Page[tuple[IncidentNote, bool]]:
    """Raises NotFound; Forbidden if the incident is hidden from the token's owner."""
    incident = await view.incidents.visible(incident_id, access, lock=False)
    return await notes_page(view, incident.id, asked, newest_first=newest_first)
