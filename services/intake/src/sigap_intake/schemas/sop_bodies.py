"""The HTTP schemas of the SOP of a call: what is sent."""

from typing import Annotated

from pydantic import Field

from sigap_common.contracts.calls import Heard
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import AtMost, Code
from sigap_intake.examples import sop as examples
from sigap_intake.schemas.call_bodies import At
from sigap_intake.use_cases.sop import How

Version = Annotated[
    str | None,
    Field(
        max_length=40,
        description="The version of the guidance that the screen shows; none: that in force. If another is in force by"
        " now, what that one does not know is kept all the same, and counts for nothing",
    ),
]


class ByGuidance(Body):
    guidance: Version = None
    at: At = None

    @property
    def how(self) -> How:
        return How(self.at, self.guidance)


class AnswerTriage(ByGuidance):
    model_config = like(examples.ANSWER_TRIAGE)

    answers: Annotated[dict[Code, Code | None], AtMost(50)] = Field(
        min_length=1, description="The answer to each question that was asked; null takes an answer back"
    )


class TellWords(ByGuidance):
    model_config = like(examples.TELL_WORDS)

    incident_type: Code | None = Field(default=None, description="Whose words; none: those for a child")
    step: Code = Field(description="Code of the words")
    told: bool = Field(default=True, description="False: they were not told after all")


class TakeSilentStep(ByGuidance):
    model_config = like(examples.TAKE_SILENT_STEP)

    step: Code = Field(description="Code of the step")
    heard: Heard = Field(description="What was heard after it")


class MarkCaller(Body):
    model_config = like(examples.MARK_CALLER)

    probably_child: bool
    at: At = None
