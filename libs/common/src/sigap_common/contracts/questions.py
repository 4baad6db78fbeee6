"""Events that dispatch publishes about agencies' questions. Subject: the incident's id."""

from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class QuestionAsked(Event):
    """An agency asks the dispatcher something, or asks for help that no proposal can give. It waits for an answer."""

    topic: ClassVar[str] = topics.INCIDENTS
    question_id: UUID
    forwarding_id: UUID
    agency: str
    text: Sealed


class QuestionAnswered(Event):
    """A person answered an agency's question. The answer is a note, which the agencies get."""

    topic: ClassVar[str] = topics.INCIDENTS
    question_id: UUID
    forwarding_id: UUID
    agency: str
    note: int = Field(description="The number of the note that has the answer")
