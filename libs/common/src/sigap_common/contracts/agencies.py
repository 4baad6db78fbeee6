"""What the agency gateway says: deliveries and answers. Subject: the forwarding's id."""

from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class Response(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    DONE = "done"


class AboutForwarding(Event):
    topic: ClassVar[str] = topics.AGENCIES
    incident_id: UUID
    agency: str
    revision: int


class ForwardingReceived(AboutForwarding):
    """The gateway has the forwarding in its own table; from here it is the gateway's to deliver."""

    endpoints: tuple[str, ...] = Field(description="The channels it goes out by, in order")


class NotificationDelivered(AboutForwarding):
    """The first proof that this revision reached this endpoint: a 2xx, or shown on a signed-in desk."""

    endpoint: str
    channel: str
    attempts: int
    late: bool = Field(default=False, description="Arrived after `acknowledge_by`")


class NotificationFailed(AboutForwarding):
    """Once per endpoint and revision, when given up or when its share of the time is past."""

    endpoint: str
    channel: str
    attempts: int
    final: bool
    reason: str


class AgencyResponded(AboutForwarding):
    """An agency answered or reported, by whatever channel."""

    response: Response
    channel: str
    reason: str | None = Field(default=None, description="A code of the decline reasons")
    text: Sealed | None = None


class AnsweredElsewhere(AboutForwarding):
    """What one of us took down of the agency's answer has reached the agency's own list."""

    response: Response
    channel: str


class EndpointDisabled(Event):
    """Subject: the endpoint's id."""

    topic: ClassVar[str] = topics.AGENCIES
    agency: str
    endpoint: str
    reason: str
