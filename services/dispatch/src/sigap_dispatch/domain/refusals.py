"""Checks that refuse an order."""

from uuid import UUID

from sigap_common.core.errors import Fault, Invalid, NotAllowed, NotFound
from sigap_common.regency import Pack
from sigap_dispatch.domain.plans import drill_agency
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident


def require_open(incident: Incident) -> None:
    """Raises NotAllowed if the incident is closed or merged into another."""
    if incident.merger:
        raise NotAllowed("incident-merged", state=incident.state, number=incident.merger.number)
    if incident.closed_at:
        raise NotAllowed("incident-closed", state=incident.state)


def require_forwarding(incident: Incident, forwarding_id: UUID) -> Forwarding:
    forwarding = incident.forwarding(forwarding_id)
    if forwarding is None:
        raise NotFound
    return forwarding


def require_revision(forwarding: Forwarding, revision: int | None) -> int:
    """The named revision, or the newest if none is named. Raises Invalid for a revision that does not exist."""
    if revision is not None and revision > forwarding.revision:
        raise Invalid(errors=[Fault(("body", "revision"), "revision_unknown", {"newest": forwarding.revision})])
    return revision or forwarding.revision


def require_agency(incident: Incident, agency: str, pack: Pack, lender: Pack | None = None) -> None:
    """Checks that the agency is in the pack in force of the incident's regency, or in that of a neighbour (`lender`) if
    both packs agree on mutual aid. For a drill, the built-in drill agency is allowed as well. Raises Invalid.
    """
    regency, _, code = agency.partition("/")
    if incident.drill and agency == drill_agency(incident.regency):
        return
    of = pack if regency == incident.regency else lender
    if of is None or of.agency(code) is None:
        raise Invalid(errors=[Fault(("body", "agency"), "agency_unknown", {})])
    if of is not pack and not (of.code in pack.mutual_aid and pack.code in of.mutual_aid):
        raise Invalid(errors=[Fault(("body", "agency"), "agency_not_lent", {"regency": of.code})])
