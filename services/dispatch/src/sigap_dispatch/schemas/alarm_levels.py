"""The HTTP schemas of alarm levels."""

from typing import Annotated

from pydantic import Field

from sigap_common.http.schemas import Body, like
from sigap_common.http.types import PersonalText
from sigap_dispatch import examples
from sigap_dispatch.domain.alarm_levels import SetAlarmLevel

AlarmLevel = Annotated[int, Field(ge=1, le=9)]


class ChangeAlarmLevel(Body):
    model_config = like(examples.ALARM_LEVEL)

    alarm_level: AlarmLevel = Field(description="The level that is wanted")
    seen: AlarmLevel = Field(description="The level that the incident has on your screen")
    reason: PersonalText = Field(description="Why; it is in the timeline, and agencies do not read it")

    def command(self) -> SetAlarmLevel:
        return SetAlarmLevel(self.alarm_level, self.seen, self.reason.clear)
