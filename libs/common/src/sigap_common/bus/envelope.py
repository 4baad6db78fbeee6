"""The envelope of an event: CloudEvents 1.0 in Kafka's binary mode.

Attributes travel as headers `ce_<name>` in UTF-8, the data as the record's value, its media type in `content-
type` (CloudEvents Kafka protocol binding 1.0, section 3.2). Identifiers are UUIDs in their canonical 36
characters, times RFC 3339 in UTC.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from uuid import UUID

from pydantic_core import to_json

_JSON = b"application/json"
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)", re.ASCII)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"[0-9]{1,18}", re.ASCII)
_NAMES = (
    "specversion",
    "id",
    "source",
    "type",
    "subject",
    "time",
    "regency",
    "sequence",
    "correlationid",
    "causationid",
    "traceparent",
    "partitionkey",
    "drill",
    "need",
    "order",
)
_HEADERS = frozenset([*(f"ce_{name}" for name in _NAMES), "content-type"])


class MalformedEnvelope(ValueError):
    """The headers are not those of a CloudEvent of this product. `header` names the wrong one."""

    def __init__(self, header: str, reason: str) -> None:
        super().__init__(f"{header}: {reason}")
        self.header = header
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Envelope:
    """The facts about an event that can be read without its data.

    `sequence` counts the events of the aggregate `subject`; `partitionkey` is that aggregate's id and the
    Kafka key. `time` is aware; it is written, and read back, in UTC. `id` stays the same on every retry. `order` is the
    text by which a list sorts the aggregate from this event on; empty: no list sorts it so, or it has left the list.
    """

    id: UUID
    source: str
    type: str
    subject: str
    time: datetime
    regency: str
    sequence: int
    correlationid: UUID
    causationid: UUID | None = None
    traceparent: str | None = None
    partitionkey: str = ""
    drill: bool = False
    need: str | None = None
    """Of a protected subject: who may see the event, as text. None: the subject is not protected."""
    order: str = ""

    def headers(self) -> list[tuple[str, bytes]]:
        """The envelope as Kafka headers. Raises ValueError if the time has no offset."""
        headers = [
            ("ce_specversion", b"1.0"),
            ("ce_id", str(self.id).encode()),
            ("ce_source", self.source.encode()),
            ("ce_type", self.type.encode()),
            ("ce_subject", self.subject.encode()),
            ("ce_time", _written(self.time).encode()),
            ("ce_regency", self.regency.encode()),
            ("ce_sequence", b"%d" % self.sequence),
            ("ce_correlationid", str(self.correlationid).encode()),
            ("ce_drill", b"true" if self.drill else b"false"),
            ("content-type", _JSON),
        ]
        if self.causationid is not None:
            headers.append(("ce_causationid", str(self.causationid).encode()))
        if self.traceparent is not None:
            headers.append(("ce_traceparent", self.traceparent.encode()))
        if self.order:
            headers.append(("ce_order", self.order.encode()))
        if self.partitionkey:
            headers.append(("ce_partitionkey", self.partitionkey.encode()))
        if self.need is not None:
            headers.append(("ce_need", self.need.encode()))
        return headers

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> "Envelope":
        """Reads them strictly; headers it does not know are ignored. Raises MalformedEnvelope."""
        text = _texts(headers)
        _check_mode(text)
        causation, partitionkey = text.get("ce_causationid"), text.get("ce_partitionkey", "")
        return cls(
            _uuid("ce_id", _required(text, "ce_id")),
            _required(text, "ce_source"),
            _required(text, "ce_type"),
            _required(text, "ce_subject"),
            _time(_required(text, "ce_time")),
            _required(text, "ce_regency"),
            _number("ce_sequence", _required(text, "ce_sequence")),
            _uuid("ce_correlationid", _required(text, "ce_correlationid")),
            None if causation is None else _uuid("ce_causationid", causation),
            text.get("ce_traceparent"),
            partitionkey,
            _truth(text.get("ce_drill", "false")),
            text.get("ce_need"),
            text.get("ce_order", ""),
        )

    def to_json(self) -> str:
        """The envelope as it is stored in a table: the headers as one JSON object."""
        return to_json(dict(self.headers())).decode()

    @classmethod
    def from_json(cls, text: str) -> "Envelope":
        """The envelope from the JSON of `to_json`. Raises MalformedEnvelope."""
        return cls.from_headers(headers_of(text))


@dataclass(frozen=True)
class Message:
    """What the bus carries: headers and data (JSON in UTF-8), in order with all others of the same key."""

    topic: str
    key: str
    headers: tuple[tuple[str, bytes], ...]
    data: bytes

    @classmethod
    def of(cls, topic: str, key: str, envelope: Envelope, data: bytes) -> "Message":
        return cls(topic, key, tuple(envelope.headers()), data)

    @cached_property
    def envelope(self) -> Envelope:
        """The envelope, parsed at the first use: many callers only pass a message on. Raises MalformedEnvelope."""
        return Envelope.from_headers(self.headers)

    @property
    def type(self) -> str | None:
        """The event's id as the header has it, also if the other headers are malformed."""
        return self._header("ce_type")

    @property
    def need(self) -> str | None:
        """The header `ce_need`: who may see the event. None: whoever may see its topic."""
        return self._header("ce_need")

    def _header(self, wanted: str) -> str | None:
        return next((value.decode(errors="replace") for name, value in self.headers if name == wanted), None)


def headers_of(text: str) -> tuple[tuple[str, bytes], ...]:
    """The headers of an envelope, from the JSON that a table stores."""
    return tuple((name, value.encode()) for name, value in json.loads(text).items())


def _texts(headers: Iterable[tuple[str, bytes]]) -> dict[str, str]:
    text: dict[str, str] = {}
    for name, value in headers:
        if name not in _HEADERS:
            continue
        if name in text:
            raise MalformedEnvelope(name, "given twice")
        try:
            text[name] = value.decode()
        except (UnicodeDecodeError, AttributeError):
            raise MalformedEnvelope(name, "not UTF-8 text") from None
    return text


def _check_mode(text: Mapping[str, str]) -> None:
    media_type = _required(text, "content-type").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise MalformedEnvelope("content-type", f"expected application/json in binary mode, not {media_type!r}")
    if (version := _required(text, "ce_specversion")) != "1.0":
        raise MalformedEnvelope("ce_specversion", f"expected 1.0, not {version!r}")


def _required(text: Mapping[str, str], header: str) -> str:
    if not (value := text.get(header)):
        raise MalformedEnvelope(header, "missing" if value is None else "empty")
    return value


def _uuid(header: str, value: str) -> UUID:
    if not _UUID.fullmatch(value):
        raise MalformedEnvelope(header, f"not a UUID: {value!r}")
    return UUID(value)


def _number(header: str, value: str) -> int:
    if not _NUMBER.fullmatch(value):
        raise MalformedEnvelope(header, f"not a whole number: {value!r}")
    return int(value)


def _truth(value: str) -> bool:
    if value not in ("true", "false"):
        raise MalformedEnvelope("ce_drill", f"neither true nor false: {value!r}")
    return value == "true"


def _time(value: str) -> datetime:
    try:
        if _RFC3339.fullmatch(value):
            return datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise MalformedEnvelope("ce_time", f"not an RFC 3339 time: {value!r}")


def _written(time: datetime) -> str:
    if time.tzinfo is None:
        raise ValueError(f"a time without an offset: {time.isoformat()}")
    return time.astimezone(UTC).isoformat()[:-6] + "Z"
