"""Alarm events. Each service publishes its alarms on its own topic; dispatch groups and lists them until they are
cleared.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event


class AlarmRaised(Event):
    """Something needs a person, until it is cleared."""

    alarm_id: UUID = Field(description="The same for the same trouble of the same subject, so that it is raised once")
    kind: str = Field(description="A code of the alarm catalogue, such as acknowledgement_missed")
    about: str = Field(description="What it is about: `incidents/<id>`, `endpoints/<id>`, `calls/<id>`")
    label: str | None = Field(default=None, description="A number or code that people use for it; no personal data")
    agency: str | None = Field(default=None, description="`<regency>/<code>`, if it is one agency's matter")
    role: str | None = Field(default=None, description="What no agency fills, such as fire, if it is about a role")


class AlarmGroupChanged(Event):
    """A group of alarms has changed: all alarms of one agency, or one other alarm. Subject: the group's id.

    A screen sounds if it has not seen this group with this `since` before.
    """

    topic: ClassVar[str] = topics.INCIDENTS
    count: int = Field(description="How many alarms stand; 0: the group is over")
    since: datetime = Field(description="From when it stands; the same if it came back within two minutes")
    severity: str = Field(description="critical, serious or minor: that of its most severe alarm")
    kind: str = Field(description="The kind of that alarm")
    about: str = Field(description="What that alarm is about")
    label: str | None = None
    agency: str | None = None


class AlarmCleared(Event):
    """What the alarm was about is over."""

    alarm_id: UUID
    kind: str
    about: str


class AlarmRangFurther(Event):
    """An alarm stands, and nobody is signed on in its regency: the pack's duty telephones are to ring. The exchange
    decides what they do. Subject: an id of its own for each ringing, of which there is one for each alarm that becomes
    the most severe of its group.
    """

    topic: ClassVar[str] = topics.CALLS
    telephones: tuple[str, ...] = Field(description="The numbers, first choice first")
    kind: str = Field(description="That of the group's most severe alarm")
    severity: str
    about: str = Field(description="What that alarm is about")
    label: str | None = Field(default=None, description="As in AlarmGroupChanged")
    since: datetime = Field(description="From when the group stands")
