"""The generic adapter. It reads this product's own form of a telephone event, which an exchange or a script sends."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from sigap_common.contracts.calls import EndedBy
from sigap_common.http.types import PersonalLine, ShortText, Utc
from sigap_intake.domain import TelephoneEvent, Told
from sigap_intake.examples import calls as examples
from sigap_intake.schemas.call_bodies import Imei, Number
from sigap_intake.schemas.odd_values import Forgiving, forgiving, text_of


class GenericEvent(Forgiving):
    """Something happened to a call. If an optional field is wrong, the event is recorded without it."""

    model_config = forgiving(examples.TELEPHONE_EVENT)
    REPAIRS: ClassVar = {("caller_name",): text_of(200, one_line=True), ("extension",): text_of(200, one_line=True)}

    event: Told
    call_id: ShortText = Field(description="The exchange's own id of the call, the same in all events of the call")
    at: Utc | None = Field(default=None, description="When it happened, by the exchange's clock; null: now")
    number: Number = None
    imei: Imei = None
    caller_name: PersonalLine | None = None
    extension: PersonalLine | None = Field(
        default=None, description="The telephone that answered, or to which the call was transferred"
    )
    ended_by: Annotated[EndedBy, Field(description="Who hung up; only for the event `ended`")] = "exchange"


def telephone_events(document: Any) -> Sequence[TelephoneEvent]:
    """The adapter: one telephone event for each document. `GenericEvent` is the document."""
    event = GenericEvent.model_validate(document)
    known = {name: getattr(event, name) for name in ("at", "number", "imei", "caller_name", "extension", "ended_by")}
    return [TelephoneEvent(told=event.event, call_id=event.call_id, complaints=event.complaints, **known)]
