"""What every contract and every event is."""

from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

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


def type_name(event: type[Event]) -> str:
    """The CloudEvents `type`, such as `sigap.CallReceived.v1`."""
    return f"sigap.{event.__name__}.v1"
