"""What follows when an operator works by the guidance: asks, tells, takes the steps for silent calls, marks a child."""

from collections.abc import Iterator
from typing import Any, assert_never

from sigap_common.contracts import Event
from sigap_common.contracts.calls import CallerMarked, CallerTold, CallSilentStepTaken, CallTriaged, GivenAnswer, Heard
from sigap_common.core.errors import Fault, Invalid
from sigap_common.regency import Guidance
from sigap_intake.domain.commands import AnswerTriage, MarkCaller, TakeSilentStep, TellWords
from sigap_intake.domain.sop import Sop
from sigap_intake.domain.triage import triage

MOST_KEPT = 200
"""Answers, words or steps of one call. No guidance has so many; a call's document must not grow without end."""


def sop_events(
    sop: Sop, command: AnswerTriage | TellWords | TakeSilentStep | MarkCaller, moment: dict[str, Any]
) -> list[Event]:
    """Nothing if it was said before. `moment`: when and by whom, as every event has it.

    Raises Invalid for questions, answers, types and steps that the guidance in force does not have. If the guidance has
    changed since the operator's screen read it, they are kept as they were told.
    """
    match command:
        case AnswerTriage():
            return _triaged(sop, command, moment)
        case TellWords():
            return _told(sop, command, moment)
        case TakeSilentStep():
            return _step_taken(sop, command, moment)
        case MarkCaller():
            said_before = command.probably_child == sop.probably_child
            return [] if said_before else [CallerMarked(**moment, probably_child=command.probably_child)]
        case _:
            assert_never(command)


def silent_steps_left(sop: Sop, guidance: Guidance) -> list[str]:
    """The steps that are missing before a call may be classified as silent; none once the caller has hung up."""
    if any(test.heard is Heard.HUNG_UP for test in sop.silent_steps):
        return []
    taken = {test.step for test in sop.silent_steps}
    return [step for step in guidance.silent_call if step not in taken]


def _triaged(sop: Sop, command: AnswerTriage, moment: dict[str, Any]) -> list[Event]:
    if not command.is_outdated and (faults := list(_unknown(sop, command))):
        raise Invalid(errors=faults)
    answers = _merged(sop.answers, command.answers)
    if answers == sop.answers:
        return []
    _check_room(len(answers), "answers")
    # The version by which the proposal is made, also if the operator's screen has an earlier one.
    made_by = {"guidance": command.guidance.version, "read": command.read if command.is_outdated else None}
    return [CallTriaged(**moment, answers=answers, proposal=triage(command.guidance, answers), **made_by)]


def _unknown(sop: Sop, command: AnswerTriage) -> Iterator[Fault]:
    """Taking back what was answered by an earlier version is no fault."""
    known, given = command.guidance.answers, {one.question for one in sop.answers}
    for question, answer in command.answers.items():
        place = ("body", "answers", question)
        if answer is None and question in given:
            continue
        if question not in known:
            yield Fault(place, "question_unknown", {"expected": list(known)})
        elif answer is not None and answer not in known[question]:
            yield Fault(place, "answer_unknown", {"expected": list(known[question])})


def _merged(given: tuple[GivenAnswer, ...], told: dict[str, str | None]) -> tuple[GivenAnswer, ...]:
    """The later answer to a question holds. A changed one is the latest, the same again keeps its place."""
    answers = {one.question: one.answer for one in given}
    for question, answer in told.items():
        if answer is None or answers.get(question) != answer:
            answers.pop(question, None)
        if answer is not None:
            answers[question] = answer
    return tuple(GivenAnswer(question=question, answer=answer) for question, answer in answers.items())


def _told(sop: Sop, command: TellWords, moment: dict[str, Any]) -> list[Event]:
    guidance, kind = command.guidance, command.incident_type
    listed = guidance.child_words if kind is None else guidance.words.get(kind, {})
    if command.told == any((one.incident_type, one.step) == (kind, command.step) for one in sop.told):
        return []
    if command.told:
        _check_step(command.step, list(listed), is_outdated=command.is_outdated)
    _check_room(len(sop.told) + command.told, "step")
    words = listed.get(command.step)
    return [
        CallerTold(
            **moment,
            incident_type=kind,
            step=command.step,
            words=words.id if words and not command.is_outdated else None,
            guidance=command.version,
            taken_back=not command.told,
        )
    ]


def _step_taken(sop: Sop, command: TakeSilentStep, moment: dict[str, Any]) -> list[Event]:
    _check_step(command.step, list(command.guidance.silent_call), is_outdated=command.is_outdated)
    if any((one.step, one.heard) == (command.step, command.heard) for one in sop.silent_steps):
        return []
    _check_room(len(sop.silent_steps) + 1, "step")
    return [CallSilentStepTaken(**moment, step=command.step, heard=command.heard, guidance=command.version)]


def _check_step(step: str, known: list[str], *, is_outdated: bool) -> None:
    if step not in known and not is_outdated:
        raise Invalid(errors=[Fault(("body", "step"), "code_unknown", {"expected": known})])


def _check_room(count: int, field: str) -> None:
    if count > MOST_KEPT:
        raise Invalid(errors=[Fault(("body", field), "too_long", {"max_length": MOST_KEPT})])
