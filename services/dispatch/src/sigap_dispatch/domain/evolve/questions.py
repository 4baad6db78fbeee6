"""How agencies' questions change an incident."""

from collections.abc import Callable
from typing import Any

from sigap_common.contracts.base import Event
from sigap_common.contracts.questions import QuestionAnswered, QuestionAsked
from sigap_dispatch.domain.state.asked import Question
from sigap_dispatch.domain.state.incident import Incident

ANSWERED_KEPT = 20
"""The most answered questions in an incident's document. The timeline has all."""


def _asked(incident: Incident, event: QuestionAsked) -> Incident:
    about = {"forwarding_id": event.forwarding_id, "agency": event.agency, "at": event.at, "text": event.text}
    question = Question(id=event.question_id, **about)
    return incident.model_copy(update={"questions": (*incident.questions, question)})


def _answered(incident: Incident, event: QuestionAnswered) -> Incident:
    new = {"answered_at": event.at, "answered_by": event.by, "note": event.note}
    after = [one.model_copy(update=new) if one.id == event.question_id else one for one in incident.questions]
    kept = [one.id for one in after if one.answered_at][-ANSWERED_KEPT:]
    questions = tuple(one for one in after if one.answered_at is None or one.id in kept)
    return incident.model_copy(update={"questions": questions})


FOLLOWS: dict[type[Event], Callable[[Incident, Any], Incident]] = {QuestionAsked: _asked, QuestionAnswered: _answered}
