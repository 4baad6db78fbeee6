"""The HTTP schemas of incidents, their forwardings and timelines."""

from datetime import date, datetime
from typing import Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.agencies import Response
from sigap_common.contracts.agency_reports import PartOutcome
from sigap_common.contracts.incidents import IncidentState, ReceivedFrom, Source
from sigap_common.http.schemas import PlaceOut, in_clear, like
from sigap_common.http.timelines import TimelineEntryOut
from sigap_common.http.zones import ZoneOut
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch import examples
from sigap_dispatch.attention_texts import reason_in_words
from sigap_dispatch.domain import Forwarding, Incident
from sigap_dispatch.domain.attention import Reason, attention
from sigap_dispatch.domain.delivery import Delivery
from sigap_dispatch.domain.intervals import of_forwarding, of_incident
from sigap_dispatch.domain.needs import NeedState
from sigap_dispatch.domain.state.alarms import AlarmKind
from sigap_dispatch.domain.state.forwarding import DeliveryTrouble, ForwardingState
from sigap_dispatch.domain.state.incident import NOTES_KEPT
from sigap_dispatch.schemas.duplicates import SuggestionOut
from sigap_dispatch.schemas.informing import InformationOut
from sigap_dispatch.schemas.intervals import IntervalsOut
from sigap_dispatch.schemas.needs import NeedOut
from sigap_dispatch.schemas.notes import IncidentNoteOut
from sigap_dispatch.schemas.proposals import ProposalOut
from sigap_dispatch.schemas.protection import GlassOut, HiddenIncidentOut
from sigap_dispatch.schemas.questions import ProposedLevelOut, QuestionOut
from sigap_dispatch.schemas.shares import IncidentShareOut
from sigap_dispatch.schemas.transfers import OfferOut
from sigap_dispatch.schemas.units import UnitOnItOut
from sigap_dispatch.schemas.words import AGENCY_NAME, ROLE_LABEL
from sigap_dispatch.timeline_words import Names
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
    name: str | None = Field(default=None, description=AGENCY_NAME)
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
    under_control_at: datetime | None
    done_at: datetime | None
    declined_at: datetime | None
    decline_reason: str | None
    on_behalf: list[Response] = Field(
        description="The answers above that an operator or dispatcher recorded for the agency; the others are its own"
    )
    text: str | None = Field(description="The newest words of the agency, if the token may see personal data")
    text_at: datetime | None
    outcome: PartOutcome | None = Field(description="How its part went, if it is done and said so")
    withdrawn_at: datetime | None
    withdrawal_reason: str | None = Field(
        description="asked_again, closed, cancelled, merged or by_dispatcher; the dispatcher's text if it may be shown"
    )
    stand_down: bool = Field(
        description="The agency had acknowledged, or was on its way for a merged incident: it must confirm, unless it"
        " has declined"
    )
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
    role_label: dict[str, str] | None = Field(default=None, description=ROLE_LABEL)
    instead_of: str | None = Field(description="The agency that failed, and in whose place this one was told")
    failed: bool = Field(description="The agency declined, or let its deadline pass and has not answered")
    unconfirmed_at: datetime | None = Field(description="When the time to confirm the stand-down was over")
    stand_down_noted_at: datetime | None = Field(description="When a person settled the stand-down")
    intervals: IntervalsOut
    units: list[UnitOnItOut] = Field(description="The units that the agency named for its part")

    @classmethod
    def of(cls, incident: Incident, forwarding: Forwarding, delivery: Delivery, names: Names, *, opened: bool) -> Self:
        shown = {name: getattr(forwarding, name) for name in _OF_FORWARDING}
        shown |= {"name": names.agency(forwarding.agency), "role_label": names.role(forwarding.role)}
        shown["intervals"] = IntervalsOut.of(of_forwarding(incident, forwarding))
        shown["units"] = [UnitOnItOut.of(incident, forwarding, unit) for unit in forwarding.units]
        shown |= {name: getattr(delivery, name) for name in _OF_DELIVERY}
        shown["on_behalf"] = [one for one in forwarding.on_behalf if shown[f"{one.value}_at"] is not None]
        shown["trouble"] = DeliveryTroubleOut.of(forwarding.trouble)
        shown["stand_down"] = forwarding.stand_down and not forwarding.declined
        shown["text"] = in_clear(forwarding.text) if opened else None
        if opened and forwarding.withdrawal_text is not None:
            shown["withdrawal_reason"] = forwarding.withdrawal_text.clear
        return cls(**shown)


_OF_DELIVERY = tuple(Delivery.__dataclass_fields__)
_SAID = ("intervals", "name", "role_label")
_OF_FORWARDING = tuple(name for name in ForwardingOut.model_fields if name not in (*_OF_DELIVERY, *_SAID))


class PersonalOut(BaseModel):
    """The personal data of an incident: callers and notes. It is empty if the token may not see it."""

    place: PlaceOut | None = None
    caller_number: str | None = None
    caller_name: str | None = None
    callback_number: str | None = Field(default=None, description="Where the caller can be called back, E.164")
    caller_language: str | None = Field(default=None, description="The caller's language: its ISO 639 code")
    notes: list[IncidentNoteOut] = Field(default=[], description="The newest 20; `GET .../notes` has all")
    responsible_name: str | None = Field(default=None, description="The name of `responsible`, if the token had it")

    @classmethod
    def revealed(cls, incident: Incident) -> Self:
        return cls(
            place=PlaceOut.of(incident.place),
            caller_number=in_clear(incident.caller_number),
            caller_name=in_clear(incident.caller_name),
            callback_number=in_clear(incident.callback_number),
            caller_language=in_clear(incident.caller_language),
            notes=_newest_notes(incident),
            responsible_name=in_clear(incident.responsible_name),
        )


def _newest_notes(incident: Incident) -> list[IncidentNoteOut]:
    """The newest notes of both sorts, the oldest of them first."""
    of_both = [
        *(IncidentNoteOut.of(note, internal=False) for note in incident.notes),
        *(IncidentNoteOut.of(note, internal=True) for note in incident.internal_notes),
    ]
    return sorted(of_both, key=lambda note: note.number)[-NOTES_KEPT:]


class AttentionOut(BaseModel):
    """The incident's place on the board, and why it stands there."""

    order: str = Field(description="Sort the board by this text, then by `id`; messages of the stream carry it too")
    reason: Reason = Field(description="The first that holds; its rank is the second digit of `order`")
    in_words: dict[str, str] = Field(description="The reason by language: id, en")

    @classmethod
    def of(cls, incident: Incident) -> Self | None:
        place = attention(incident)
        if place is None:
            return None
        return cls(order=place.order, reason=place.reason, in_words=reason_in_words(place.reason))


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
    linked_reopen_until: datetime | None = Field(
        description="The call named `linked_to` as the same incident, but that was closed. Until then you reopen it in"
        " one step, with this incident as `other`"
    )
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
    needs: list[NeedOut] = Field(description="The roles for which agencies were told or are proposed")
    unmet_roles: list[str] = Field(description="The roles that nobody fills although agencies were told")
    offer: OfferOut | None = Field(default=None, description="The newest offer to another regency")
    proposed_transfer: str | None = Field(
        default=None, description="Code of the regency in which its place lies: offer it, or say that it stays"
    )
    received_from: ReceivedFrom | None = Field(
        default=None, description="The incident of another regency from which this one was taken over"
    )
    glasses: list[GlassOut] = Field(
        default=[],
        description="Of a protected incident: who broke the glass, if it is open or no supervisor has seen it",
    )
    hidden: Literal[False] = False
    suggestions: list[SuggestionOut] = Field(description="Open incidents that may be the same event, to be decided")
    links: list[UUID] = Field(description="Incidents that a person linked to it")
    possibly_same_as: str | None = Field(description="The possible duplicate whose number agencies were told")
    merged_into: UUID | None = Field(description="The incident that is worked on instead")
    merged_into_number: str | None
    unread_reports: int = Field(description="Further reports that nobody has read")
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
    shares: list[IncidentShareOut] = Field(description="The newest share with each other regency")
    informed: list[InformationOut] = Field(
        description="Those who are only informed: no agency that was told, and nobody of whom anything is asked"
    )
    opened: bool = Field(description="Whether the token may see personal data")
    responsible: str | None = Field(description="The dispatcher who watches over it, by the token's subject; no lock")
    attention: AttentionOut | None = Field(description="Null: it is not on the board")
    alarms: list[AlarmKind] = Field(description="The kinds of its alarms that stand")
    note_count: int = Field(description="How many notes it has")
    questions: list[QuestionOut] = Field(description="Agencies' questions: all that wait, the newest answered")
    proposed_alarm_level: ProposedLevelOut | None = Field(description="The alarm level that an agency asks for")
    intervals: IntervalsOut = Field(description="Of the first agency that came to each step; until the last was done")
    proposed_disposition: str | None = Field(
        description="false_alarm or not_found, if all agencies whose part is done and that said how it went said so"
    )

    @classmethod
    def of(
        cls, incident: Incident, deliveries: dict[UUID, Delivery], packs: PacksInForce | None, *, opened: bool
    ) -> Self:
        """`packs`: None if the names of agencies and roles are added later."""
        names = Names(incident.regency, packs)
        personal = PersonalOut.revealed(incident) if opened else PersonalOut()
        shown = {name: getattr(incident, name) for name in _OF_INCIDENT}
        shown["zone"] = ZoneOut.of(incident.zone)
        shown["glasses"] = [GlassOut.model_validate(glass, from_attributes=True) for glass in incident.glasses]
        shown["offer"] = OfferOut.of(incident.offer, opened=opened)
        shown["suggestions"] = [SuggestionOut.of(one) for one in incident.suggestions]
        shown["merged_into"] = incident.merger.into if incident.merger else None
        shown["merged_into_number"] = incident.merger.number if incident.merger else None
        shown["forwardings"] = [
            ForwardingOut.of(incident, one, deliveries.get(one.id, NONE_KNOWN), names, opened=opened)
            for one in incident.forwardings
        ]
        shown["proposals"] = [ProposalOut.of(one, names, opened=opened) for one in incident.proposals]
        shown["needs"] = roles = NeedOut.all_of(incident, names)
        shown["unmet_roles"] = [one.role for one in roles if one.state == NeedState.UNMET]
        shown["attention"] = AttentionOut.of(incident)
        shown["shares"] = IncidentShareOut.all_of(incident.shares)
        shown["informed"] = [InformationOut.of(one, names) for one in incident.informed]
        shown["questions"] = [QuestionOut.of(one, names, opened=opened) for one in incident.questions]
        shown["proposed_alarm_level"] = ProposedLevelOut.of(incident.proposed_level, names, opened=opened)
        shown["intervals"] = IntervalsOut.of(of_incident(incident))
        shown["alarms"] = [alarm.kind for alarm in incident.alarms]
        return cls(**dict(personal), **shown, opened=opened)


_COMPUTED = {
    *PersonalOut.model_fields,
    *("opened", "hidden", "needs", "unmet_roles", "attention", "merged_into", "merged_into_number"),
    *("proposed_alarm_level", "intervals"),
}
_OF_INCIDENT = tuple(name for name in IncidentOut.model_fields if name not in _COMPUTED)


class IncidentList(BaseModel):
    items: list[IncidentOut | HiddenIncidentOut]
    next: str | None


class IncidentEntry(TimelineEntryOut):
    model_config = like(examples.ENTRY)


class IncidentTimeline(BaseModel):
    items: list[IncidentEntry]
    next: str | None
