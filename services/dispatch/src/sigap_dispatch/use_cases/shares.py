"""Use cases of shares with another regency."""

from uuid import UUID

from sigap_common.auth import Access, Role
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotFound
from sigap_common.http.listing import Page, PageAsked
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.share import Share
from sigap_dispatch.domain.sharing import (
    AgreeToShare,
    AskForShare,
    EndShare,
    RefuseShare,
    ShareIncident,
    faults_of_share,
    require_share,
)
from sigap_dispatch.listings import SHARED, SharedFilters
from sigap_dispatch.models import shares
from sigap_dispatch.repository import DispatchTransaction
from sigap_dispatch.visibility import POLICY


def works_here(tx: DispatchTransaction, regency: str) -> bool:
    """Whether people of this regency work in this system."""
    return tx.packs.find_in_service(regency) is not None


async def share(tx: DispatchTransaction, access: Access, incident_id: UUID, command: ShareIncident) -> Incident:
    """Shares an incident. Raises Forbidden if it is protected and the token is not a supervisor's; otherwise like
    `domain.sharing.share_incident`.
    """
    incident = await tx.incidents.visible(incident_id, access)
    return _as_owner(tx, access, incident, command)


async def ask(tx: DispatchTransaction, access: Access, owner: str, number: str, command: AskForShare) -> Incident:
    """Asks another regency to share the incident with this number. Raises Invalid, also if there is no such incident,
    and NotAllowed like `domain.sharing.ask_for_share`.
    """
    known = works_here(tx, owner)
    faults = faults_of_share(command.to, owner, "owner", command.until, tx.now(), known=known)
    found = await tx.shares.incident_numbered(owner, number) if known and command.to != owner else None
    if known and command.to != owner and found is None:
        faults.append(Fault(("body", "number"), "share_number_unknown", {}))
    if faults or found is None:
        raise Invalid(errors=faults)
    incident = await tx.incidents.get(found)
    return tx.incidents.record(decide(incident, command, tx.moment(owner, access.subject)))


async def agree(tx: DispatchTransaction, access: Access, command: AgreeToShare) -> Incident:
    """The incident's regency agrees. Raises NotFound if the token does not cover that regency; Forbidden if the
    incident is hidden from the token, or is protected and the token is not a supervisor's; NotAllowed, Invalid.
    """
    incident = await _incident_of(tx, access, command.share_id)
    if POLICY.hides(incident, access, tx.now()):
        raise Forbidden("incident-protected")
    return _as_owner(tx, access, incident, command)


async def refuse(tx: DispatchTransaction, access: Access, command: RefuseShare) -> Incident:
    """The incident's regency refuses. Who refuses need not see the incident. Raises NotFound, NotAllowed."""
    incident = await _incident_of(tx, access, command.share_id)
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def end(tx: DispatchTransaction, access: Access, command: EndShare) -> Incident:
    """Either regency ends a share or a request. It shows nothing, so who ends it need not see the incident. Raises
    NotFound, NotAllowed.
    """
    incident = await _incident_of(tx, access, command.share_id, by_either=True)
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def shown(tx: DispatchTransaction, access: Access, share_id: UUID) -> tuple[Share, Incident]:
    """The share and its incident, if the incident is shown to the token's regencies now. Raises NotFound."""
    row = await tx.shares.find(share_id)
    if row is None or not access.covers(row.to_regency):
        raise NotFound
    incident = await tx.incidents.get(row.incident_id, lock=False)
    found = require_share(incident, share_id)
    if not found.shows(tx.now()):
        raise NotFound
    return found, incident


async def shown_page(
    tx: DispatchTransaction, access: Access, filters: SharedFilters, asked: PageAsked
) -> Page[tuple[Share, Incident]]:
    """A page of what is shown to the token's regencies now, the newest share first."""
    page = await SHARED.page(tx, access, filters, asked, shares.c.until > tx.now())
    incidents = await tx.incidents.unlocked([row.incident_id for row in page.items])
    # A share may have ended, or given way to a newer one, since its row was read.
    pairs = [
        (one, incidents[row.incident_id])
        for row in page.items
        for one in incidents[row.incident_id].shares
        if one.id == row.id and one.shows(tx.now())
    ]
    return Page(pairs, page.next)


def _as_owner(tx: DispatchTransaction, access: Access, incident: Incident, command: Command) -> Incident:
    if incident.protected and not access.may(Role.supervisor):
        raise Forbidden("share-of-protected")
    return tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def _incident_of(tx: DispatchTransaction, access: Access, share_id: UUID, *, by_either: bool = False) -> Incident:
    """The incident of a share, locked. Raises NotFound for a share that is not the token's to decide."""
    row = await tx.shares.find(share_id)
    if row is None or not (access.covers(row.regency) or (by_either and access.covers(row.to_regency))):
        raise NotFound
    return await tx.incidents.get(row.incident_id)
