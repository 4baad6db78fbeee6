"""Events that dispatch publishes about referrals of non-emergency reports. Subject: the referral's id.

A referral is no incident: it has no deadline, raises no alarm, and is in no figure of emergencies.
"""

from datetime import date, datetime
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Event
from sigap_common.contracts.calls import Note
from sigap_common.contracts.places import Place
from sigap_common.personal_data import Sealed


class ReferralOpened(Event):
    """A call was classified as a non-emergency report. Its number is told to the caller."""

    topic: ClassVar[str] = topics.INCIDENTS
    number: str = Field(description="The number that people use, such as BKL-R-20240219-0007")
    day: date = Field(description="The regency's local day, which is in the number")
    call_id: UUID
    to: str | None = Field(description="`<regency>/<code>` of one agency; none: the city's complaints desk")
    received_at: datetime
    protected: bool = Field(default=False, description="Of a protected call: nothing of its caller is here")
    backfilled: bool = False
    caller_hash: str | None = None
    caller_number: Sealed | None = None
    caller_name: Sealed | None = None
    place: Place | None = None
    notes: tuple[Note, ...] = ()


class ReferralNoted(Event):
    """The caller said something more, or the place was found."""

    topic: ClassVar[str] = topics.INCIDENTS
    note: Note | None = None
    place: Place | None = None


class ReferralPassedOn(Event):
    """The referral goes to another agency, or to the complaints desk."""

    topic: ClassVar[str] = topics.INCIDENTS
    to: str | None = Field(description="`<regency>/<code>`; none: the city's complaints desk")


class ReferralAnswered(Event):
    """The agency or the desk answered. The answer is read to whoever calls again."""

    topic: ClassVar[str] = topics.INCIDENTS
    text: Sealed


class ReferralClosed(Event):
    """The referral is over."""

    topic: ClassVar[str] = topics.INCIDENTS
    how: Literal["done", "reclassified"] = Field(
        description="done: a person closed it; reclassified: its call got another class, such as emergency"
    )


class ReferralReopened(Event):
    """The call is a non-emergency report again: the referral goes on under its number."""

    topic: ClassVar[str] = topics.INCIDENTS


class ReferralProtected(Event):
    """Its call is protected now: the referral shows nothing of the caller any more."""

    topic: ClassVar[str] = topics.INCIDENTS
