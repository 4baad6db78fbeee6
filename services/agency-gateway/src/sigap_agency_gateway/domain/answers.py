"""Decides on an agency's answer: it becomes an event, changes nothing because it is a repeat, or is refused."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sigap_agency_gateway.domain.forwarding import ENDED, STEPS, Forwarding, State, Withdrawal, evolve
from sigap_common.contracts.agencies import AGENCYS_OWN, AgencyResponded, Response
from sigap_common.contracts.agency_answers import MOST_REPEATS, last_at
from sigap_common.contracts.agency_reports import NOTHING_BESIDE, SaidBeside
from sigap_common.contracts.decision import Decision
from sigap_common.contracts.given_times import counted, time_faults
from sigap_common.contracts.incidents import ASKED_AGAIN, Progress
from sigap_common.core.clock import after
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed

MAY_DECLINE = frozenset({State.RECEIVED, State.ACKNOWLEDGED, State.EN_ROUTE})


@dataclass(frozen=True, slots=True)
class Acknowledge:
    by: str
    channel: str
    revision: int | None = None
    """The revision that the agency has seen; None: the newest."""
    beside: SaidBeside = NOTHING_BESIDE
    """Words, and the units that the agency sends."""
    at: datetime | None = None
    """When it was, if the agency says so afterwards; None: now."""


@dataclass(frozen=True, slots=True)
class Decline:
    by: str
    channel: str
    reason: str
    text: Sealed | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Report:
    by: str
    channel: str
    progress: Progress
    beside: SaidBeside = NOTHING_BESIDE
    """What the agency says beside the step."""
    at: datetime | None = None


Command = Acknowledge | Decline | Report


def decide(forwarding: Forwarding, command: Command, now: datetime) -> Decision[Forwarding]:
    """The decision on an answer. Raises NotAllowed, also if the agency is only informed, and Invalid for a revision
    that does not exist and for a time that the answer cannot have.
    """
    if forwarding.information:
        raise NotAllowed("only-informed", state=forwarding.state)
    if faults := [*_revision_faults(forwarding, command), *_time_faults(forwarding, command, now)]:
        raise Invalid(errors=faults)
    said: Callable[[Forwarding, Any, datetime], list[AgencyResponded]] = _ANSWERS[type(command)]
    return Decision(forwarding, evolve, said(forwarding, command, now))


def _revision_faults(forwarding: Forwarding, command: Command) -> Iterator[Fault]:
    revision = command.revision if isinstance(command, Acknowledge) else None
    if revision is not None and revision > forwarding.newest:
        yield Fault(("body", "revision"), "revision_unknown", {"newest": forwarding.newest})


def _time_faults(forwarding: Forwarding, command: Command, now: datetime) -> Iterator[Fault]:
    """A stand-down is confirmed after the withdrawal; all other answers are to the forwarding."""
    if command.at is None:
        return
    withdrawal, earliest = forwarding.withdrawal, forwarding.earliest_answer
    if isinstance(command, Acknowledge) and withdrawal and command.revision in (None, withdrawal.revision):
        earliest = withdrawal.at
    yield from time_faults(command.at, earliest, now, backfilled=forwarding.content.backfilled)


def seen(before: Forwarding, answered: Forwarding, command: Command) -> int:
    """The newest revision that need not be sent to the agency any more. An acknowledgement without a revision counts
    for the newest one, but the agency may have known only an earlier one. So revisions that it may not know are still
    sent.
    """
    if not isinstance(command, Acknowledge):
        return answered.answered
    return command.revision or (before.seen if answered.withdrawal is None else answered.newest)


def _acknowledge(forwarding: Forwarding, command: Acknowledge, now: datetime) -> list[AgencyResponded]:
    if forwarding.withdrawal is not None:
        return _confirm_stand_down(forwarding, forwarding.withdrawal, command, now)
    revision = command.revision or forwarding.revision
    said_before = forwarding.acknowledged >= min(revision, forwarding.to_acknowledge)
    if said_before and forwarding.state is not State.DECLINED:
        return _in_other_words(forwarding, command, now, revision)
    if forwarding.state is State.CLOSED:
        raise NotAllowed("incident-closed", state=forwarding.state)
    return [_said(forwarding, command, Response.ACKNOWLEDGED, now, revision=revision, **command.beside.beside)]


def _confirm_stand_down(
    forwarding: Forwarding, withdrawal: Withdrawal, command: Acknowledge, now: datetime
) -> list[AgencyResponded]:
    """The events of a confirmed stand-down. If the agency names a revision from before the withdrawal, it has not seen
    the withdrawal, and the unit is still out.
    """
    if not forwarding.stand_down:
        replaced = withdrawal.reason == ASKED_AGAIN
        raise NotAllowed("forwarding-replaced" if replaced else "forwarding-withdrawn", state=forwarding.state)
    revision = withdrawal.revision
    if command.revision is not None and command.revision < revision:
        return _in_other_words(forwarding, command, now, command.revision)
    if withdrawal.confirmed_at is not None:
        return _in_other_words(forwarding, command, now, revision)
    return [_said(forwarding, command, Response.ACKNOWLEDGED, now, revision=revision, **command.beside.beside)]


def _in_other_words(
    forwarding: Forwarding, command: Acknowledge, now: datetime, revision: int
) -> list[AgencyResponded]:
    """The events of a repeated acknowledgement: none, unless it has a new text or other units, which are kept as a
    further answer. Raises NotAllowed if there are too many.
    """
    known = [answer for answer in forwarding.answers if answer.response is Response.ACKNOWLEDGED]
    says = command.beside
    if not (says.text or says.units) or any(says.says_the_same(answer) for answer in known):
        return []
    _require_room(forwarding, Response.ACKNOWLEDGED)
    return [_said(forwarding, command, Response.ACKNOWLEDGED, now, revision=revision, **says.beside)]


def _decline(forwarding: Forwarding, command: Decline, now: datetime) -> list[AgencyResponded]:
    if forwarding.state is State.DECLINED:
        return []
    if forwarding.state not in MAY_DECLINE:
        raise NotAllowed("too-late-to-decline", state=forwarding.state)
    _require_room(forwarding, Response.DECLINED)
    more = {"reason": command.reason, "text": command.text}
    return [_said(forwarding, command, Response.DECLINED, now, revision=forwarding.seen, **more)]


def _report(forwarding: Forwarding, command: Report, now: datetime) -> list[AgencyResponded]:
    """The events of progress. Progress also acknowledges the revision that the agency has seen. It does not acknowledge
    a changed place that has not reached the agency: the unit may be on its way to the old one.

    An agency that had acknowledged may report progress also after the withdrawal or the closing. A step that it passed
    may be reported afterwards, with its time.
    """
    step = State(command.progress.value)
    begins = forwarding.state in {State.RECEIVED, State.DECLINED}  # an agency that declined may come after all
    here = forwarding.answered_state if forwarding.state in ENDED and forwarding.acknowledged else forwarding.state
    passed = here in STEPS and STEPS.index(step) <= STEPS.index(here)
    if passed and (here is step or command.at) and not _says_more(forwarding, command):
        return []
    if not begins and (here not in STEPS or (passed and here is not step and command.at is None)):
        raise NotAllowed("progress-impossible", state=forwarding.state)
    response, beside = Response(command.progress.value), command.beside.beside
    said = [_said(forwarding, command, response, now, revision=forwarding.seen, **beside)]
    if begins:
        said.insert(0, _said(forwarding, command, Response.ACKNOWLEDGED, now, revision=forwarding.seen))
    return said


def _says_more(forwarding: Forwarding, command: Report) -> bool:
    """Whether the agency says something new at a step that it has reached: other words, or an earlier time. Raises
    NotAllowed if it has said so much that its forwarding would grow without bound.
    """
    mine, says = [a for a in forwarding.answers if a.response.value == command.progress.value], command.beside
    repeated = says.says_the_same(NOTHING_BESIDE) or any(says.says_the_same(answer) for answer in mine)
    if repeated and not (command.at and all(command.at < answer.at for answer in mine)):
        return False
    _require_room(forwarding, Response(command.progress.value))
    return True


def _require_room(forwarding: Forwarding, response: Response) -> None:
    """Raises NotAllowed if the agency gave this response so often that its forwarding would grow without bound."""
    if sum(answer.response is response for answer in forwarding.answers) > MOST_REPEATS:
        raise NotAllowed("too-many-answers", state=forwarding.state)


def _said(
    forwarding: Forwarding, command: Command, response: Response, now: datetime, revision: int, **more: Any
) -> AgencyResponded:
    return AgencyResponded(
        **_when(forwarding, command.at, response, now),
        recorded_at=now,
        incident_id=forwarding.incident_id,
        agency=forwarding.agency,
        response=response,
        revision=revision,
        by=command.by,
        channel=command.channel,
        **more,
    )


def _when(forwarding: Forwarding, at: datetime | None, response: Response, now: datetime) -> dict[str, Any]:
    """The time of an answer, and whose clock it is. No two answers of a kind have the same time: dispatch knows by it
    which it has heard.
    """
    if at is None:
        return {"at": after(last_at(forwarding.answers), now)}
    at, known = counted(at, now), {answer.at for answer in forwarding.answers if answer.response is response}
    while at in known:
        at += timedelta(microseconds=1)
    return {"at": at, "clock": AGENCYS_OWN}


_ANSWERS: dict[type[Command], Callable[..., list[AgencyResponded]]] = {
    Acknowledge: _acknowledge,
    Decline: _decline,
    Report: _report,
}
