"""Events that intake publishes about callbacks: dropped calls as work to do. Subject: the callback's id, or of a
`Caller...` event the id of what is known about calling a number back.
"""

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Literal
from uuid import UUID

from pydantic import Field

from sigap_common.contracts import topics
from sigap_common.contracts.base import Contract, Event
from sigap_common.contracts.calls import Channel
from sigap_common.contracts.places import Place
from sigap_common.personal_data import Sealed


class Drop(StrEnum):
    """The way in which a call was dropped."""

    ABANDONED = "abandoned"
    CUT_OFF = "cut_off"
    SCREENED = "screened"


class DroppedCall(Contract):
    call_id: UUID
    drop: Drop
    channel: Channel
    received_at: datetime
    ended_at: datetime


class RankReason(StrEnum):
    """A sign that a dropped call was a real emergency, or that it was not."""

    AGAIN = "again"
    PLACE_SHARED = "place_shared"
    PLACE_KNOWN = "place_known"
    NIGHT = "night"
    INCIDENT_NEAR = "incident_near"
    TRIED = "tried"
    SCREENED = "screened"


class RankPart(Contract):
    """The points that one reason adds to the rank. `count`: how often it holds, such as once for each further call."""

    reason: RankReason
    points: int
    count: int = 1


class CallbackOutcome(StrEnum):
    """The outcome of a call back."""

    RECOVERED = "recovered"
    NO_ANSWER = "no_answer"
    REAL = "real"
    NOT_NEEDED = "not_needed"


class Ranked(Contract):
    points: int = Field(description="The sum of the parts")
    parts: tuple[RankPart, ...] = ()


class _Dropped(Event):
    """A dropped call, and how the callback stands with it."""

    topic: ClassVar[str] = topics.CALLS
    call: DroppedCall
    place: Place | None = Field(default=None, description="Where the caller was, if it is known")
    ranked: Ranked
    expires_at: datetime = Field(description="When the callback ends if nobody calls")
    first_for: str | None = Field(default=None, description="The operator whose call was cut off, who may call first")
    first_until: datetime | None = None
    withheld: bool = Field(
        default=False, description="The number may not be called as it is: operators are not shown it in the stream"
    )


class CallbackOpened(_Dropped):
    """A call was dropped, and nothing was known of its number before. Calls without a number are joined by IMEI or, if
    that is unknown too, by place.
    """

    number: Sealed | None = None
    caller_hash: str | None = Field(default=None, description="Keyed hash of the E.164 number; if none, of the IMEI")
    guarded: bool = Field(default=False, description="The number had a silent or a protected call")
    declined: bool = Field(default=False, description="The caller has said not to call back")
    contact_note: Sealed | None = Field(default=None, description="How the number can be called safely")


class CallbackCallAdded(_Dropped):
    """A further call of the same number, or without a number of the same telephone or place, was dropped."""


class CallbackRanked(Event):
    """The rank changed, because other numbers of the same place dropped calls too."""

    topic: ClassVar[str] = topics.CALLS
    ranked: Ranked


class CallbackClaimed(Event):
    """One person has taken the callback on."""

    topic: ClassVar[str] = topics.CALLS
    operator: Sealed | None = Field(default=None, description="The person's name, if the token has it")
    until: datetime = Field(description="When it is anybody's again if no attempt is recorded")
    before: str | None = Field(default=None, description="Who had claimed it, and offered it to this person")


class CallbackOffered(Event):
    """The person who has claimed the callback offers it to another, and keeps it until the other accepts."""

    topic: ClassVar[str] = topics.CALLS
    to: str = Field(description="The subject of the other person, who accepts by CallbackClaimed")


class CallbackOfferDeclined(Event):
    """The person to whom the callback was offered does not take it."""

    topic: ClassVar[str] = topics.CALLS


class CallbackReleased(Event):
    """The callback is anybody's again."""

    topic: ClassVar[str] = topics.CALLS
    reason: Literal["person", "lapsed", "unsafe"] = Field(
        description="A person gave it back; no attempt came in time; or the number may no longer be called as it is"
    )


class CallbackAttempted(Event):
    """The number was called, or found to need no call. `ends`: the callback is over with this outcome."""

    topic: ClassVar[str] = topics.CALLS
    outcome: CallbackOutcome
    ends: bool
    ranked: Ranked
    text: Sealed | None = None
    opened_call: UUID | None = Field(default=None, description="Of a real emergency: the call that it became")


class CallbackNoted(Event):
    """Somebody wrote a note."""

    topic: ClassVar[str] = topics.CALLS
    text: Sealed


class CallbackResolved(Event):
    """No call back is needed any more: the number was answered since (`contact`), the operator has classified the call
    (`classified`), its number became known and its calls are another callback's (`joined`), or another regency goes on
    with the caller (`handed_on`).
    """

    topic: ClassVar[str] = topics.CALLS
    how: Literal["contact", "classified", "joined", "handed_on"]
    call_id: UUID


class CallbackExpired(Event):
    """Nobody called in the pack's time. `call_by`: it was drawn for the sample that is called all the same, by then."""

    topic: ClassVar[str] = topics.CALLS
    call_by: datetime | None = None


class CallbackContactChanged(Event):
    """Whether and how the number may be called changed."""

    topic: ClassVar[str] = topics.CALLS
    guarded: bool
    declined: bool
    contact_note: Sealed | None = None


class CallerContactChanged(Event):
    """Whether and how a number may be called back, as it stands now."""

    topic: ClassVar[str] = topics.CALLS
    caller_hash: str | None = Field(description="Keyed hash of the E.164 number; if none, of the IMEI")
    guarded: bool = Field(description="It had a silent or a protected call")
    declined: bool = Field(description="Its caller has said not to call back")
    lifted: bool = Field(default=False, description="A supervisor has said that the number is guarded no more")
    contact_note: Sealed | None = Field(default=None, description="How it can be called safely")
    call_id: UUID = Field(description="The call from which this is known")
