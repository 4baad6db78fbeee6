"""The questions and instructions of operators for callers."""

from typing import Annotated, Literal

from pydantic import Field

from sigap_common.regency.parts.base import Code, Label, Part, Priority


class Words(Label):
    """Words for a caller, which are ticked when they are said."""

    code: Code | None = Field(None, description="Code in APIs and events; absent: its number in the list, from 1")


class SilentStep(Words):
    """A step of the procedure for a caller who says nothing."""

    listen_s: Annotated[int, Field(ge=0, le=120)] = Field(0, description="Seconds to listen after it")


class TriageAnswer(Part):
    """An answer to a question, with points for the incident types that it suggests."""

    code: Code | None = Field(None, description="Code in APIs and events; absent: its number in the list, from 1")
    label: Label = Field(description="The answer")
    weights: dict[Code, int] = Field(default_factory=dict, description="Points for each incident type")
    priority: Priority | None = Field(None, description="Priority that the answer proposes")
    next: Code | None = Field(None, description="Code of the question that follows")


class TriageQuestion(Part):
    """A question the operator asks. The first of the list opens the tree, with the standard guidance its first does."""

    code: Code = Field(description="Code of the question")
    label: Label = Field(description="The question as it is asked")
    answers: Annotated[tuple[TriageAnswer, ...], Field(min_length=1, max_length=50)] = Field(
        description="Possible answers"
    )


class Instruction(Part):
    """Instructions for a caller until help comes. Operators say them in this order."""

    incident_type: Code = Field(description="Code of the incident type")
    steps: Annotated[tuple[Words, ...], Field(min_length=1, max_length=50)] = Field(
        description="The words, a step each"
    )


class Closing(Part):
    """The way in which an incident closes once every agency has ended its part."""

    when_all_ended: Literal["dispatcher", "automatic"] = Field(
        "dispatcher", description="A dispatcher closes the incident, or it closes by itself"
    )
    disposition: Code | None = Field(None, description="Disposition with which it closes by itself")
