"""Reopening a closed incident, together with an open one that turned out to be the same event."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_common.core.errors import Fault, Invalid
from sigap_common.http.etags import Expected
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.lifecycle import Reopen
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.use_cases import duplicates, incidents


async def reopen(
    tx: DispatchTransaction, access: Access, incident_id: UUID, command: Reopen, other: UUID | None, expected: Expected
) -> Incident:
    """The reopened incident, into which `other` is merged in the same step. Raises like `incidents.order` and
    `duplicates.merge`; then neither of them changes.
    """
    if other is None:
        return await incidents.order(tx, access, incident_id, command, expected)
    if other == incident_id:
        raise Invalid(errors=[Fault(("body", "other"), "merge_with_itself", {})])
    # Both are locked first, as a merger locks them: otherwise the two would wait for each other.
    await duplicates.both(tx, access, incident_id, other, *await tx.transfers.awaiting(other))
    await incidents.order(tx, access, incident_id, command, expected)
    await duplicates.merge(tx, access, other, incident_id)
    return await tx.incidents.get(incident_id)
