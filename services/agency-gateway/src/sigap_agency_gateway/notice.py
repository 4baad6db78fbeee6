"""The notice: the document that tells an agency one revision of its forwarding.

A webhook receives it as JSON. It is a contract with the agencies' programmers: fields may be added, never changed or
removed. A notice is made when its revision comes. Each delivery keeps it sealed until the first attempt, when the
channel renders it. So later changes do not change the notice of an earlier revision.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from sigap_agency_gateway.domain.delivery import Kind
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_common.contracts.incidents import RevisionReason
from sigap_common.contracts.notes import NoteKind
from sigap_common.contracts.places import Place
from sigap_common.http.schemas import in_clear
from sigap_common.regency import Pack

DRILL_WORD = "LATIHAN"


class NoticePart(BaseModel):
    model_config = ConfigDict(frozen=True)


class Labelled(NoticePart):
    code: str | None = Field(description="Code of the incident type; null: not known yet")
    label: dict[str, str] = Field(description="The text for people, by language: id, en")


class NoticePlace(NoticePart):
    lat: float | None = Field(description="Degrees, WGS 84")
    lon: float | None = Field(description="Degrees, WGS 84")
    uncertainty_m: float | None = Field(description="Radius of the circle that holds the place, metres")
    address: str | None = Field(description="Address or landmark in the caller's words")


class NoticeCaller(NoticePart):
    number: str | None
    name: str | None
    callback_number: str | None = Field(default=None, description="Where the caller can be called back, E.164")
    language: str | None = Field(default=None, description="The caller's language: its ISO 639 code")


class NoticeNote(NoticePart):
    at: datetime
    text: str
    kind: NoteKind = Field(default=NoteKind.NOTE, description="`instruction`: what the centre wants you to do")


class NoticeIncident(NoticePart):
    number: str = Field(description="The number that people use, such as BKL-20240219-0042")
    type: Labelled
    priority: int = Field(description="1 is the most urgent, 5 the least")
    started_at: datetime
    place: NoticePlace | None
    previous_place: NoticePlace | None = Field(description="The earlier place, if this revision corrects it")
    caller: NoticeCaller
    notes: list[NoticeNote]
    reports: int = Field(description="How many calls reported the incident")
    possibly_same_as: str | None
    doubted: bool = Field(description="The call was reclassified; the incident stays open until a dispatcher ends it")
    protected: bool
    backfilled: bool = Field(description="A backfilled entry: it happened before")


class NoticeLinks(NoticePart):
    """The URLs for the agency's answers: POST with a token of the agency."""

    forwarding: str
    acknowledge: str
    decline: str
    progress: str


class Notice(NoticePart):
    schema_version: Literal[1] = 1
    event: Literal["forwarded", "revised", "withdrawn"]
    forwarding_id: UUID
    revision: int = Field(description="Each notice holds the whole state: ignore a notice whose revision is not higher")
    agency: str = Field(description="`<regency>/<code>`")
    drill: bool = Field(description="A drill; every text begins with LATIHAN")
    acknowledge_by: datetime | None
    needs_acknowledgement: bool
    change: RevisionReason | None = Field(description="What a revision changes; null: forwarded or withdrawn")
    incident: NoticeIncident
    reason: str | None = Field(description="Why it was withdrawn")
    stand_down: bool = Field(
        description="Withdrawn after you acknowledged, or while you were on your way for a merged incident: acknowledge"
        " that you stand down"
    )
    links: NoticeLinks
    information: bool = Field(
        default=False, description="You are only informed: nothing is asked of you, and there is nothing to answer"
    )

    @property
    def kind(self) -> Kind:
        return Kind.WITHDRAWAL if self.event == "withdrawn" else Kind.FORWARDING


def notice_of(forwarding: Forwarding, pack: Pack | None, origin: str) -> Notice:
    """The notice of the forwarding's present state: the withdrawal, or the newest revision. `pack`: the regency's pack,
    which has the English labels. `origin`: the beginning of the links.
    """
    withdrawal = forwarding.withdrawal
    reason = (in_clear(withdrawal.text) or withdrawal.reason) if withdrawal else None
    return Notice(
        event="withdrawn" if withdrawal else "forwarded" if forwarding.revision == 1 else "revised",
        forwarding_id=forwarding.id,
        revision=forwarding.newest,
        agency=forwarding.agency,
        drill=forwarding.drill,
        acknowledge_by=None if withdrawal else forwarding.acknowledge_by,
        needs_acknowledgement=forwarding.needs_acknowledgement,
        change=None if withdrawal else forwarding.change,
        incident=incident_of(forwarding, pack),
        reason=Words(forwarding.drill).marked(reason),
        stand_down=forwarding.stand_down,
        links=_links(f"{origin}/v1/forwardings/{forwarding.id}"),
        information=forwarding.information,
    )


def _links(link: str) -> NoticeLinks:
    return NoticeLinks(
        forwarding=link,
        acknowledge=f"{link}/acknowledge",
        decline=f"{link}/decline",
        progress=f"{link}/progress",
    )


class Words:
    """Marks every text of a drill, so that nobody who reads only one line takes the drill for a real incident."""

    def __init__(self, drill: bool) -> None:
        self._drill = drill

    def marked(self, text: str | None) -> str | None:
        return text if text is None else self.mark(text)

    def mark(self, text: str) -> str:
        return f"{DRILL_WORD} {text}" if self._drill and not text.startswith(DRILL_WORD) else text


def incident_of(forwarding: Forwarding, pack: Pack | None) -> NoticeIncident:
    """The incident, with the content that dispatch gives to the agency."""
    words, content = Words(forwarding.drill), forwarding.content
    name = in_clear(content.caller_name)
    return NoticeIncident(
        number=content.incident_number,
        type=labelled(content.incident_type, content.type_label, pack, words.mark),
        priority=content.priority,
        started_at=content.started_at,
        place=_place(content.place, words),
        previous_place=_place(content.previous_place, words),
        caller=NoticeCaller(
            number=in_clear(content.caller_number),
            name=words.marked(name),
            callback_number=in_clear(content.callback_number),
            language=in_clear(content.caller_language),
        ),
        notes=[NoticeNote(at=note.at, text=words.mark(note.text.clear), kind=note.kind) for note in content.notes],
        reports=content.reports,
        possibly_same_as=content.possibly_same_as,
        doubted=content.doubted,
        protected=content.protected,
        backfilled=content.backfilled,
    )


def labelled(code: str | None, label: str, pack: Pack | None, mark: Callable[[str], str]) -> Labelled:
    """The label from dispatch, and the English label if the pack has the incident type."""
    return Labelled(code=code, label={"id": mark(label), "en": mark(english_label(code, pack) or label)})


def english_label(code: str | None, pack: Pack | None) -> str | None:
    """The English name of an incident type; None if the pack does not have the type."""
    known = pack.incident_type(code) if pack and code else None
    return known.label.en if known else None


def _place(place: Place | None, words: Words) -> NoticePlace | None:
    if place is None:
        return None
    lat, lon = place.point or (None, None)
    address = in_clear(place.address)
    return NoticePlace(lat=lat, lon=lon, uncertainty_m=place.uncertainty_m, address=words.marked(address))
