"""Messages without meaning, for tests of the bus and the mechanisms."""

from datetime import UTC, datetime

from sigap_common.bus.envelope import Envelope, Message
from sigap_common.core.ids import uuid7


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
