"""What every contract and every event is."""

from collections.abc import Iterator
from datetime import datetime
from typing import ClassVar, Literal, TypeGuard

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


def event_types() -> Iterator[type[Event]]:
    """Every event that a contract module declares; what several have in common is none itself."""
    from sigap_common.contracts import agencies, alarms, calls, incidents, regencies, rosters

    for module in (regencies, calls, incidents, agencies, rosters, alarms):
        for name in vars(module).values():
            if _is_event_of(name, module.__name__):
                yield name


def _is_event_of(name: object, module: str) -> TypeGuard[type[Event]]:
    if not (isinstance(name, type) and issubclass(name, Event) and name.__module__ == module):
        return False
    return not any(below.__module__ == module for below in name.__subclasses__())
