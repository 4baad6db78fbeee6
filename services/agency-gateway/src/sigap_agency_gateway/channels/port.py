"""What a channel is."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sigap_agency_gateway.domain.delivery import Outcome
from sigap_agency_gateway.notice import Notice
from sigap_agency_gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Receiver:
    """Where a channel delivers to. `secret` is opened for the attempt only and never shown."""

    url: str | None = None
    secret: str | None = field(default=None, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    ours: bool = False
    """Whether it is the drill door of this gateway: its URL comes from the settings and may be private."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a notice to one endpoint. `message_id` and `body` are the same on every attempt."""

    receiver: Receiver
    message_id: str
    started_at: datetime
    body: bytes = field(repr=False)
    late: bool = False
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with an endpoint's definition: where (`url`, `options`), and the text `validation.<kind>`."""

    part: Literal["url", "options"]
    kind: str


class Channel(Protocol):
    pushes: bool
    """Whether we deliver; else the agency fetches, and `render` and `deliver` are never called."""
    signs: bool
    """Whether its endpoints need a secret."""

    def complaints(self, url: str | None, options: Mapping[str, Any]) -> Sequence[Complaint]:
        """All that is wrong with an endpoint's definition; nothing: it will do."""

    def render(self, notice: Notice) -> bytes:
        """The body, once for an endpoint and revision."""

    async def deliver(self, attempt: Attempt) -> Outcome:
        """One attempt, within the settings' time. Never raises for what the receiver does."""

    async def close(self) -> None:
        """At the end of the process."""


ChannelFactory = Callable[[GatewaySettings], Channel]
"""A channel that speaks HTTP takes its client from `settings.outbound`, which refuses private addresses."""
