"""Messages as services publish them, and such without meaning, for tests of what carries them."""

from datetime import UTC, datetime
from uuid import UUID

from sigap_common.bus.envelope import Envelope, Message
from sigap_common.contracts.base import Event, type_name
from sigap_common.core.ids import uuid7
from sigap_common.personal_data import KeyRing, SealContext


def an_envelope(
    event: Event,
    subject: str,
    *,
    regency: str,
    sequence: int = 1,
    source: str = "test",
    drill: bool = False,
    event_id: UUID | None = None,
    traceparent: str | None = None,
    need: str | None = None,
) -> Envelope:
    """What goes with the event, which is number `sequence` of its subject."""
    return Envelope(
        id=event_id or uuid7(),
        source=source,
        type=type_name(type(event)),
        subject=subject,
        time=event.recorded_at,
        regency=regency,
        sequence=sequence,
        correlationid=uuid7(),
        traceparent=traceparent,
        partitionkey=subject,
        drill=drill,
        need=need,
    )


def message_of(event: Event, envelope: Envelope, ring: KeyRing) -> Message:
    """The event as a service publishes it, its personal data sealed by the ring."""
    data = event.model_dump_json(context={"seal": SealContext(ring, envelope.subject)})
    return Message.of(event.topic or "sigap.test", envelope.subject, envelope, data.encode())


def a_message(topic: str, key: str, sequence: int = 1, data: bytes = b"{}") -> Message:
    """Event number `sequence` of the aggregate `key`."""
    envelope = Envelope(
        id=uuid7(),
        source="test",
        type="sigap.SomethingHappened.v1",
        subject=key,
        time=datetime.now(UTC),
        regency="00.00",
        sequence=sequence,
        correlationid=uuid7(),
        partitionkey=key,
    )
    return Message.of(topic, key, envelope, data)
