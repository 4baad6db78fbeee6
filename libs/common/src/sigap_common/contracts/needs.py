"""Events that dispatch publishes about what an incident still needs: a role that no agency fills, the confirmation of a
stand-down. Subject: the incident's id.
"""

from datetime import datetime
from typing import ClassVar
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.personal_data import Sealed


class RoleWaived(Event):
    """A person decided that the incident does not need a role that no agency fills."""

    topic: ClassVar[str] = topics.INCIDENTS
    role: str = Field(description="What an agency was wanted for, such as fire or ambulance")
    text: Sealed = Field(description="The reason in the person's words")


class RoleWaiverEnded(Event):
    """A person took a waiver back: the incident needs the role again."""

    topic: ClassVar[str] = topics.INCIDENTS
    role: str


class WithdrawalUnconfirmed(Event):
    """An agency that must stand down did not confirm in time that its unit turns back. The unit may still be out."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    confirm_by: datetime


class WithdrawalNoted(Event):
    """A person noted that an agency stands down, although the agency did not confirm it."""

    topic: ClassVar[str] = topics.INCIDENTS
    forwarding_id: UUID
    agency: str
    text: Sealed = Field(description="The reason in the person's words")
