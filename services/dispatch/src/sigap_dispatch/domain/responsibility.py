"""The responsible dispatcher of an incident: who watches over it, until another one does.

It is never a lock. Whoever may give orders gives them; only the first order of a dispatcher, a claim or an accepted
handover makes somebody responsible.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from sigap_common.contracts.handovers import IncidentTaken
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.taker import Taker


@dataclass(frozen=True, slots=True)
class Claim(Command):
    """The dispatcher becomes responsible, whoever was until now."""

    taker: Taker


@dataclass(frozen=True, slots=True)
class AcceptHandedOver(Command):
    """The dispatcher becomes responsible for an incident that `giver` hands over."""

    taker: Taker
    giver: str


def claim(decision: IncidentDecision, command: Claim) -> None:
    """A repetition changes nothing. Raises NotAllowed if the incident is closed."""
    require_open(decision.incident)
    _take(decision, command.taker, "claim")


def accept_handed_over(decision: IncidentDecision, command: AcceptHandedOver) -> None:
    """Changes nothing if the incident is closed, or is not the giver's any more: the handover came too late for it."""
    if not decision.incident.closed_at and decision.incident.responsible == command.giver:
        _take(decision, command.taker, "handover")


def take_by_order(decision: IncidentDecision) -> None:
    """Runs after every decision: the first dispatcher who gives an order becomes responsible."""
    taker, incident = decision.moment.takes, decision.incident
    if taker and decision.events and incident.responsible is None and not incident.closed_at:
        _take(decision, taker, "order")


def _take(decision: IncidentDecision, taker: Taker, how: Literal["order", "claim", "handover"]) -> None:
    before = decision.incident.responsible
    if before != taker.subject:
        name = Sealed(taker.name) if taker.name else None
        decision.emit(IncidentTaken(**decision.stamp(), responsible=taker.subject, name=name, before=before, how=how))


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    Claim: claim,
    AcceptHandedOver: accept_handed_over,
}
