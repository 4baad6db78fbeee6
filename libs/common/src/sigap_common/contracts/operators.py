"""Events that intake publishes about operators: who is present, and what passes from one to another."""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class PresenceState(StrEnum):
    """The state that an operator says."""

    AVAILABLE = "available"
    ON_CALL = "on_call"
    WRAP_UP = "wrap_up"
    BREAK = "break"
    AWAY = "away"


class PresenceChanged(Event):
    """An operator signed on, signed off or changed state, or the screen of an operator fell silent or was heard again.
    Subject: the presence's id, one for each operator and regency.
    """

    topic: ClassVar[str] = topics.CALLS
    operator: str = Field(description="The subject of the operator's token")
    name: Sealed | None = Field(default=None, description="The operator's name, if the token has it")
    state: PresenceState | None = Field(description="None: signed off")
    since: datetime = Field(description="When the operator took up this state")
    stale: bool = Field(default=False, description="Nothing has been heard of the operator's screen for 45 seconds")
