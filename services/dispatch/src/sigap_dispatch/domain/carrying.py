"""Agencies' requests on an incident that is merged: they stand on the incident that goes on, so that none is lost.

If the merger ends, what nobody has decided goes back. A question keeps its id on both: an answer counts on both.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.alarm_levels import AlarmLevelProposalEnded
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded, ProposalReason
from sigap_common.contracts.questions import QuestionAsked
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import is_on_it
from sigap_dispatch.domain.help import propose_level
from sigap_dispatch.domain.state import Forwarding, Incident, Merger, Proposal, ProposedLevel, Question


def take_over(decision: IncidentDecision, other: Incident) -> None:
    """Takes over what agencies ask on the other incident. What is known is not asked again, and on a closed incident
    nobody decides about help any more.
    """
    known = {question.id for question in decision.incident.questions}
    for question in other.open_questions:
        if question.id not in known:
            _ask(decision, question)
    if decision.incident.closed_at is None:
        for proposal in other.proposals:
            _propose(decision, proposal)
        if other.proposed_level:
            _propose_level(decision, other.proposed_level, other)


def questions_of(other: Incident, incident: Incident) -> tuple[UUID, ...]:
    """The open questions of the incident that came with the other one."""
    its = {question.id for question in other.questions}
    return tuple(question.id for question in incident.open_questions if question.id in its)


def give_back(decision: IncidentDecision, merger: Merger) -> None:
    """Ends, on the incident that went on, the requests for help that came by the merger and that nobody has decided."""
    incident = decision.incident
    for proposal in incident.proposals:
        if any(_same(proposal, one) for one in merger.asked_for):
            decision.emit(ProposalEnded(**decision.stamp(), agency=proposal.agency, how="lapsed"))
    level = incident.proposed_level
    if level and merger.proposed_level and _same(level, merger.proposed_level):
        decision.emit(AlarmLevelProposalEnded(**decision.stamp(), alarm_level=level.alarm_level, how="lapsed"))


def open_again(decision: IncidentDecision, merger: Merger, into: Incident) -> None:
    """Asks again, on the incident that was merged, for the help that nobody has dismissed on the other one, `into`."""
    for proposal in merger.asked_for:
        if into.proposal(proposal.agency) or proposal.agency not in into.dismissed:
            _propose(decision, proposal)
    if (level := merger.proposed_level) and not _was_dismissed(level, into):
        _propose_level(decision, level, decision.incident)


def _ask(decision: IncidentDecision, question: Question) -> None:
    part = _part(decision.incident, question.agency)
    decision.emit(
        QuestionAsked(
            **_as_said(decision, question.at),
            question_id=question.id,
            forwarding_id=part.id if part else question.forwarding_id,
            agency=question.agency,
            text=question.text,
        )
    )


def _propose(decision: IncidentDecision, proposal: Proposal) -> None:
    incident = decision.incident
    asked_for = proposal.reason is ProposalReason.ASKED_FOR
    if not asked_for or is_on_it(incident, proposal.agency) or incident.proposal(proposal.agency):
        return
    told = {name: getattr(proposal, name) for name in Proposal.model_fields if name != "since"}
    decision.emit(ForwardingProposed(**_as_said(decision, proposal.since), **told))


def _propose_level(decision: IncidentDecision, level: ProposedLevel, of: Incident) -> None:
    """Proposes the level, from the time when its agency asked. `of`: the incident on which the agency asked."""
    part = _part(decision.incident, level.agency) or _part(of, level.agency) or _last(of, level.agency)
    propose_level(decision, part, level.alarm_level, level.text, _as_said(decision, level.since))


def _same(one: Proposal | ProposedLevel, other: Proposal | ProposedLevel) -> bool:
    """Whether both are one request of an agency."""
    return (one.agency, one.since, one.text) == (other.agency, other.since, other.text)


def _was_dismissed(level: ProposedLevel, into: Incident) -> bool:
    """Whether a person dismissed the level on the other incident. The plans there may have had a lower one only."""
    stands = into.proposed_level is not None and _same(into.proposed_level, level)
    return not stands and into.alarm_level < into.dismissed_level <= level.alarm_level


def _as_said(decision: IncidentDecision, at: datetime) -> dict[str, Any]:
    """The fields of time and author. The person who merges is not the author."""
    return decision.stamp(at) | {"by": None}


def _part(incident: Incident, agency: str) -> Forwarding | None:
    """The newest forwarding to the agency that stands."""
    return next((f for f in reversed(incident.forwardings) if f.agency == agency and f.stands), None)


def _last(incident: Incident, agency: str) -> Forwarding:
    return next(f for f in reversed(incident.forwardings) if f.agency == agency)
