"""The HTTP schemas of agencies' questions, and of the alarm level that an agency asks for."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import PersonalText
from sigap_dispatch import examples
from sigap_dispatch.domain.alarm_levels import DismissAlarmLevel
from sigap_dispatch.domain.questions import AnswerQuestion
from sigap_dispatch.domain.state.asked import ProposedLevel, Question
from sigap_dispatch.schemas.alarm_levels import AlarmLevel
from sigap_dispatch.schemas.words import AGENCY_NAME
from sigap_dispatch.timeline_words import Names


class AnswerQuestionBody(Body):
    model_config = like(examples.ANSWER_QUESTION)

    text: PersonalText = Field(description="Each agency on the incident gets it, with the question, as a note")

    def command(self, question_id: UUID) -> AnswerQuestion:
        return AnswerQuestion(question_id, self.text.clear)


class DismissAlarmLevelBody(Body):
    model_config = like(examples.DISMISS_LEVEL)

    alarm_level: AlarmLevel = Field(description="The proposed level on your screen")

    def command(self) -> DismissAlarmLevel:
        return DismissAlarmLevel(self.alarm_level)


class QuestionOut(BaseModel):
    """A question of an agency to the dispatcher."""

    id: UUID
    forwarding_id: UUID
    agency: str
    name: str | None = Field(default=None, description=AGENCY_NAME)
    at: datetime
    text: str | None = Field(description="Null: the token may not see personal data")
    answered_at: datetime | None
    answered_by: str | None
    note: int | None = Field(description="The number of the note that has the answer")

    @classmethod
    def of(cls, question: Question, names: Names, *, opened: bool) -> Self:
        shown = question.model_dump(exclude={"text"}) | {"name": names.agency(question.agency)}
        return cls(**shown, text=in_clear(question.text) if opened else None)


class ProposedLevelOut(BaseModel):
    """A higher alarm level that an agency asks for. Raise the level, or dismiss the proposal."""

    alarm_level: int
    agency: str
    name: str | None = Field(default=None, description=AGENCY_NAME)
    since: datetime
    text: str | None = Field(description="The agency's words")

    @classmethod
    def of(cls, proposed: ProposedLevel | None, names: Names, *, opened: bool) -> Self | None:
        if proposed is None:
            return None
        shown = proposed.model_dump(exclude={"text"}) | {"name": names.agency(proposed.agency)}
        return cls(**shown, text=in_clear(proposed.text) if opened else None)
