"""Messages of the bus, read as the events that they carry."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sigap_common.bus.envelope import Envelope, Message
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.registry import event_types
from sigap_common.core.workers import EVENTS
from sigap_common.personal_data import KeyRing, SealContext

LARGE = 64 * 1024
"""Bytes of an event; reading a larger one takes milliseconds."""


@dataclass(frozen=True, slots=True)
class ReceivedEvent:
    """An event as a handler gets it, with its envelope."""

    event: Any
    envelope: Envelope


class EventReader:
    """Reads messages as events. Without a ring the personal data in them stays opaque.

    `kept` gives an event's JSON without values whose retention period is over. Without it the whole event is read.
    """

    def __init__(self, ring: KeyRing | None, kept: Callable[[Envelope, str], str] | None = None) -> None:
        self._ring, self._kept = ring, kept
        self._types = {type_name(event): event for event in event_types()}

    def knows(self, type_: str) -> bool:
        """Whether a contract declares this CloudEvents `type`."""
        return type_ in self._types

    def read(self, message: Message, event_type: type[Event] | None = None) -> ReceivedEvent:
        """The event of a message, as `event_type` or as the contract of its type.

        Raises ValidationError for data that breaks the contract, MalformedEnvelope, KeyError for an unknown type.
        """
        envelope = message.envelope
        context = {"seal": SealContext(self._ring, envelope.subject)}
        kind = event_type or self._types[envelope.type]
        data = self._kept(envelope, message.data.decode()) if self._kept else message.data
        return ReceivedEvent(kind.model_validate_json(data, context=context), envelope)

    async def read_apart(self, message: Message, event_type: type[Event] | None = None) -> ReceivedEvent:
        """Like `read`, but reads a large event in a thread."""
        if len(message.data) <= LARGE:
            return self.read(message, event_type)
        return await EVENTS.run_always(self.read, message, event_type)
