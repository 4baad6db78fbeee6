"""What every contract and every event is."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ClockName = Literal["sigap", "exchange", "agency", "paper"]


class Contract(BaseModel):
    """A frozen value that crosses a service's border. Unknown fields are ignored: changes are additive."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Event(Contract):
    """Something that happened: in the past tense, never taken back, only followed by another.

    The aggregate it happened to, its regency and its number in the aggregate's order are in the envelope.
    """

    topic: ClassVar[str | None] = None
    """Where it is published; None: on the topic of the service that says it."""

    at: datetime = Field(description="When it happened, UTC")
    recorded_at: datetime = Field(description="When our system took it down, UTC")
    clock: ClockName = Field(default="sigap", description="Whose clock `at` is")
    by: str | None = Field(default=None, description="The subject of the token that did it; none: the system")


class MayBeOvertaken(Contract):
    """What an agency said, perhaps when it no longer counted."""

    overtaken: bool = Field(
        default=False,
        description="Said after the forwarding had ended, or after a later step: it is kept and moves nothing",
    )
    late: bool = Field(default=False, description="The same as `overtaken`: its older name")

    @model_validator(mode="before")
    @classmethod
    def _under_both_names(cls, said: Any) -> Any:
        """Rows and events that are there already have the older name, and readers may know no other."""
        if not isinstance(said, dict):
            return said
        overtaken = said.get("overtaken", said.get("late", False))
        return {**said, "overtaken": overtaken, "late": overtaken}


def type_name(event: type[Event]) -> str:
    """The CloudEvents `type`, such as `sigap.CallReceived.v1`."""
    return f"sigap.{event.__name__}.v1"
