"""Agencies that come although nobody waits for them any more: they are asked to turn back, and must confirm it.

A merger ends an agency's part without asking it to turn back, because the other incident goes on. If the agency says
only later that it comes, perhaps although it had declined, that one may be over by then, or a person may have
called the agency off there. Then this part is withdrawn.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import last_at
from sigap_common.contracts.incidents import CANCELLED
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import CLOSED, withdraw
from sigap_dispatch.domain.refusals import require_forwarding
from sigap_dispatch.domain.state.forwarding import MERGED, Forwarding, ForwardingState
from sigap_dispatch.domain.state.incident import Incident


@dataclass(frozen=True, slots=True)
class TurnBack(Command):
    """An agency said something `at` this moment for the incident, which is merged. `over`: the one that went on, which
    may be over. A fact.
    """

    forwarding_id: UUID
    over: Incident
    at: datetime


def turn_back(decision: IncidentDecision, command: TurnBack) -> None:
    ask(decision, require_forwarding(decision.incident, command.forwarding_id), command.over, command.at)


def ask(decision: IncidentDecision, part: Forwarding, over: Incident, said_at: datetime) -> None:
    """Asks the agency of a part that a merger ended to turn back, unless it does not come, or knows already. `over`:
    the incident that went on, or, if the merger has ended, the part's own one.
    """
    newest = _newest(over, part)
    if not (part.goes_on_merged and part.comes) or (newest and _knows(newest, said_at)):
        return
    if over.closed_at:
        withdraw(decision, part, reason_of_end(over))
    elif newest and newest.withdrawal_reason and newest.withdrawal_reason != MERGED:
        withdraw(decision, part, newest.withdrawal_reason, newest.withdrawal_text)


def reason_of_end(over: Incident) -> str:
    """Why a part of an incident that is over is withdrawn."""
    return CANCELLED if over.disposition == CANCELLED else CLOSED


def _newest(over: Incident, part: Forwarding) -> Forwarding | None:
    """The agency's newest other part."""
    return next((f for f in reversed(over.forwardings) if f.agency == part.agency and f.id != part.id), None)


def _knows(newest: Forwarding, said_at: datetime) -> bool:
    """Whether the agency is at work on its newest part, is asked there to turn back, or has said there since that
    nobody is out for it.
    """
    if newest.is_open or newest.state is ForwardingState.STANDING_DOWN:
        return True
    back = (newest.stood_down_at, newest.declined_at, last_at(newest.words, Response.DONE))
    return any(at and at >= said_at for at in back)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {TurnBack: turn_back}
