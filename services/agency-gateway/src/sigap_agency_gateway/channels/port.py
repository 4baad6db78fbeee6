"""The interface of a channel."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol

from sigap_agency_gateway.domain.delivery import Outcome
from sigap_agency_gateway.notice import Notice
from sigap_agency_gateway.settings import GatewaySettings


@dataclass(frozen=True, slots=True)
class Receiver:
    """The receiver of a delivery. `secret` is in clear for this attempt only, and never shown."""

    url: str | None = None
    secret: str | None = field(default=None, repr=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    ours: bool = False
    """Whether the receiver is this gateway's own drill door: its URL comes from the settings and may be private."""


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
    """One error in an endpoint's definition: in `url` or `options`. Its message is the text `validation.<kind>`."""

    part: Literal["url", "options"]
    kind: str


class Channel(Protocol):
    pushes: bool
    """Whether the gateway sends notices. If not, the agency fetches them, and `render` and `deliver` are never called.
    """
    signs: bool
    """Whether an endpoint of this channel needs a secret."""

    def complaints(self, url: str | None, options: Mapping[str, Any]) -> Sequence[Complaint]:
        """All errors in an endpoint's definition; none if it can be used."""

    def render(self, notice: Notice) -> bytes:
        """The body of a notice, in the channel's form. It is called once for each endpoint and revision."""

    async def deliver(self, attempt: Attempt) -> Outcome:
        """Makes one attempt, within the time of the settings. If the receiver fails, it raises nothing: the outcome has
        the error.
        """

    async def close(self) -> None:
        """Called when the process ends."""


ChannelFactory = Callable[[GatewaySettings], Channel]
"""Makes a Channel. A channel that uses HTTP must take its client from `settings.outbound`, which refuses private
addresses.
"""
