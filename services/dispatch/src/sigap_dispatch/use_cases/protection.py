"""Use cases of protected incidents: breaking the glass, seeing who broke it, lifting protection."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.protection import BreakGlass
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.visibility import POLICY


async def break_glass(tx: DispatchTransaction, access: Access, incident_id: UUID, command: BreakGlass) -> Incident:
    """Opens a protected incident for a limited time. To a person who sees it anyway nothing happens. Raises NotFound,
    NotAllowed.
    """
    incident = await tx.incidents.covered(incident_id, access)
    if incident.protected and not POLICY.hides(incident, access, tx.now()):
        return incident
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))
