"""Proposals: agencies that a rule would tell but may not tell by itself, because a person decides about them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded, ProposalReason
from sigap_common.core.errors import NotFound
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import ENDINGS, forward, is_on_it
from sigap_dispatch.domain.plans import Wanted, listed, wanted, within
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.state.forwarding import MERGED
from sigap_dispatch.domain.state.incident import Incident


@dataclass(frozen=True, slots=True)
class TakeProposal(Command):
    """Tells the proposed agency."""

    agency: str


@dataclass(frozen=True, slots=True)
class DismissProposal(Command):
    """The dispatcher does not want the proposed agency."""

    agency: str


def follow_plan(decision: IncidentDecision, before: Sequence[Wanted] = ()) -> None:
    """Tells the agencies that the plan wants and that are not on the incident yet. An agency that a person decided
    against, or that declined, is only proposed. One that waits for a person to say whether the incident is a duplicate
    is told later.

    `before`: the agencies that the plan wanted before the change. A proposal of one of them that a person dismissed is
    not made again: the change has not made the agency more wanted.
    """
    after = wanted(decision.incident, decision.moment.pack)
    wanted_before = {one.agency for one in before}
    for one in after:
        incident = decision.incident
        if is_on_it(incident, one.agency):
            continue
        if one.agency in incident.dismissed and one.agency in wanted_before:
            continue
        reason = why_only_proposed(incident, one)
        if reason is None and one.agency in incident.waiting:
            continue
        if reason is None:
            forward(decision, one, automatic=True)
        else:
            propose(decision, one, reason)
    _lapse(decision)


def why_only_proposed(incident: Incident, one: Wanted) -> ProposalReason | None:
    """Why a rule may not tell this agency by itself; None: it may."""
    last = incident.newest_forwarding(one.agency)
    ended = last is not None and last.withdrawal_reason in ENDINGS
    by_rule = ended or (last is not None and last.withdrawal_reason == MERGED)
    if last and last.withdrawn_at and not by_rule:
        return ProposalReason.WITHDRAWN_BEFORE
    declined_merged = last is None and any(failed.agency == one.agency for failed in incident.carried_failures)
    if (last and last.declined) or declined_merged:
        return ProposalReason.DECLINED_BEFORE
    if one.agency in incident.dismissed:
        return ProposalReason.DISMISSED_BEFORE
    if ended:
        return ProposalReason.REOPENED
    return None if one.automatic else ProposalReason.BY_PLAN


def propose(
    decision: IncidentDecision,
    one: Wanted,
    reason: ProposalReason,
    instead_of: str | None = None,
    **asked: Any,
) -> None:
    """Proposes an agency, unless it is proposed already. `asked`: who asks for it, and with which words."""
    if decision.incident.proposal(one.agency) is None:
        decision.emit(
            ForwardingProposed(
                **decision.stamp(),
                agency=one.agency,
                role=one.role,
                alarm_level=one.alarm_level,
                reason=reason,
                instead_of=instead_of,
                **asked,
            )
        )


def take(decision: IncidentDecision, command: TakeProposal) -> None:
    """Forwards to the proposed agency. If a colleague took the proposal a moment before, nothing happens. Raises
    NotFound if the agency neither is proposed nor has the incident, NotAllowed if the incident is closed.
    """
    incident = decision.incident
    require_open(incident)
    proposal = incident.proposal(command.agency)
    if proposal is None:
        if is_on_it(incident, command.agency):
            return
        raise NotFound
    deadline = within(incident, proposal.agency, decision.moment.pack)
    told = Wanted(proposal.agency, alarm_level=proposal.alarm_level, within=deadline, role=proposal.role)
    forward(decision, told, automatic=False, instead_of=proposal.instead_of)


def dismiss(decision: IncidentDecision, command: DismissProposal) -> None:
    """Ends a proposal. A repetition changes nothing. Raises NotFound if the agency is not proposed, NotAllowed if
    the incident is closed.
    """
    incident = decision.incident
    require_open(incident)
    if incident.proposal(command.agency):
        decision.emit(ProposalEnded(**decision.stamp(), agency=command.agency, how="dismissed"))
    elif command.agency not in incident.dismissed:
        raise NotFound


def lapse_all(decision: IncidentDecision) -> None:
    """Ends all proposals of an incident that is closed."""
    for proposal in decision.incident.proposals:
        decision.emit(ProposalEnded(**decision.stamp(), agency=proposal.agency, how="lapsed"))


def lapse_attended(decision: IncidentDecision) -> None:
    """Ends the proposals of agencies that are on the incident: an agency that declined comes after all."""
    for proposal in decision.incident.proposals:
        if is_on_it(decision.incident, proposal.agency):
            decision.emit(ProposalEnded(**decision.stamp(), agency=proposal.agency, how="lapsed"))


def _lapse(decision: IncidentDecision) -> None:
    """Ends the proposals of agencies that the plan no longer names, unless an agency asks for them."""
    still = listed(decision.incident, decision.moment.pack)
    for proposal in decision.incident.proposals:
        if proposal.agency not in still and proposal.reason is not ProposalReason.ASKED_FOR:
            decision.emit(ProposalEnded(**decision.stamp(), agency=proposal.agency, how="lapsed"))


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {TakeProposal: take, DismissProposal: dismiss}
