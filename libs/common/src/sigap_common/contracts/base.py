"""The base classes of contracts and events."""

from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

ClockName = Literal["sigap", "exchange", "agency", "paper"]


class Contract(BaseModel):
    """A frozen value that crosses a service's border. Unknown fields are ignored: changes are additive."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Event(Contract):
    """Something that happened. It is named in the past tense and never changed; a correction is a further event.

    The envelope has the aggregate's id, its regency, and the event's number within the aggregate.
    """

    topic: ClassVar[str | None] = None
    """Where it is published; None: on the topic of the service that publishes it."""

    at: datetime = Field(description="When it happened, UTC")
    recorded_at: datetime = Field(description="When Sigap recorded it, UTC")
    clock: ClockName = Field(default="sigap", description="Whose clock `at` is")
    by: str | None = Field(default=None, description="The subject of the token that did it; none: the system")


class MayBeOvertaken(Contract):
    """An agency's answer, which may be overtaken."""

    overtaken: bool = Field(
        default=False,
        description="Given after the forwarding had ended, or after a later step: it is kept and changes no state",
    )
    late: bool = Field(default=False, description="The same as `overtaken`: its older name")

    @model_validator(mode="before")
    @classmethod
    def _under_both_names(cls, said: Any) -> Any:
        """Stored rows and events have only the older name, and older readers know only that one."""
        if not isinstance(said, dict):
            return said
        overtaken = said.get("overtaken", said.get("late", False))
        return {**said, "overtaken": overtaken, "late": overtaken}


def type_name(event: type[Event]) -> str:
    """The CloudEvents `type`, such as `sigap.CallReceived.v1`."""
    return f"sigap.{event.__name__}.v1"
