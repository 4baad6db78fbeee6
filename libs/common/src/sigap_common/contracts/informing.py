"""Events about those who are only informed of an incident, such as a camat.

Nothing is asked of them: an information has no deadline, needs no acknowledgement, and is no forwarding. So nobody who
counts agencies that were told counts it. Dispatch publishes the first two about the incident, the gateway the others
about the information.
"""

from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.agencies import (
    ForwardingReceived,
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
)
from sigap_common.contracts.base import Event
from sigap_common.contracts.incidents import ForwardingContent, RevisionReason

InformationEnding = Literal["closed", "cancelled", "merged", "not_wanted", "forwarded", "protected"]
"""Why an information ended; `forwarded`: the incident is forwarded to the recipient, who has it as an agency now."""


class IncidentInformed(Event):
    """A recipient is informed of the incident, or of a change. The event has all that the recipient may be shown."""

    topic: ClassVar[str] = topics.INCIDENTS
    information_id: UUID = Field(description="The same for all that one recipient is told of the incident")
    agency: str = Field(description="The recipient: `<regency>/<code>`")
    revision: int = 1
    alarm_level: int = 1
    reason: RevisionReason | None = Field(default=None, description="What changed; null: it is told for the first time")
    content: ForwardingContent = Field(description="Without the caller and without notes")


class InformationEnded(Event):
    """A recipient is told that an incident is over, or concerns it no more."""

    topic: ClassVar[str] = topics.INCIDENTS
    information_id: UUID
    agency: str
    revision: int
    reason: InformationEnding
    content: ForwardingContent = Field(
        description="What the recipient may still be shown: of a protected incident only the number"
    )


class InformationReceived(ForwardingReceived):
    """The gateway has stored what an informed recipient is told. From now on it is responsible for the delivery."""


class InformationDelivered(NotificationDelivered):
    """The first proof that what a recipient is told reached this endpoint. It is no agency told."""


class InformationDelayed(NotificationDelayed):
    """The first attempt to inform a recipient at an endpoint failed; it is tried again."""


class InformationFailed(NotificationFailed):
    """An information could not be delivered to an endpoint."""


class InformationRerouted(NotificationRerouted):
    """An endpoint was given up after its failure had been published; the recipient is informed by other channels."""
