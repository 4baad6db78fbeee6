"""Roles that nobody fills, and stand-downs that nobody confirms: who deals with them, and when they are alarms."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sigap_common.contracts.needs import RoleWaived, RoleWaiverEnded, WithdrawalNoted, WithdrawalUnconfirmed
from sigap_common.contracts.proposals import ProposalEnded, ProposalReason
from sigap_common.core.clock import is_over
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain import transfers
from sigap_dispatch.domain.alarms import raise_once
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import forward
from sigap_dispatch.domain.needs import Need, NeedState, needs, proposals_for, unmet
from sigap_dispatch.domain.plans import next_agency
from sigap_dispatch.domain.proposals import propose, why_only_proposed
from sigap_dispatch.domain.refusals import require_forwarding, require_open
from sigap_dispatch.domain.state.alarms import Alarm, AlarmKind, alarm_id
from sigap_dispatch.domain.state.forwarding import Forwarding, ForwardingState, role_served
from sigap_dispatch.domain.state.incident import Incident

ROLE_ALARMS = (AlarmKind.ROLE_UNMET, AlarmKind.NOBODY_LEFT)


@dataclass(frozen=True, slots=True)
class WaiveRole(Command):
    """The incident does not need a role that nobody fills."""

    role: str
    reason: str


@dataclass(frozen=True, slots=True)
class EndWaiver(Command):
    """The incident needs the role after all."""

    role: str


@dataclass(frozen=True, slots=True)
class NoteStandDown(Command):
    """A person settles a stand-down that the agency did not confirm."""

    forwarding_id: UUID
    reason: str


def waive_role(decision: IncidentDecision, command: WaiveRole) -> None:
    """Waives a role and ends its proposals. A repetition changes nothing. Raises NotAllowed if the incident is closed
    or somebody fills the role, Invalid if the incident has no such role.
    """
    need = _required(decision, command.role)
    if need.state == NeedState.WAIVED:
        return
    if need.state not in {NeedState.UNMET, NeedState.WANTED}:
        raise NotAllowed("role-not-unmet", state=need.state)
    decision.emit(RoleWaived(**decision.stamp(), role=command.role, text=Sealed(command.reason)))
    for proposal in proposals_for(decision.incident, command.role):
        decision.emit(ProposalEnded(**decision.stamp(), agency=proposal.agency, how="dismissed"))


def end_waiver(decision: IncidentDecision, command: EndWaiver) -> None:
    """Takes a waiver back. A repetition changes nothing. Raises NotAllowed if the incident is closed, Invalid if it has
    no such role.
    """
    if any(waiver.role == command.role for waiver in decision.incident.waivers):
        require_open(decision.incident)
        decision.emit(RoleWaiverEnded(**decision.stamp(), role=command.role))
    else:
        _required(decision, command.role)


def note_stand_down(decision: IncidentDecision, command: NoteStandDown) -> None:
    """Settles a stand-down, also of a closed incident. A repetition, or a stand-down that the agency has confirmed a
    moment before, changes nothing. Raises NotFound, and NotAllowed if the agency need not stand down.
    """
    forwarding = require_forwarding(decision.incident, command.forwarding_id)
    if forwarding.stood_down_at or forwarding.stand_down_noted_at:
        return
    if forwarding.state != ForwardingState.STANDING_DOWN:
        raise NotAllowed("no-stand-down", state=forwarding.state)
    about = {"forwarding_id": forwarding.id, "agency": forwarding.agency}
    decision.emit(WithdrawalNoted(**decision.stamp(), **about, text=Sealed(command.reason)))


def miss_stand_downs(decision: IncidentDecision) -> None:
    """Emits an event and an alarm for each stand-down whose time is over, once for each."""
    now = decision.moment.now
    for forwarding in decision.incident.forwardings:
        confirm_by, since = forwarding.confirm_by, forwarding.stand_down_since
        if confirm_by is None or since is None or not is_over(confirm_by, since, now):
            continue
        about = {"forwarding_id": forwarding.id, "agency": forwarding.agency, "confirm_by": confirm_by}
        decision.emit(WithdrawalUnconfirmed(**decision.stamp(), **about))
        raise_alarm(decision, forwarding.id, AlarmKind.STAND_DOWN_UNCONFIRMED, forwarding.agency)


def ask_next(decision: IncidentDecision) -> None:
    """Tells or proposes the next agency of each role that nobody fills, as the pack orders. Proposals of next agencies
    whose role is no longer unmet lapse.
    """
    for need in unmet(decision.incident):
        if not proposals_for(decision.incident, need.role):
            _ask_next(decision, need)
    lacking = {need.role for need in unmet(decision.incident)}
    for proposal in decision.incident.proposals:
        next_one = proposal.reason == ProposalReason.NEXT_AGENCY
        if next_one and role_served(proposal.role, proposal.agency) not in lacking:
            decision.emit(ProposalEnded(**decision.stamp(), agency=proposal.agency, how="lapsed"))


def _ask_next(decision: IncidentDecision, need: Need) -> None:
    """The next agency is only proposed if the deadline was set by a clock ahead: then nobody knows whether the agency
    before it is late (ADR 0011).
    """
    incident, failed = decision.incident, need.failed[-1]
    if incident.backfilled:
        return
    one = next_agency(incident, need.role, decision.moment.pack)
    if one is None:
        return
    if one.automatic and not failed.uncertain and why_only_proposed(incident, one) is None:
        forward(decision, one, automatic=True, instead_of=failed.agency)
    else:
        propose(decision, one, ProposalReason.NEXT_AGENCY, instead_of=failed.agency)


def raise_role_alarms(decision: IncidentDecision, lacking: Sequence[Need]) -> None:
    """Raises an alarm for each role that nobody fills. It names the role and the agency that failed last."""
    for need in lacking:
        kind = _kind(decision.incident, need)
        raise_alarm(decision, decision.incident.id, kind, need.failed[-1].agency, role=need.role)


def raise_alarm(
    decision: IncidentDecision, subject: UUID, kind: AlarmKind, agency: str | None = None, role: str | None = None
) -> None:
    """Raises an alarm once. Its label has all that tells several alarms of one incident apart."""
    label = " ".join(filter(None, (decision.incident.number, role, agency)))
    raise_once(decision, subject, kind, role, label=label, agency=agency)


def is_over_now(incident: Incident, alarm: Alarm, lacking: Sequence[Need]) -> bool:
    """Whether the cause of an alarm is over. `lacking`: the unmet needs."""
    if alarm.kind == AlarmKind.STAND_DOWN_UNCONFIRMED:
        return not any(f.state == ForwardingState.STANDING_DOWN for f in incident.forwardings if _is_about(alarm, f))
    if alarm.kind == AlarmKind.GLASS_BROKEN:
        return all(glass.seen for glass in incident.glasses)
    if incident.closed_at:
        return True
    if alarm.kind in ROLE_ALARMS:
        standing = {alarm_id(incident.id, _kind(incident, need), need.role) for need in lacking}
        return alarm.id not in standing
    if alarm.kind == AlarmKind.NO_AGENCY:
        return incident.without_agency_since is None
    if alarm.kind == AlarmKind.TRANSFER_RETURNED:
        return not transfers.is_returned(incident)
    named = {need.role for need in lacking}
    waited_for = (f for f in incident.forwardings if _is_about(alarm, f))
    return all(f.acknowledged or not f.is_open or f.serves in named for f in waited_for)


def _kind(incident: Incident, need: Need) -> AlarmKind:
    """Nobody is left if an agency that was told in place of another one failed too, and no further one is proposed."""
    exhausted = need.chained and not proposals_for(incident, need.role)
    return AlarmKind.NOBODY_LEFT if exhausted else AlarmKind.ROLE_UNMET


def _is_about(alarm: Alarm, forwarding: Forwarding) -> bool:
    return alarm_id(forwarding.id, alarm.kind) == alarm.id


def _required(decision: IncidentDecision, role: str) -> Need:
    require_open(decision.incident)
    known = needs(decision.incident)
    for need in known:
        if need.role == role:
            return need
    named = ", ".join(need.role for need in known) or "-"
    raise Invalid(errors=[Fault(("body", "role"), "role_unknown", {"known": named})])


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    WaiveRole: waive_role,
    EndWaiver: end_waiver,
    NoteStandDown: note_stand_down,
}
