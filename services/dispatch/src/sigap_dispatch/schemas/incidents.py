"""The HTTP schemas of incidents, their forwardings and timelines."""

from datetime import date, datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.incidents import IncidentState, Source
from sigap_common.http.schemas import NoteOut, PlaceOut, in_clear, like
from sigap_common.http.timelines import TimelineEntryOut
from sigap_common.http.zones import ZoneOut
from sigap_dispatch import examples
from sigap_dispatch.domain import Forwarding, Incident
from sigap_dispatch.domain.delivery import Delivery
from sigap_dispatch.domain.state import DeliveryTrouble, ForwardingState
from sigap_dispatch.schemas.proposals import ProposalOut
from sigap_dispatch.troubles import in_words

NONE_KNOWN = Delivery()


class DeliveryTroubleOut(BaseModel):
    """The latest failed delivery. It is shown after the first failed attempt."""

    at: datetime
    revision: int
    channel: str
    reason: str
    status: int | None = Field(description="The status of the receiver's answer, such as 500")
    final: bool = Field(description="true: there are no further attempts; false: it is tried again")
    goes_on_by: list[str] = Field(description="The channels by which the agency is told instead")
    recovered_at: datetime | None = Field(description="When the agency got the forwarding after all")
    recovered_by: str | None
    in_words: dict[str, str] = Field(description="What went wrong and what happens next, by language: id, en")

    @classmethod
    def of(cls, trouble: DeliveryTrouble | None) -> Self | None:
        return None if trouble is None else cls(**trouble.model_dump(), in_words=in_words(trouble))


class ForwardingOut(BaseModel):
    """A forwarding and the state of its delivery."""

    model_config = like(examples.FORWARDING)

    id: UUID
    agency: str
    state: ForwardingState
    revision: int
    needs_acknowledgement: bool = Field(description="The newest change, or the stand-down, is not acknowledged")
    acknowledge_by: datetime | None
    alarm_level: int
    automatic: bool = Field(description="true: the response plan chose the agency; false: a dispatcher added it")
    forwarded_at: datetime
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    done_at: datetime | None
    declined_at: datetime | None
    decline_reason: str | None
    on_behalf: list[Response] = Field(
        description="The answers above that an operator or dispatcher recorded for the agency; the others are its own"
    )
    withdrawn_at: datetime | None
    withdrawal_reason: str | None = Field(
        description="asked_again, closed, cancelled or by_dispatcher; the dispatcher's text if it may be shown"
    )
    stand_down: bool = Field(description="The agency had acknowledged and not declined: it must confirm")
    stood_down_at: datetime | None
    delivered_at: datetime | None = Field(
        description="When the agency first had any revision: by a delivery, or proven by its first answer"
    )
    delivered_by: str | None = Field(description="The channel of that delivery or answer")
    delivered_revision: int
    failures: int
    failed_at: datetime | None
    failure: str | None
    trouble: DeliveryTroubleOut | None = None
    role: str | None = Field(description="What the agency is wanted for, such as fire or ambulance")

    @classmethod
    def of(cls, forwarding: Forwarding, delivery: Delivery, *, opened: bool) -> Self:
        shown = {name: getattr(forwarding, name) for name in _OF_FORWARDING}
        shown |= {name: getattr(delivery, name) for name in _OF_DELIVERY}
        shown["on_behalf"] = [one for one in forwarding.on_behalf if shown[f"{one.value}_at"] is not None]
        shown["trouble"] = DeliveryTroubleOut.of(forwarding.trouble)
        shown["stand_down"] = forwarding.stand_down and not forwarding.declined
        if opened and forwarding.withdrawal_text is not None:
            shown["withdrawal_reason"] = forwarding.withdrawal_text.clear
        return cls(**shown)


_OF_DELIVERY = tuple(Delivery.__dataclass_fields__)
_OF_FORWARDING = tuple(name for name in ForwardingOut.model_fields if name not in _OF_DELIVERY)


class PersonalOut(BaseModel):
    """The personal data of an incident: callers and notes. It is empty if the token may not see it."""

    place: PlaceOut | None = None
    caller_number: str | None = None
    caller_name: str | None = None
    notes: list[NoteOut] = Field(default=[], description="The newest notes; the timeline has all")

    @classmethod
    def revealed(cls, incident: Incident) -> Self:
        return cls(
            place=PlaceOut.of(incident.place),
            caller_number=in_clear(incident.caller_number),
            caller_name=in_clear(incident.caller_name),
            notes=[NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in incident.notes],
        )


class IncidentOut(PersonalOut):
    model_config = like(examples.INCIDENT)

    id: UUID
    regency: str
    version: int = Field(description="The ETag")
    number: str
    day: date = Field(description="The regency's local day to which its number belongs")
    state: IncidentState
    incident_type: str | None
    priority: int
    zone: ZoneOut | None = Field(description="The regencies in whose area the place may lie")
    zone_owner: str | None = Field(description="The same as `owner` in `zone`, for older clients")
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
    proposals: list[ProposalOut] = Field(description="Agencies that wait for your decision: take or dismiss them")
    by_hand: list[str] = Field(
        description="The values that a person decided: incident_type, priority, place, doubted; no rule changes them"
    )
    proposed_priority: int | None = Field(
        description="The priority of the incident type, if a person decided another one"
    )
    reopen_until: datetime | None = Field(
        description="Of a closed incident: until then you reopen it in one step; after that a supervisor does"
    )
    alarm_level: int = Field(description="How much help is wanted: 1, or higher if a person raised it")
    opened: bool = Field(description="Whether the token may see personal data")

    @classmethod
    def of(cls, incident: Incident, deliveries: dict[UUID, Delivery], *, opened: bool) -> Self:
        personal = PersonalOut.revealed(incident) if opened else PersonalOut()
        shown = {name: getattr(incident, name) for name in _OF_INCIDENT}
        shown["zone"] = ZoneOut.of(incident.zone)
        shown["forwardings"] = [
            ForwardingOut.of(f, deliveries.get(f.id, NONE_KNOWN), opened=opened) for f in incident.forwardings
        ]
        shown["proposals"] = [ProposalOut.of(one) for one in incident.proposals]
        return cls(**dict(personal), **shown, opened=opened)


_OF_INCIDENT = tuple(
    name for name in IncidentOut.model_fields if name not in PersonalOut.model_fields and name != "opened"
)


class IncidentList(BaseModel):
    items: list[IncidentOut]
    next: str | None


class IncidentEntry(TimelineEntryOut):
    model_config = like(examples.ENTRY)


class IncidentTimeline(BaseModel):
    items: list[IncidentEntry]
    next: str | None
