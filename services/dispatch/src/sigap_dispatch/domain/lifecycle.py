"""Cancelling an incident, and reopening one that is closed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sigap_common.contracts.incidents import CANCELLED
from sigap_common.contracts.proposals import ProposalReason
from sigap_common.contracts.reopening import IncidentReopened
from sigap_common.core.errors import Fault, Forbidden, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.ending import end, withdraw_all
from sigap_dispatch.domain.forwarding import ENDINGS, forward, is_on_it, revise
from sigap_dispatch.domain.plans import Wanted, wanted, within
from sigap_dispatch.domain.proposals import propose, why_only_proposed
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident


@dataclass(frozen=True, slots=True)
class Cancel(Command):
    """The call was false: nobody needs to come."""

    reason: str


@dataclass(frozen=True, slots=True)
class Reopen(Command):
    """A closed incident goes on. `by_supervisor`: the token is a supervisor's."""

    reason: str | None = None
    by_supervisor: bool = False


def cancel(decision: IncidentDecision, command: Cancel) -> None:
    """Withdraws all open forwardings, and closes the incident as cancelled. Agencies that had acknowledged must stand
    down. Raises NotAllowed if the incident is closed.
    """
    require_open(decision.incident)
    withdraw_all(decision, CANCELLED)
    end(decision, CANCELLED, command.reason)


def reopen(decision: IncidentDecision, command: Reopen) -> None:
    """Reopens a closed incident. Within the pack's time, when the closing may have been a mistake, each agency whose
    part ended with the closing is told at once. Later it is only proposed.

    Raises NotAllowed if the incident is open, or merged into another. After the pack's time it raises Forbidden if the
    person is no supervisor, and Invalid without a reason.
    """
    closed = decision.incident
    if closed.closed_at is None:
        raise NotAllowed("incident-open", state=closed.state)
    if closed.merger is not None:
        raise NotAllowed("incident-merged", state=closed.state, number=closed.merger.number)
    in_time = closed.reopen_until is not None and decision.moment.now < closed.reopen_until
    if not in_time:
        _require_late(command)
    copied = IncidentReopened.model_fields.keys() & Incident.model_fields.keys()
    told = {name: getattr(closed, name) for name in copied}
    reason = Sealed(command.reason) if command.reason else None
    decision.emit(IncidentReopened(**decision.stamp(), **told, reason=reason, in_time=in_time))
    for forwarding in list(_ended_by_closing(closed)):
        _resume(decision, forwarding, in_time=in_time)
    _follow_plan(decision, in_time=in_time)


def _require_late(command: Reopen) -> None:
    """Checks that the incident may be reopened after the pack's time."""
    if not command.by_supervisor:
        raise Forbidden("reopening-too-late")
    if command.reason is None:
        raise Invalid(errors=[Fault(("body", "reason"), "reopening_needs_reason", {})])


def _ended_by_closing(incident: Incident) -> Iterator[Forwarding]:
    """The newest part of each agency, if it ended only because the incident was closed."""
    newest = {forwarding.agency: forwarding for forwarding in incident.forwardings}
    for forwarding in newest.values():
        if forwarding.withdrawal_reason in ENDINGS and not forwarding.declined and not forwarding.finished:
            yield forwarding


def _resume(decision: IncidentDecision, forwarding: Forwarding, *, in_time: bool) -> None:
    """Gives an agency its part back. If its unit has turned back, the agency gets a new forwarding."""
    incident = decision.incident
    deadline = within(incident, forwarding.agency, decision.moment.pack)
    part = Wanted(forwarding.agency, forwarding.alarm_level, deadline, forwarding.role)
    if not in_time:
        propose(decision, part, ProposalReason.REOPENED)
    elif forwarding.stood_down_at or forwarding.stand_down_noted_at:
        forward(decision, part, automatic=forwarding.automatic)
    else:
        revise(decision, "reopened", [forwarding], needs=True)


def _follow_plan(decision: IncidentDecision, *, in_time: bool) -> None:
    """Proposes the plan's other agencies again: their proposals lapsed with the closing. An agency that the plan wants
    only now, since the incident was corrected while it was closed, is told if the reopening is in time.
    """
    for one in wanted(decision.incident, decision.moment.pack):
        incident = decision.incident
        reason = why_only_proposed(incident, one)
        decided = reason is ProposalReason.WITHDRAWN_BEFORE or one.agency in incident.dismissed
        if decided or is_on_it(incident, one.agency):
            continue
        if reason is None and in_time:
            forward(decision, one, automatic=True)
        else:
            propose(decision, one, reason or ProposalReason.REOPENED)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {Cancel: cancel, Reopen: reopen}
