"""The HTTP schemas of calls: what is sent, from the arrival to the end."""

from typing import Annotated, ClassVar, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.calls import CallClass, Channel
from sigap_common.contracts.fixes import FixSource
from sigap_common.http.schemas import Body, MaybeWhere, Where, like
from sigap_common.http.types import Code, Personal, PersonalLine, PersonalText, RegencyCode, ShortText, Utc
from sigap_common.personal_data import Sealed
from sigap_intake.domain import (
    Answer,
    Classification,
    Classify,
    End,
    Receive,
    WriteNote,
)
from sigap_intake.examples import calls as examples
from sigap_intake.schemas.odd_values import Forgiving, complaint_of, forgiving, text_of

LONGEST_NUMBER = 100
LOOKED_AT = 10 * LONGEST_NUMBER
"""So many characters of a number field are read. A longer text is not a number."""


def _as_told(number: object) -> object:
    """The field as text without control characters, cut to LONGEST_NUMBER: a call must not be lost because of an odd
    number. A client may send digits as a JSON number.
    """
    if isinstance(number, int | float) and not isinstance(number, bool):
        number = f"{number:d}" if isinstance(number, int) else f"{number:.0f}"
    if not isinstance(number, str):
        return number
    number = number[:LOOKED_AT]
    if number.isprintable():
        return number.strip()[:LONGEST_NUMBER] or None
    signs = (sign if sign.isprintable() else " " if sign.isspace() else "" for sign in number)
    return "".join(signs).strip()[:LONGEST_NUMBER] or None


Number = Annotated[
    Annotated[Sealed, Personal(LONGEST_NUMBER)] | None,
    BeforeValidator(_as_told),
    Field(description="The caller's number in any notation; null if the call has none"),
]
Imei = Annotated[
    Annotated[Sealed, Personal(LONGEST_NUMBER)] | None,
    BeforeValidator(_as_told),
    Field(description="The IMEI of the caller's telephone: 15 digits, or its URN. For callers without a number"),
]
At = Annotated[Utc | None, Field(description="When it happened; for a backfilled call only")]


class CallerLocation(Where):
    pass  # a subclass only so that it has a name of its own in the OpenAPI


class ReceiveCall(Forgiving):
    """A call arrives. If an optional field is wrong, the call is recorded without that field, and has a complaint
    (`complaints`) about it.
    """

    model_config = forgiving(examples.RECEIVE_CALL)
    REPAIRS: ClassVar = {
        ("caller_name",): text_of(200, one_line=True),
        ("caller_location", "address"): text_of(4000),
    }

    regency: RegencyCode = Field(description="The regency whose queue the call entered")
    channel: Channel
    number: Number = None
    imei: Imei = None
    caller_name: PersonalLine | None = None
    caller_location: CallerLocation | None = Field(default=None, description="Where the caller is: a hint")
    exchange_id: ShortText | None = Field(
        default=None,
        description="The exchange's own id. Until an hour after the call's end the same id names the same call, unless "
        "number or time contradict",
    )
    received_at: Utc | None = Field(default=None, description="When the call reached our first queue; null: now")
    backfilled: bool = Field(default=False, description="A backfilled entry with its own times (supervisor, admin)")
    notify: bool | None = Field(default=None, description="Whether a backfilled entry is sent to agencies; null: no")
    drill: bool = Field(default=False, description="A call for practice")
    with_agencies: bool = Field(default=False, description="A drill that is sent to the real agencies (supervisor)")

    def command(self, by: str, *, by_exchange: bool) -> Receive:
        """The command. Raises Invalid if a person sent an unknown field."""
        if not by_exchange:
            self.refuse_unknown_fields()
        where, complaints = self.caller_location, self.complaints
        if where and where.is_null_island:
            complaints = (*complaints, complaint_of(["caller_location"], "position_null", [where.lat, where.lon]))
        return Receive(
            by=by,
            by_exchange=by_exchange,
            at=self.received_at,
            caller_place=where.place if where else None,
            complaints=complaints,
            **{name: getattr(self, name) for name in _AS_THEY_ARE},
        )


_AS_THEY_ARE = ReceiveCall.model_fields.keys() - {"regency", "received_at", "caller_location"}


class AnswerCall(Body):
    at: At = None

    def command(self, by: str, name: str | None) -> Answer:
        return Answer(by=by, at=self.at, operator=Sealed(name) if name else None)


class LocateEmergency(MaybeWhere):
    model_config = like(examples.LOCATE_EMERGENCY)

    same_as_caller: bool = Field(default=False, description="The emergency is where the caller is")
    at: At = None
    source: FixSource | None = Field(default=None, description="What the place was found by; null: not told")

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.place is None) != self.same_as_caller:
            raise PydanticCustomError("place_or_same", "Give a place or same_as_caller, not both")
        return self


class AddNote(Body):
    model_config = like(examples.ADD_NOTE)

    text: PersonalText
    at: At = None

    def command(self, by: str) -> WriteNote:
        return WriteNote(by=by, at=self.at, text=self.text)


class ClassifyCall(Body):
    model_config = like(examples.CLASSIFY_CALL)

    call_class: CallClass
    incident_type: Code | None = Field(
        default=None, description="A code of the regency's list; an emergency can be classified without one"
    )
    priority: Annotated[int, Field(ge=1, le=5)] | None = Field(
        default=None, description="1 is the most urgent; null: the priority of the incident type"
    )
    same_incident: UUID | None = Field(default=None, description="The open incident that the call reports again")
    reason: PersonalText | None = Field(default=None, description="Why the earlier class was wrong")
    at: At = None

    def command(self, by: str) -> Classify:
        said = {name: getattr(self, name) for name in Classification.model_fields}
        return Classify(by=by, at=self.at, classification=Classification(**said), reason=self.reason)


class EndCall(Forgiving):
    model_config = forgiving(examples.END_CALL)

    ended_by: Literal["caller", "operator", "exchange"]
    at: At = None

    def command(self, by: str, *, by_exchange: bool) -> End:
        """The command. Raises Invalid if a person sent an unknown field."""
        if not by_exchange:
            self.refuse_unknown_fields()
        return End(by=by, by_exchange=by_exchange, at=self.at, ended_by=self.ended_by, complaints=self.complaints)
