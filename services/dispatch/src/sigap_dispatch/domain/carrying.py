"""What goes from an incident that is merged to the one that goes on, so that none of it is lost: the requests of its
agencies, the units that are out, and the roles that nobody fills.

If the merger ends, what nobody has decided goes back, and so do the units that are still out. A question keeps its id
on both: an answer counts on both.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_common.contracts.alarm_levels import AlarmLevelProposalEnded
from sigap_common.contracts.duplicates import FailedAgency
from sigap_common.contracts.proposals import ForwardingProposed, ProposalEnded, ProposalReason
from sigap_common.contracts.questions import QuestionAsked
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import is_on_it
from sigap_dispatch.domain.help import propose_level
from sigap_dispatch.domain.needs import unmet
from sigap_dispatch.domain.state.asked import Proposal, ProposedLevel, Question
from sigap_dispatch.domain.state.forwarding import Forwarding, UnitOnIt
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.state.mergers import Merger
from sigap_dispatch.domain.units import busy, leave, take


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


def failed_on(other: Incident) -> tuple[FailedAgency, ...]:
    """The agencies that declined the other incident, for each role that nobody fills there. Those that did not
    acknowledge are told of the incident that goes on.
    """
    return tuple(
        FailedAgency(agency=one.agency, role=need.role, at=one.at)
        for need in unmet(other)
        for one in need.failed
        if one.declined
    )


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


def let_units_go(decision: IncidentDecision) -> None:
    """Lets the units that are out for the incident, which is merged now, go on for the other one."""
    for part in list(decision.incident.open_forwardings()):
        for unit in busy(part):
            leave(decision, part, unit.callsign, "merged")


def take_units_over(decision: IncidentDecision, other: Incident) -> None:
    """Takes over the units that are out for the other incident, as it was before it was merged into this one."""
    for part in other.open_forwardings():
        _take_units(decision, other, part.agency, busy(part))


def take_late_units(decision: IncidentDecision, other: Incident, part: Forwarding, named: Iterable[str]) -> None:
    """Takes over the units that an agency named on its part of the merged incident, because it did not know of the
    merger. Those of a part that had ended before the merger, or is done, are not out for it.
    """
    if other.merger is None or not part.goes_on_merged or part.finished or busy(part):
        return
    mine = [unit for unit in part.units if unit.callsign in set(named) and unit.released_at is None]
    units = [unit for unit in mine if not _left_since(decision.incident, part, unit)]
    _take_units(decision, other, part.agency, units)


def _left_since(incident: Incident, part: Forwarding, unit: UnitOnIt) -> bool:
    """Whether the unit went on from this incident to a third one after its agency had named it for the merged one."""
    here = (one.left_at(unit.callsign) for one in incident.forwardings if one.agency == part.agency)
    return any(left and left > unit.claimed_at for left in here)


def take_units_back(decision: IncidentDecision, into: Incident) -> None:
    """Takes back the units that went on for the other incident and are still out for it. What they did there is no
    step of this one.
    """
    mine = {(part.agency, unit.callsign): unit for part in decision.incident.forwardings for unit in part.units}
    for part, unit in _came_with(into, decision.incident.id):
        here = _open_part(decision.incident, part.agency)
        if here:
            known = mine.get((part.agency, unit.callsign)) or unit.model_copy(update={"came_with": None})
            named = known.model_copy(update={"named_at": max(known.claimed_at, unit.claimed_at)})
            take(decision, into, here, named, unit.times_taken_over + 1)


def let_units_go_back(decision: IncidentDecision, other: Incident) -> None:
    """Lets the units go that came with the other incident, which is taken out of this one now."""
    for part, unit in _came_with(decision.incident, other.id):
        leave(decision, part, unit.callsign, "unmerged")


def _came_with(incident: Incident, other: UUID) -> list[tuple[Forwarding, UnitOnIt]]:
    """The units, each with its forwarding, that came with the other incident and are still out for this one."""
    return [(part, unit) for part in incident.open_forwardings() for unit in busy(part) if unit.came_with == other]


def _take_units(decision: IncidentDecision, other: Incident, agency: str, units: Iterable[UnitOnIt]) -> None:
    """Takes units of the agency over from the other incident. If this one is merged itself, its ended part keeps them
    for the one that goes on.
    """
    incident = decision.incident
    here = _ended_by_merger(incident, agency) if incident.merger else _open_part(incident, agency)
    out = {unit.callsign for unit in busy(here)} if here else set()
    for unit in units:
        if here and unit.callsign not in out:
            taken = unit.model_copy(update={"came_with": other.id})
            take(decision, other, here, taken, unit.times_taken_over + 1)


def _open_part(incident: Incident, agency: str) -> Forwarding | None:
    return next((part for part in incident.open_forwardings() if part.agency == agency), None)


def _ended_by_merger(incident: Incident, agency: str) -> Forwarding | None:
    """The agency's part that the incident's own merger ended."""
    mine = (part for part in reversed(incident.forwardings) if part.agency == agency)
    return next((part for part in mine if part.goes_on_merged), None)


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
