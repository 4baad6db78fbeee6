"""Alarm events. Each service publishes its alarms on its own topic; dispatch lists them until they are cleared."""

from uuid import UUID

from pydantic import Field

from sigap_common.contracts.base import Event


class AlarmRaised(Event):
    """Something needs a person, until it is cleared."""

    alarm_id: UUID = Field(description="The same for the same trouble of the same subject, so that it is raised once")
    kind: str = Field(description="A code of the alarm catalogue, such as acknowledgement_missed")
    about: str = Field(description="What it is about: `incidents/<id>`, `endpoints/<id>`, `calls/<id>`")
    label: str | None = Field(default=None, description="A number or code that people use for it; no personal data")
    agency: str | None = Field(default=None, description="`<regency>/<code>`, if it is one agency's matter")
    role: str | None = Field(default=None, description="What no agency fills, such as fire, if it is about a role")


class AlarmCleared(Event):
    """What the alarm was about is over."""

    alarm_id: UUID
    kind: str
    about: str
