"""Answers of agencies: their own, and those that an operator or dispatcher records for them.

An agency's own answer is always recorded, even if it is overtaken or contradicts an earlier one; a repeat is recorded
once. Only an answer that a person records for the agency may be refused. `sigap_common.contracts.agency_answers`
computes the state from all answers.
"""

from datetime import datetime
from typing import Any, cast

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_answers import MOST_REPEATS, STEPS, counting, last_at
from sigap_common.contracts.agency_reports import NOTHING_BESIDE
from sigap_common.contracts.incidents import (
    IncidentAcknowledged,
    IncidentDeclined,
    IncidentStatusChanged,
    Progress,
    RevisionReason,
)
from sigap_common.core.clock import after
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import decline_reasons, require_code
from sigap_dispatch.domain.commands import RecordAnswer, Respond
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.evolve.units import of_step
from sigap_dispatch.domain.forwarding import forward_again, revise, withdraw
from sigap_dispatch.domain.help import propose_help, require_help_of
from sigap_dispatch.domain.late import stamp_of
from sigap_dispatch.domain.questions import ask
from sigap_dispatch.domain.refusals import require_forwarding, require_open, require_revision
from sigap_dispatch.domain.state.forwarding import Forwarding, ForwardingState
from sigap_dispatch.domain.turning_back import ask as ask_to_turn_back
from sigap_dispatch.domain.turning_back import reason_of_end

UNSTATED = "other"


def respond(decision: IncidentDecision, command: Respond) -> None:
    said = decision.stamp(command.at, command.by) | {"clock": command.clock, "channel": command.channel}
    _record(decision, command, said)


def record_answer(decision: IncidentDecision, command: RecordAnswer) -> None:
    """Records an answer that a person heard from an agency. Raises NotAllowed if the forwarding has ended, if it is too
    late to decline, or if the agency has said so much with this response that its part would grow without bound;
    Invalid if the decline reason or the revision is unknown.
    """
    forwarding = require_forwarding(decision.incident, command.forwarding_id)
    if forwarding.state != ForwardingState.STANDING_DOWN:
        require_open(decision.incident)
    if forwarding.state == ForwardingState.WITHDRAWN:
        raise NotAllowed("forwarding-withdrawn", state=forwarding.state)
    if command.response == Response.DECLINED:
        if forwarding.attended:
            raise NotAllowed("too-late-to-decline", state=forwarding.state)
        require_code(command.reason, decline_reasons(decision.moment.pack), "reason")
    _require_room(forwarding, command)
    require_help_of(decision, command.beside.asks_for)
    said = _heard(decision, forwarding, command) | {
        "channel": command.channel,
        "on_behalf": True,
        "spoke_to": Sealed(command.spoke_to),
    }
    answer = Respond(
        forwarding_id=forwarding.id,
        revision=_told(forwarding, command),
        response=command.response,
        channel=command.channel,
        at=said["at"],
        reason=command.reason,
        beside=command.beside,
    )
    _record(decision, answer, said)


def _require_room(forwarding: Forwarding, command: RecordAnswer) -> None:
    """What was recorded before, a first acknowledgement of a revision, and that an agency comes after all, are never
    refused here.
    """
    declines = command.response is Response.DECLINED
    newest = command.revision or forwarding.revision
    is_first = command.response is Response.ACKNOWLEDGED and newest > forwarding.acknowledged_revision
    is_known = declines == forwarding.declined and forwarding.has_told(command.response, command.beside)
    comes_after_all = forwarding.declined and not declines
    if is_first or is_known or comes_after_all:
        return
    if sum(word.response is command.response for word in forwarding.words) > MOST_REPEATS:
        raise NotAllowed("too-many-answers", state=forwarding.state)


def _heard(decision: IncidentDecision, forwarding: Forwarding, command: RecordAnswer) -> dict[str, Any]:
    """The fields of time and author. Raises Invalid for a time before what the answer is to: the forwarding, or its
    withdrawal.
    """
    if command.at is None:
        return decision.stamp(after(last_at(forwarding.words), decision.moment.now))
    stands_down = forwarding.withdrawn_at if forwarding.state == ForwardingState.STANDING_DOWN else None
    return stamp_of(decision, command.at, stands_down or forwarding.forwarded_at)


def _told(forwarding: Forwarding, command: RecordAnswer) -> int:
    """The revision that the answer refers to. Progress does not acknowledge a change that the agency has not
    acknowledged before: the unit may be on its way to the old place.
    """
    named = require_revision(forwarding, command.revision)
    if command.revision is None and command.response not in {Response.ACKNOWLEDGED, Response.DECLINED}:
        return max(forwarding.acknowledged_revision, 1)
    return named


def _record(decision: IncidentDecision, answer: Respond, said: dict[str, Any]) -> None:
    forwarding = require_forwarding(decision.incident, answer.forwarding_id)
    said = said | {"forwarding_id": forwarding.id, "agency": forwarding.agency}
    if answer.response == Response.ACKNOWLEDGED:
        _acknowledged(decision, forwarding, answer, said)
    elif answer.response == Response.DECLINED:
        _declined(decision, forwarding, answer, said)
    else:
        _progressed(decision, forwarding, answer, said)
    _if_it_comes_after_all(decision, forwarding, said["at"])


def _if_it_comes_after_all(decision: IncidentDecision, before: Forwarding, said_at: datetime) -> None:
    """If an agency that had declined comes after all, the newest change is sent to it. If the incident was closed, the
    forwarding is withdrawn instead. If a merger ended its part, it gets the incident anew, or is asked to turn back:
    the other one while the merger lasts (`CarryOver`, `TurnBack`), this one after that.
    """
    forwarding = require_forwarding(decision.incident, before.id)
    if decision.incident.merger:
        return
    if forwarding.goes_on_merged:
        is_newest = decision.incident.newest_forwarding(forwarding.agency) == forwarding
        if decision.incident.closed_at or not is_newest:
            ask_to_turn_back(decision, forwarding, decision.incident, said_at)
        elif before.declined:
            forward_again(decision, [forwarding])
    elif not forwarding.is_open:
        return
    elif decision.incident.closed_at:
        withdraw(decision, forwarding, reason_of_end(decision.incident))
    elif before.missed_change:
        revise(
            decision, cast(RevisionReason, before.missed_change), [forwarding], needs=True, old=before.previous_place
        )


def _is_repeated(forwarding: Forwarding, answer: Respond, said: dict[str, Any]) -> bool:
    """Whether the answer is a repeat. An answer recorded here counts once, and again if the agency says more; one from
    the gateway is a repeat only if the same event was received before.
    """
    if said.get("on_behalf"):
        return forwarding.has_told(answer.response, answer.beside)
    return forwarding.has_said(answer.response, said["at"])


def _acknowledged(decision: IncidentDecision, forwarding: Forwarding, answer: Respond, said: dict[str, Any]) -> None:
    """The events of an acknowledgement, which counts for its revision. If the agency gave it before it could know of
    the withdrawal, a unit may be on its way.
    """
    again = answer.revision <= forwarding.acknowledged_revision and not forwarding.declined
    stands_down = _confirms_stand_down(forwarding, answer) or forwarding.is_crossed_by(answer.revision)
    implied = answer.response != Response.ACKNOWLEDGED
    if again and not stands_down and (implied or _is_repeated(forwarding, answer, said)):
        return
    overtaken = bool(decision.incident.closed_at or not forwarding.is_open) and not stands_down
    says = NOTHING_BESIDE if implied else answer.beside
    beside = {"text": says.text, "units": says.units}
    decision.emit(IncidentAcknowledged(**said, **beside, revision=answer.revision, overtaken=overtaken))


def _confirms_stand_down(forwarding: Forwarding, answer: Respond) -> bool:
    return forwarding.state == ForwardingState.STANDING_DOWN and answer.revision >= forwarding.revision


def _declined(decision: IncidentDecision, forwarding: Forwarding, answer: Respond, said: dict[str, Any]) -> None:
    if forwarding.declined and _is_repeated(forwarding, answer, said):
        return
    overtaken = bool(decision.incident.closed_at or not forwarding.is_open or forwarding.acknowledged_at)
    reason = answer.reason or UNSTATED
    decision.emit(
        IncidentDeclined(**said, revision=answer.revision, reason=reason, text=answer.beside.text, overtaken=overtaken)
    )


def _progressed(decision: IncidentDecision, forwarding: Forwarding, answer: Respond, said: dict[str, Any]) -> None:
    """The events of progress, which also acknowledges. Progress out of order does not move the state back."""
    progress, reached = Progress(answer.response.value), answer.response in counting(forwarding.words)
    if not forwarding.withdrawn_at and (not reached or answer.revision > forwarding.acknowledged_revision):
        _acknowledged(decision, forwarding, answer, said)
    if reached and _is_repeated(forwarding, answer, said):
        return
    passed = forwarding.standing in STEPS and STEPS.index(forwarding.standing) > STEPS.index(answer.response)
    overtaken = bool(decision.incident.closed_at or not forwarding.stands or passed)
    beside, state = answer.beside, decision.incident.state
    step = {"progress": progress, "of_units": of_step(forwarding, beside.units)}
    decision.emit_with_state(IncidentStatusChanged(**said, **beside.beside, **step, state=state, overtaken=overtaken))
    stamp = {name: said[name] for name in ("at", "recorded_at", "by")}
    if beside.question:
        ask(decision, forwarding, beside.question, stamp)
    if beside.asks_for:
        propose_help(decision, forwarding, beside.asks_for, beside.text, stamp)
