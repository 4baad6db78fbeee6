"""The HTTP schemas of operators: presence, take-over, offers."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.operators import PresenceState
from sigap_common.core.texts import Texts
from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import PersonalText, RegencyCode, ShortText
from sigap_common.personal_data import Sealed
from sigap_intake.domain import TakeOver
from sigap_intake.domain.presence import HEARTBEAT, Presence
from sigap_intake.examples import operators as examples
from sigap_intake.schemas.reference import Label

_TEXTS = Texts.load("sigap_intake")


class SignOn(Body):
    model_config = like(examples.SIGN_ON)

    regency: RegencyCode = Field(description="Whose room")
    state: PresenceState = Field(description="What the operator does now")


class Heartbeat(Body):
    model_config = like(examples.HEARTBEAT)

    regency: RegencyCode


class SignOff(Body):
    model_config = like(examples.SIGN_OFF)

    regency: RegencyCode
    leave_calls: bool = Field(
        default=False,
        description="Even if something is left behind. Each call on the line becomes an alarm for all",
    )


class HeartbeatOut(BaseModel):
    model_config = like(examples.HEARTBEAT_OUT)

    stale_at: datetime = Field(description="Without another heartbeat the screen counts as fallen silent then")
    next_within_s: int = Field(default=int(HEARTBEAT.total_seconds()), description="Seconds until the next heartbeat")


class PresenceOut(BaseModel):
    """An operator's state in one regency. The name is null unless the token is shown personal data."""

    model_config = like(examples.PRESENCE)

    id: UUID
    regency: str
    version: int
    operator: str = Field(description="The subject of the operator's token")
    name: str | None
    state: PresenceState | None = Field(description="Null: signed off")
    label: Label | None = Field(description="The state in words")
    since: datetime = Field(description="Of the state")
    signed_on_at: datetime
    heard_at: datetime = Field(description="The last heartbeat")
    stale: bool = Field(description="Nothing has been heard of the screen for 45 seconds")
    calls: list[UUID] = Field(description="The calls that the operator has on the line, the oldest first")

    @classmethod
    def of(cls, presence: Presence, calls: list[UUID], *, opened: bool) -> Self:
        facts: dict[str, Any] = {name: getattr(presence, name) for name in _FACTS}
        label = Label(**_TEXTS.labels(f"presence_states.{presence.state}")) if presence.state else None
        return cls(**facts, name=in_clear(presence.name) if opened else None, label=label, calls=calls)


_FACTS = PresenceOut.model_fields.keys() & Presence.model_fields.keys() - {"name"}


class Room(BaseModel):
    items: list[PresenceOut]
    next: str | None


class TakeOverCall(Body):
    model_config = like(examples.TAKE_OVER)

    answered_by: ShortText = Field(description="Who has the call, as your screen shows it")
    reason: PersonalText | None = Field(
        default=None,
        description="Why. Needed more than 20 seconds after that operator took the call, unless it is offered to you",
    )

    def command(self, by: str, name: str | None) -> TakeOver:
        operator = Sealed(name) if name else None
        return TakeOver(by=by, holder=self.answered_by, operator=operator, reason=self.reason)


class OfferToPerson(Body):
    """Of a call or a callback."""

    model_config = like(examples.OFFER)

    to: ShortText = Field(description="The subject of the colleague who is asked to take it")
