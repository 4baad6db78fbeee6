"""Questions of agencies. Each stands on the board until a person answers it; the answer is a note for the agencies."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sigap_common.contracts.notes import IncidentNoted, NoteSource
from sigap_common.contracts.questions import QuestionAnswered, QuestionAsked
from sigap_common.core.errors import NotAllowed, NotFound
from sigap_common.core.texts import Texts
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.commands import Command
from sigap_dispatch.domain.decision import IncidentDecision
from sigap_dispatch.domain.forwarding import revise
from sigap_dispatch.domain.refusals import require_open
from sigap_dispatch.domain.state.asked import Question
from sigap_dispatch.domain.state.forwarding import Forwarding
from sigap_dispatch.domain.state.incident import Incident

_TEXTS = Texts.load("sigap_dispatch")


@dataclass(frozen=True, slots=True)
class AnswerQuestion(Command):
    question_id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class HearAnswer(Command):
    """A question of this incident, which is merged, was answered on the incident that goes on, `by_other`: a fact."""

    question_id: UUID
    text: str
    by_other: Incident


def ask(decision: IncidentDecision, forwarding: Forwarding, text: Sealed, stamp: Mapping[str, Any]) -> None:
    """The agency of the forwarding asks. `stamp`: when, and who recorded it."""
    decision.emit(
        QuestionAsked(
            **stamp,
            question_id=decision.moment.new_id(),
            forwarding_id=forwarding.id,
            agency=forwarding.agency,
            text=text,
        )
    )


def answer(decision: IncidentDecision, command: AnswerQuestion) -> None:
    """Notes the answer, and sends it to the incident's agencies; also to the one that asked, if its part is done by
    now. Raises NotFound if there is no such question, NotAllowed if somebody answered it before or the incident was
    merged into another.
    """
    incident = decision.incident
    question = next((one for one in incident.questions if one.id == command.question_id), None)
    if question is None:
        raise NotFound
    if incident.merger:
        require_open(incident)
    if question.answered_at:
        raise NotAllowed("question-answered", state=incident.state, by=question.answered_by, note=question.note)
    _note_answer(decision, question, command.text)
    told = [f for f in decision.incident.forwardings if f.is_open or (f.id == question.forwarding_id and f.stands)]
    revise(decision, "noted", [] if incident.closed_at else told)


def hear_answer(decision: IncidentDecision, command: HearAnswer) -> None:
    """Notes the answer here too, and sends it to the agency that asked if the other incident was never forwarded to it:
    its part was done before the merger. A repetition changes nothing.
    """
    question = next((one for one in decision.incident.open_questions if one.id == command.question_id), None)
    if question is None:
        return
    _note_answer(decision, question, command.text)
    has_it = any(f.agency == question.agency and f.stands for f in command.by_other.forwardings)
    asked = [f for f in decision.incident.forwardings if f.id == question.forwarding_id and f.stands]
    revise(decision, "noted", [] if has_it else asked)


def _note_answer(decision: IncidentDecision, question: Question, answered: str) -> None:
    number = decision.incident.note_count + 1
    about = {"question_id": question.id, "forwarding_id": question.forwarding_id, "agency": question.agency}
    decision.emit(QuestionAnswered(**decision.stamp(), **about, note=number))
    text = Sealed(_in_words(decision, question, answered))
    decision.emit(IncidentNoted(**decision.stamp(), number=number, source=NoteSource.CENTRE, text=text))


def _in_words(decision: IncidentDecision, question: Question, answered: str) -> str:
    """The answer with its question, so that each agency knows what it is about."""
    asked = {"agency": decision.moment.name_of(question.agency), "question": question.text.clear}
    return _TEXTS.get("content.answer", "id", **asked, answer=answered)


DECISIONS: dict[type, Callable[[IncidentDecision, Any], None]] = {
    AnswerQuestion: answer,
    HearAnswer: hear_answer,
}
