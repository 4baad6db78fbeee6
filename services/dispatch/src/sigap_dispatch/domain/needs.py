"""What an incident needs: the roles that agencies are wanted for, and whether somebody fills them."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import BY_DISPATCHER
from sigap_dispatch.domain.state.asked import Proposal
from sigap_dispatch.domain.state.forwarding import MERGED, Forwarding, role_served
from sigap_dispatch.domain.state.incident import Incident


class NeedState(StrEnum):
    WANTED = "wanted"
    MET = "met"
    UNMET = "unmet"
    WAIVED = "waived"
    CALLED_OFF = "called_off"


@dataclass(frozen=True, slots=True)
class Failure:
    """An agency that declined or did not acknowledge."""

    agency: str
    at: datetime
    declined: bool
    uncertain: bool = False
    """Whether nobody knows if the deadline was really missed."""


@dataclass(frozen=True, slots=True)
class Need:
    """A role in an incident."""

    role: str
    state: NeedState
    failed: tuple[Failure, ...] = ()
    """The agencies that declined or did not acknowledge, the latest failure last."""
    chained: bool = False
    """Whether an agency was told in place of one that failed."""
    surplus: tuple[str, ...] = ()
    """The agencies that were told in place of one that comes after all. A dispatcher may withdraw one of the two."""


def needs(incident: Incident) -> list[Need]:
    """The roles for which agencies were told or are proposed, in this order, and those that incidents which are merged
    into this one needed.
    """
    roles = [*(f.serves for f in incident.forwardings), *(_serves(one) for one in incident.proposals)]
    roles += [one.role for one in incident.carried_failures]
    return [_need(incident, role) for role in dict.fromkeys(roles)]


def unmet(incident: Incident) -> list[Need]:
    """The roles of an open incident that nobody fills although agencies were told, and that nobody has waived."""
    failed = incident.carried_failures or any(f.failed for f in incident.forwardings)
    if incident.closed_at or not failed:
        return []
    return [need for need in needs(incident) if need.state == NeedState.UNMET]


def proposals_for(incident: Incident, role: str) -> list[Proposal]:
    return [one for one in incident.proposals if _serves(one) == role]


def _need(incident: Incident, role: str) -> Need:
    mine = [f for f in incident.forwardings if f.serves == role]
    failed = tuple(sorted(_failures(incident, role, mine), key=lambda one: one.at))
    chained = any(f.instead_of for f in mine)
    return Need(role, _state(incident, role, mine, failed), failed, chained, _surplus(mine))


def _failures(incident: Incident, role: str, mine: list[Forwarding]) -> Iterator[Failure]:
    """Those of this incident, and of those that are merged into it if their agency has no part here. A merger that has
    ended leaves its declines as they were.
    """
    for one in mine:
        was_merged = one.declined and one.withdrawal_reason == MERGED and incident.merger is None
        if one.failed and (was_merged or not one.withdrawn_at):
            yield Failure(one.agency, _failed_at(one), one.declined, one.failure_uncertain)
    known = {one.agency for one in mine}
    for carried in incident.carried_failures:
        if carried.role == role and carried.agency not in known:
            yield Failure(carried.agency, carried.at, declined=True)


def _state(incident: Incident, role: str, mine: list[Forwarding], failed: tuple[Failure, ...]) -> NeedState:
    if any(f.fills for f in incident.forwardings if f.serves == role or _has_come_after_all(incident, role, f)):
        return NeedState.MET
    if any(waiver.role == role for waiver in incident.waivers):
        return NeedState.WAIVED
    if failed and not _called_off_after(mine, failed[-1].at):
        return NeedState.UNMET
    return NeedState.CALLED_OFF if mine else NeedState.WANTED


def _has_come_after_all(incident: Incident, role: str, forwarding: Forwarding) -> bool:
    """Whether the agency declined this role on a merged incident, and has said since that it comes. A part of another
    role, which it has not answered since, fills this one as little as before.
    """
    declined = (one.at for one in incident.carried_failures if one.role == role and one.agency == forwarding.agency)
    last = max(declined, default=None)
    return last is not None and any(
        word.at > last for word in forwarding.words if word.response is not Response.DECLINED
    )


def _called_off_after(mine: Iterable[Forwarding], failed_at: datetime) -> bool:
    """Whether a person withdrew an agency of the role after the last one failed: then that person has decided."""
    withdrawn = (f.withdrawn_at for f in mine if f.withdrawal_reason == BY_DISPATCHER)
    return any(at and at > failed_at for at in withdrawn)


def _surplus(mine: list[Forwarding]) -> tuple[str, ...]:
    come = {f.agency for f in mine if f.fills and f.acknowledged_at}
    return tuple(f.agency for f in mine if f.instead_of in come and f.fills and f.is_open)


def _failed_at(forwarding: Forwarding) -> datetime:
    """When the agency failed. A document of an older version has only what the agency said, or the deadline."""
    return forwarding.failed_at or forwarding.declined_at or forwarding.acknowledge_by or forwarding.forwarded_at


def _serves(proposal: Proposal) -> str:
    return role_served(proposal.role, proposal.agency)
