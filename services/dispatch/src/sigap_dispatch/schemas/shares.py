"""The HTTP schemas of shares: what another regency may see of an incident."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.incidents import IncidentState
from sigap_common.contracts.shares import RedactionProfile
from sigap_common.http.schemas import Body, NoteOut, PlaceOut, in_clear, like
from sigap_common.http.timeline_words import type_label
from sigap_common.http.types import PersonalText, RegencyCode, ShortText, Utc
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch import examples
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.redaction import redacted
from sigap_dispatch.domain.share import Share, ShareState
from sigap_dispatch.domain.sharing import AgreeToShare, AskForShare, EndShare, RefuseShare, ShareIncident
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_dispatch.schemas.words import AGENCY_NAME
from sigap_dispatch.timeline_words import agency_name

_PROFILE = (
    "none: all; contact_hidden: neither the caller nor the notes; block_level: of the place only the block; "
    "city_only: nothing of the place"
)
_UNTIL = "At most seven days ahead"


class ShareIncidentBody(Body):
    model_config = like(examples.SHARE_INCIDENT)

    to: RegencyCode = Field(description="The regency that is to see the incident")
    profile: RedactionProfile = Field(description=_PROFILE)
    until: Utc = Field(description=_UNTIL)
    message: PersonalText | None = Field(default=None, description="For the other regency's dispatcher")

    def command(self, *, known: bool) -> ShareIncident:
        return ShareIncident(self.to, self.profile, self.until, in_clear(self.message), known)


class AskForShareBody(Body):
    model_config = like(examples.ASK_FOR_SHARE)

    regency: RegencyCode = Field(description="The regency that asks: yours")
    owner: RegencyCode = Field(description="The regency of the incident")
    number: ShortText = Field(description="The incident's number, as its regency told it")
    profile: RedactionProfile = Field(description=_PROFILE)
    until: Utc = Field(description=f"{_UNTIL}; if nobody answers, the request lapses then")
    reason: PersonalText = Field(description="The other regency's dispatcher reads it")

    def command(self) -> AskForShare:
        return AskForShare(self.regency, self.profile, self.until, self.reason.clear)


class AgreeToShareBody(Body):
    model_config = like(examples.AGREE_TO_SHARE)

    profile: RedactionProfile | None = Field(default=None, description=f"{_PROFILE}; null: as asked for")
    until: Utc | None = Field(default=None, description=f"{_UNTIL}; null: as asked for")
    message: PersonalText | None = None

    def command(self, share_id: UUID) -> AgreeToShare:
        return AgreeToShare(share_id, self.profile, self.until, in_clear(self.message))


class RefuseShareBody(Body):
    model_config = like(examples.REFUSE_SHARE)

    reason: PersonalText = Field(description="The other regency's dispatcher reads it")

    def command(self, share_id: UUID) -> RefuseShare:
        return RefuseShare(share_id, self.reason.clear)


class EndShareBody(Body):
    model_config = like(examples.END_SHARE)

    reason: PersonalText | None = None

    def command(self, share_id: UUID) -> EndShare:
        return EndShare(share_id, in_clear(self.reason))


class IncidentShareOut(BaseModel):
    """The newest share of an incident with one regency, in the incident. `GET /v1/shares` has what was said."""

    id: UUID
    to: str
    state: ShareState
    profile: RedactionProfile
    until: datetime

    @classmethod
    def all_of(cls, shares: Sequence[Share]) -> list[Self]:
        return [cls.model_validate(share, from_attributes=True) for share in shares]


class ShareOut(BaseModel):
    """A share, or the request for one, as both regencies see it."""

    model_config = like(examples.SHARE)

    id: UUID
    regency: str = Field(description="The regency of the incident")
    to: str = Field(description="The regency that sees the incident, or asks to")
    state: ShareState
    profile: RedactionProfile
    until: datetime
    began_at: datetime = Field(description="When it was asked for or, without a request, shared")
    drill: bool
    asked: bool | None = Field(description="Whether `to` asked for it; null: a newer share took its place")
    incident_id: UUID | None = Field(description="null for the other regency: it reads the share")
    number: str | None = Field(description="null if the incident is hidden from you")
    request: str | None = Field(description="Why it was asked for")
    message: str | None = Field(description="What the incident's dispatcher says")
    reason: str | None = Field(description="Why it was refused or ended")

    @classmethod
    def of(cls, row: Any, incident: Incident, *, own: bool, hidden: bool, opened: bool) -> Self:
        """`row` has the columns of the table `shares`. `own`: whether the token covers the incident's regency.
        `hidden`: whether the incident is hidden from the token's owner. Who asked for a share knows what was asked,
        and reads the answer.
        """
        share = next((one for one in incident.shares if one.id == row.id), None)
        known = not hidden or (not own and share is not None and share.asked)
        told = share if share is not None and known and opened else None
        return cls(
            **{name: getattr(row, name) for name in ("id", "regency", "profile", "until", "began_at", "drill")},
            to=row.to_regency,
            state=share.state if share else row.state,
            asked=share.asked if share else None,
            incident_id=row.incident_id if own else None,
            number=incident.number if known else None,
            request=in_clear(told.request) if told else None,
            message=in_clear(told.message) if told and not hidden else None,
            reason=in_clear(told.reason) if told else None,
        )

    @classmethod
    def of_request(cls, row: Any, request: Share | None, *, opened: bool) -> Self:
        """Of a request for an incident that does not exist; `request`: None if its words are erased. Who asked sees
        what is shown of any other request.
        """
        return cls(
            **{name: getattr(row, name) for name in ("id", "regency", "profile", "until", "began_at", "drill")},
            to=row.to_regency,
            state=row.state,
            asked=True,
            incident_id=None,
            number=row.number,
            request=in_clear(request.request) if request and opened else None,
            message=None,
            reason=in_clear(request.reason) if request and opened else None,
        )


class ShareList(BaseModel):
    items: list[ShareOut]
    next: str | None


class RedactedForwardingOut(BaseModel):
    agency: str
    name: str | None = Field(description=AGENCY_NAME)
    state: ForwardingState
    forwarded_at: datetime
    acknowledged_at: datetime | None
    en_route_at: datetime | None
    on_scene_at: datetime | None
    under_control_at: datetime | None
    done_at: datetime | None


class SharedIncidentOut(BaseModel):
    """An incident of another regency, as far as the share's profile shows it. What is hidden is null."""

    model_config = like(examples.SHARED_INCIDENT)

    share_id: UUID
    profile: RedactionProfile
    until: datetime = Field(description="From then on it is not shown")
    hidden: Literal[False] = False
    regency: str
    number: str
    state: IncidentState
    incident_type: str | None
    type_label: dict[str, str] | None = Field(description="In its regency's words, by language: id, en")
    priority: int
    alarm_level: int
    reports: int
    doubted: bool
    drill: bool
    started_at: datetime
    created_at: datetime
    closed_at: datetime | None
    forwardings: list[RedactedForwardingOut]
    block_cell: str | None = Field(description="The H3 cell of resolution 9 (about 0.1 km²) that holds the place")
    place: PlaceOut | None
    caller_number: str | None
    caller_name: str | None
    callback_number: str | None
    caller_language: str | None
    notes: list[NoteOut]

    @classmethod
    def of(cls, share: Share, incident: Incident, packs: PacksInForce) -> Self:
        shown = redacted(incident, share.profile, share.without)
        sealed = ("caller_number", "caller_name", "callback_number", "caller_language")
        plain = {name: getattr(shown, name) for name in _PLAIN}
        parts = [
            RedactedForwardingOut(**asdict(part), name=agency_name(part.agency, incident.regency, packs))
            for part in shown.forwardings
        ]
        return cls(
            **plain | {name: in_clear(getattr(shown, name)) for name in sealed},
            share_id=share.id,
            profile=share.profile,
            until=share.until,
            type_label=type_label(shown.incident_type, incident.regency, packs),
            forwardings=parts,
            place=PlaceOut.of(shown.place),
            notes=[NoteOut(at=note.at, by=note.by, text=note.text.clear) for note in shown.notes],
        )


_PLAIN = (
    *("regency", "number", "state", "incident_type", "priority", "alarm_level", "reports", "doubted", "drill"),
    *("started_at", "created_at", "closed_at", "block_cell"),
)


class HiddenSharedIncidentOut(BaseModel):
    """A protected incident of another regency: only its supervisors see it there, and only yours here."""

    share_id: UUID
    regency: str
    until: datetime
    drill: bool
    protected: Literal[True] = True
    hidden: Literal[True] = True

    @classmethod
    def of(cls, share: Share, incident: Incident) -> Self:
        return cls(share_id=share.id, regency=incident.regency, until=share.until, drill=incident.drill)


class SharedIncidentList(BaseModel):
    items: list[SharedIncidentOut | HiddenSharedIncidentOut]
    next: str | None
