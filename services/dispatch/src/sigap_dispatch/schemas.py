"""What goes over HTTP about incidents and alarms."""

from datetime import date, datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import IncidentState, Source
from sigap_common.contracts.places import Place
from sigap_common.http_types import (
    AgencyPath,
    Code,
    Latitude,
    Longitude,
    Metres,
    PersonalLine,
    PersonalText,
    RegencyCode,
    Text,
)
from sigap_common.sealed import Sealed
from sigap_dispatch import examples
from sigap_dispatch.domain import Forwarding, Incident
from sigap_dispatch.domain.commands import Amend, Close, RecordAnswer, Withdraw
from sigap_dispatch.domain.state import ForwardingState
from sigap_dispatch.repository.deliveries import Delivery


def like(example: dict[str, Any]) -> ConfigDict:
    return ConfigDict(json_schema_extra={"example": example})


class Body(BaseModel):
    """A request's body; a field that it does not have is a slip of the pen."""

    model_config = ConfigDict(frozen=True, extra="forbid")


Priority = Annotated[int, Field(ge=1, le=5, description="1 is the most urgent")]


class Where(Body):
    """Coordinates with their uncertainty, an address or landmark in words, or both."""

    lat: Latitude | None = None
    lon: Longitude | None = None
    uncertainty_m: Metres | None = Field(default=None, description="Radius of the circle it lies in, metres")
    address: PersonalText | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.lat is None) != (self.lon is None):
            raise PydanticCustomError("coordinates_incomplete", "Latitude and longitude go together")
        if self.lat is None and self.address is None:
            raise PydanticCustomError("place_missing", "Give coordinates or an address")
        return self

    @property
    def place(self) -> Place:
        return Place.of(self.lat, self.lon, self.uncertainty_m, self.address.clear if self.address else None)


class OpenIncident(Body):
    model_config = like(examples.OPEN_INCIDENT)

    regency: RegencyCode
    source: Source = Field(description="Who brought it; `call` only for a further one of a call")
    incident_type: Code | None = None
    priority: Priority | None = Field(default=None, description="1 is the most urgent; none: the type's own")
    place: Where | None = None
    note: PersonalText | None = None
    call_id: UUID | None = Field(default=None, description="A further incident of this call, linked to its first")

    @model_validator(mode="after")
    def _call_and_source(self) -> Self:
        if (self.source == Source.CALL) != (self.call_id is not None):
            raise PydanticCustomError("call_and_source", "The source call and call_id go together")
        return self


class AddForwarding(Body):
    model_config = like(examples.ADD_AGENCY)

    agency: AgencyPath


class WithdrawForwarding(Body):
    model_config = like(examples.WITHDRAW)

    reason: Annotated[str, Text(200, one_line=True)] = Field(description="The agency reads it: no personal data")

    def command(self, forwarding_id: UUID) -> Withdraw:
        return Withdraw(forwarding_id, self.reason)


class RecordAgencyAnswer(Body):
    model_config = like(examples.RECORD_ANSWER)

    response: Response
    reason: Code | None = Field(default=None, description="Of the decline reasons; where it declines")
    text: PersonalText | None = None
    spoke_to: PersonalLine = Field(description="Whom you spoke to")
    channel: Literal["telephone", "radio"]

    @model_validator(mode="after")
    def _reason_to_decline(self) -> Self:
        if (self.response == Response.DECLINED) != (self.reason is not None):
            raise PydanticCustomError("reason_and_decline", "A reason goes with declined, and only with it")
        return self

    def command(self, forwarding_id: UUID) -> RecordAnswer:
        text = self.text.clear if self.text else None
        return RecordAnswer(forwarding_id, self.response, self.channel, self.spoke_to.clear, self.reason, text)


class AmendIncident(Body):
    """Absent fields stay as they are."""

    model_config = like(examples.AMEND)

    incident_type: Code | None = None
    priority: Priority | None = None
    place: Where | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.incident_type is None and self.priority is None and self.place is None:
            raise PydanticCustomError("patch_empty", "Give a field to change")
        return self

    def command(self) -> Amend:
        return Amend(self.incident_type, self.priority, self.place.place if self.place else None)


class CloseIncident(Body):
    model_config = like(examples.CLOSE)

    disposition: Code
    note: PersonalText | None = None

    def command(self) -> Close:
        return Close(self.disposition, self.note.clear if self.note else None)


class PlaceOut(BaseModel):
    lat: float | None
    lon: float | None
    uncertainty_m: float | None
    cell: str | None = Field(description="H3 cell of resolution 7")
    address: str | None

    @classmethod
    def of(cls, place: Place | None) -> Self | None:
        if place is None:
            return None
        lat, lon = place.point or (None, None)
        address = place.address.clear if place.address else None
        return cls(lat=lat, lon=lon, uncertainty_m=place.uncertainty_m, cell=place.cell, address=address)


class NoteOut(BaseModel):
    at: datetime
    by: str | None
    text: str


class ForwardingOut(BaseModel):
    """One agency's part, and what is known of its delivery."""

    model_config = like(examples.FORWARDING)

    id: UUID
    agency: str
    state: ForwardingState
    revision: int
    needs_acknowledgement: bool = Field(description="What is true now has not been acknowledged")
    acknowledge_by: datetime | None
    alarm_level: int
    automatic: bool = Field(description="By the response plan; else a dispatcher added it")
    forwarded_at: datetime
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    done_at: datetime | None
    declined_at: datetime | None
    decline_reason: str | None
    withdrawn_at: datetime | None
    withdrawal_reason: str | None
    stand_down: bool = Field(description="It had been acknowledged: the agency must confirm that it stands down")
    stood_down_at: datetime | None
    delivered_at: datetime | None = Field(description="When the agency first had it, in any revision")
    delivered_by: str | None = Field(description="The channel that brought it first")
    delivered_revision: int
    failures: int
    failed_at: datetime | None
    failure: str | None

    @classmethod
    def of(cls, forwarding: Forwarding, delivery: Delivery) -> Self:
        needs = forwarding.is_open and not forwarding.acknowledged
        return cls(needs_acknowledgement=needs, **_same(cls, forwarding), **_same(cls, delivery))


class PersonalOut(BaseModel):
    """Who called and what was said; empty where the token may not see it."""

    place: PlaceOut | None = None
    caller_number: str | None = None
    caller_name: str | None = None
    notes: list[NoteOut] = Field(default=[], description="The latest; the timeline has all")

    @classmethod
    def revealed(cls, incident: Incident) -> Self:
        return cls(
            place=PlaceOut.of(incident.place),
            caller_number=_clear(incident.caller_number),
            caller_name=_clear(incident.caller_name),
            notes=[NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in incident.notes],
        )


class IncidentOut(PersonalOut):
    model_config = like(examples.INCIDENT)

    id: UUID
    regency: str
    version: int = Field(description="The ETag")
    number: str
    day: date = Field(description="The regency's local day that it counts in")
    state: IncidentState
    incident_type: str | None
    priority: int
    zone_owner: str | None
    source: Source
    call_id: UUID | None
    linked_to: UUID | None
    started_at: datetime
    created_at: datetime
    answered_at: datetime | None
    corrected_at: datetime | None
    reports: int
    doubted: bool
    protected: bool
    drill: bool
    backfilled: bool
    proposed_withdrawals: list[str] = Field(description="Agencies that the plan no longer wants")
    forwardings: list[ForwardingOut]
    due_at: datetime | None = Field(description="The next deadline")
    closed_at: datetime | None
    disposition: str | None
    opened: bool = Field(description="Whether the token is shown personal data")

    @classmethod
    def of(cls, incident: Incident, deliveries: dict[UUID, Delivery], *, opened: bool) -> Self:
        personal = PersonalOut.revealed(incident) if opened else PersonalOut()
        forwardings = [ForwardingOut.of(f, deliveries.get(f.id, Delivery())) for f in incident.forwardings]
        hidden = PersonalOut.model_fields.keys()
        plain = {name: value for name, value in _same(cls, incident).items() if name not in hidden}
        return cls(**dict(personal), **plain | {"forwardings": forwardings, "opened": opened})


class IncidentList(BaseModel):
    items: list[IncidentOut]
    next: str | None


class IncidentEntry(BaseModel):
    model_config = like(examples.ENTRY)

    sequence: int
    type: str
    event: dict[str, Any] = Field(description="As the event's schema says; personal data null if not shown")


class IncidentTimeline(BaseModel):
    items: list[IncidentEntry]
    next: str | None


class AlarmOut(BaseModel):
    model_config = like(examples.ALARM)

    id: UUID
    service: str = Field(description="Who raised it")
    regency: str
    kind: str
    about: str = Field(description="The path of what it is about, below /v1")
    label: str | None
    drill: bool
    raised_at: datetime


class AlarmList(BaseModel):
    items: list[AlarmOut]
    next: str | None


def _same(schema: type[BaseModel], value: object) -> dict[str, Any]:
    """The fields of a schema that the value has under the same name."""
    return {name: getattr(value, name) for name in schema.model_fields if hasattr(value, name)}


def _clear(sealed: Sealed | None) -> str | None:
    return sealed.clear if sealed else None
