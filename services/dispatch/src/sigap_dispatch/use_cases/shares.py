"""Use cases of shares with another regency."""

from typing import Any
from uuid import UUID

from sqlalchemy import Row

from sigap_common.auth import Access, Role
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotAllowed, NotFound
from sigap_common.http.listing import Page, PageAsked
from sigap_dispatch.domain import Incident, decide
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.share import Share, ShareState
from sigap_dispatch.domain.sharing import (
    LONGEST,
    AgreeToShare,
    AskForShare,
    EndShare,
    RefuseShare,
    ShareIncident,
    ended_request,
    faults_of_share,
    request_for_nothing,
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


async def ask(tx: DispatchTransaction, access: Access, owner: str, number: str, command: AskForShare) -> UUID:
    """Asks another regency to share the incident with this number. Returns the id of the request. Nobody learns by
    asking whether there is such an incident: then the request is kept all the same, and the asked regency answers.
    Raises Invalid, and NotAllowed like `domain.sharing.ask_for_share`.
    """
    known = works_here(tx, owner)
    faults = faults_of_share(command.to, owner, "owner", command.until, tx.now(), known=known)
    if faults:
        raise Invalid(errors=faults)
    found = await tx.shares.incident_numbered(owner, number)
    incident = await tx.incidents.get(found) if found else None
    if incident is None or incident.backfilled:
        return await _ask_for_nothing(tx, owner, number.strip().upper(), command)
    after = tx.incidents.record(decide(incident, command, tx.moment(owner, access.subject)))
    return next(share.id for share in after.shares if share.to == command.to)


async def _ask_for_nothing(tx: DispatchTransaction, owner: str, number: str, command: AskForShare) -> UUID:
    known = await tx.shares.request_for_nothing(owner, command.to, number)
    if known and known.goes_on and not known.is_over(tx.now()):
        raise NotAllowed("share-goes-on", state=known.state, to=command.to)
    request = request_for_nothing(command, tx.new_id(), tx.now())
    tx.shares.keep_request(owner, number, request, request.until)
    return request.id


async def lapse_request(tx: DispatchTransaction, share_id: UUID) -> None:
    """The time of a request for an incident that does not exist is over, or that of keeping its words."""
    row = await tx.shares.find(share_id)
    request = tx.shares.request_of(row) if row else None
    if row is None or request is None or row.due_at is None or row.due_at > tx.now():
        return
    if request.goes_on:
        _end_request(tx, row, request.model_copy(update={"state": ShareState.EXPIRED}))
    else:
        await tx.shares.erase_request(share_id)


def _end_request(tx: DispatchTransaction, row: Row[Any], request: Share) -> None:
    tx.shares.keep_request(row.regency, row.number, request, tx.now() + LONGEST)


async def _answered(
    tx: DispatchTransaction, access: Access, share_id: UUID, outcome: ShareState, reason: str | None
) -> bool:
    """Ends the request if it is for an incident that does not exist. False for any other share. Raises NotFound if it
    is not the token's to decide, NotAllowed if it has ended.
    """
    row = await tx.shares.find(share_id)
    if row is None or row.number is None:
        return False
    by_either = outcome is ShareState.WITHDRAWN
    if not (access.covers(row.regency) or (by_either and access.covers(row.to_regency))):
        raise NotFound
    before = tx.shares.request_of(row)
    if before is None:
        raise NotAllowed("share-ended", state=ShareState(row.state))
    after = ended_request(before, outcome, reason, tx.now())
    if after is not before:
        _end_request(tx, row, after)
    return True


async def agree(tx: DispatchTransaction, access: Access, command: AgreeToShare) -> Incident:
    """The incident's regency agrees. Raises NotFound if the token does not cover that regency; Forbidden if the
    incident is hidden from the token, or is protected and the token is not a supervisor's; NotAllowed, Invalid.
    """
    await _refuse_for_nothing(tx, access, command.share_id)
    incident = await _incident_of(tx, access, command.share_id)
    if POLICY.hides(incident, access, tx.now()):
        raise Forbidden("incident-protected")
    return _as_owner(tx, access, incident, command)


async def _refuse_for_nothing(tx: DispatchTransaction, access: Access, share_id: UUID) -> None:
    """Raises Invalid if there is no incident to share."""
    row = await tx.shares.find(share_id)
    if row is not None and row.number is not None and access.covers(row.regency):
        raise Invalid(errors=[Fault(("path", "share_id"), "share_number_unknown", {})])


async def refuse(tx: DispatchTransaction, access: Access, command: RefuseShare) -> None:
    """The incident's regency refuses. Who refuses need not see the incident. Raises NotFound, NotAllowed."""
    if await _answered(tx, access, command.share_id, ShareState.REFUSED, command.reason):
        return
    incident = await _incident_of(tx, access, command.share_id)
    tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def end(tx: DispatchTransaction, access: Access, command: EndShare) -> None:
    """Either regency ends a share or a request. It shows nothing, so who ends it need not see the incident. Raises
    NotFound, NotAllowed.
    """
    if await _answered(tx, access, command.share_id, ShareState.WITHDRAWN, command.reason):
        return
    incident = await _incident_of(tx, access, command.share_id, by_either=True)
    tx.incidents.record(decide(incident, command, tx.moment(incident.regency, access.subject)))


async def shown(tx: DispatchTransaction, access: Access, share_id: UUID) -> tuple[Share, Incident]:
    """The share and its incident, if the incident is shown to the token's regencies now. Raises NotFound."""
    row = await tx.shares.find(share_id)
    if row is None or row.number is not None or not access.covers(row.to_regency):
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
