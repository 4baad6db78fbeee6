"""The generic adapter: an exchange, or a script beside it, that sends our own form of a telephone event."""

from collections.abc import Sequence
from typing import Annotated, Any, ClassVar

from pydantic import Field

from sigap_common.contracts.calls import EndedBy
from sigap_common.http.types import PersonalLine, ShortText, Utc
from sigap_intake import examples
from sigap_intake.domain import TelephoneEvent, Told
from sigap_intake.odd_values import Forgiving, forgiving, text_of
from sigap_intake.schemas import Number


class GenericEvent(Forgiving):
    """Something happened to a call. An optional field that is odd never costs the event."""

    model_config = forgiving(examples.TELEPHONE_EVENT)
    REPAIRS: ClassVar = {("caller_name",): text_of(200, one_line=True), ("extension",): text_of(200, one_line=True)}

    event: Told
    call_id: ShortText = Field(description="The exchange's own id of the call, the same in all that it tells of it")
    at: Utc | None = Field(default=None, description="When it happened, by the exchange's clock; none: now")
    number: Number = None
    caller_name: PersonalLine | None = None
    extension: PersonalLine | None = Field(default=None, description="The telephone that answered, or that it went to")
    ended_by: Annotated[EndedBy, Field(description="Who hung up; only of the event `ended`")] = "exchange"


def telephone_events(document: Any) -> Sequence[TelephoneEvent]:
    """The adapter; see `GenericEvent` for the document."""
    event = GenericEvent.model_validate(document)
    known = {name: getattr(event, name) for name in ("at", "number", "caller_name", "extension", "ended_by")}
    return [TelephoneEvent(told=event.event, call_id=event.call_id, complaints=event.complaints, **known)]
