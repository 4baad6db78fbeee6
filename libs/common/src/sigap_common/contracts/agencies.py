"""Events that the agency gateway publishes: deliveries and answers. Subject: the forwarding's id."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.base import ClockName, Event

AGENCYS_OWN: ClockName = "agency"
"""The clock of a time that an agency gave afterwards."""


class Response(StrEnum):
    ACKNOWLEDGED = "acknowledged"
    DECLINED = "declined"
    EN_ROUTE = "en_route"
    ON_SCENE = "on_scene"
    UNDER_CONTROL = "under_control"
    DONE = "done"


class AboutForwarding(Event):
    topic: ClassVar[str] = topics.AGENCIES
    incident_id: UUID
    agency: str
    revision: int


class ForwardingReceived(AboutForwarding):
    """The gateway has stored the forwarding. From now on it is responsible for the delivery."""

    endpoints: tuple[str, ...] = Field(description="The channels it goes out by, in order")


class NotificationDelivered(AboutForwarding):
    """The first proof that this revision reached this endpoint: a 2xx, or shown on a signed-in desk."""

    endpoint: str
    channel: str
    attempts: int
    late: bool = Field(default=False, description="Arrived after `acknowledge_by`")


class NotificationDelayed(AboutForwarding):
    """The first attempt at an endpoint failed; it is tried again. Once per endpoint and revision."""

    endpoint: str
    channel: str
    reason: str = Field(description="Of the attempt, such as timeout, not-connected or status")
    status: int | None = Field(default=None, description="What the receiver answered, such as 500")


class NotificationFailed(AboutForwarding):
    """A delivery failed: it was given up, or its share of the time is over. Once per endpoint and revision."""

    endpoint: str
    channel: str
    attempts: int
    final: bool
    reason: str
    goes_on_by: tuple[str, ...] = Field(
        default=(), description="The channels by which the agency is told instead; desk if the desk does it"
    )


class NotificationRerouted(AboutForwarding):
    """An endpoint was given up after its failure had been published; the agency is told by other channels instead."""

    endpoint: str
    channel: str
    reason: str
    goes_on_by: tuple[str, ...] = Field(description="The same as in NotificationFailed")


class AgencyResponded(SaidBeside, AboutForwarding):
    """An agency answered or reported progress, by any channel."""

    response: Response
    channel: str
    reason: str | None = Field(default=None, description="A code of the decline reasons")

    @property
    def proves_at(self) -> datetime:
        """From when the answer proves that the agency has the forwarding. A time that the agency gave afterwards proves
        nothing.
        """
        return self.recorded_at if self.clock == AGENCYS_OWN else self.at


class AnsweredElsewhere(AboutForwarding):
    """An answer that an operator or dispatcher recorded for the agency is now in the agency's own list."""

    response: Response
    channel: str


class EndpointDisabled(Event):
    """An endpoint was disabled. Subject: the endpoint's id."""

    topic: ClassVar[str] = topics.AGENCIES
    agency: str
    endpoint: str
    reason: str
