"""The HTTP schemas of transfers to another regency."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.timeline_words import type_label
from sigap_common.http.types import PersonalText, RegencyCode
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch import examples
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.commands import DismissTransfer, OfferTransfer, RefuseTransfer
from sigap_dispatch.domain.state.offers import Offer, OfferState


class OfferIncident(Body):
    model_config = like(examples.OFFER_INCIDENT)

    to: RegencyCode = Field(description="The regency that is asked to take the incident over")
    message: PersonalText | None = Field(
        default=None, description="For the other regency's dispatcher, who reads it before accepting"
    )

    def command(self) -> OfferTransfer:
        return OfferTransfer(self.to, in_clear(self.message))


class DismissOffering(Body):
    model_config = like(examples.DISMISS_TRANSFER)

    to: RegencyCode = Field(description="`proposed_transfer` of the incident, as your screen shows it")

    def command(self) -> DismissTransfer:
        return DismissTransfer(self.to)


class RefuseOffer(Body):
    model_config = like(examples.REFUSE_TRANSFER)

    reason: PersonalText = Field(description="The sender's dispatcher reads it")

    def command(self, offer_id: UUID) -> RefuseTransfer:
        return RefuseTransfer(offer_id, self.reason.clear)


class OfferOut(BaseModel):
    """The newest offer of an incident, as its own regency sees it."""

    id: UUID
    to: str
    state: OfferState
    offered_at: datetime
    due_at: datetime = Field(description="If nobody has accepted by then, the offer comes back")
    message: str | None
    reason: str | None = Field(description="Why the other regency refused")
    incident_id: UUID | None = Field(description="The incident that the other regency opened")
    number: str | None = Field(description="Its number")

    @classmethod
    def of(cls, offer: Offer | None, *, opened: bool) -> Self | None:
        if offer is None:
            return None
        said = {"message": in_clear(offer.message), "reason": in_clear(offer.reason)} if opened else {}
        return cls(**{"message": None, "reason": None} | _plain(offer) | said)


def _plain(offer: Offer) -> dict[str, Any]:
    return {name: getattr(offer, name) for name in OfferOut.model_fields if name not in ("message", "reason")}


class TransferOut(BaseModel):
    """An offer as both regencies see it. Until the receiver accepts, it shows nothing of the caller and the notes, and
    of the place only the cell.
    """

    model_config = like(examples.TRANSFER)

    id: UUID
    regency: str = Field(description="The sender")
    to: str = Field(description="The receiver")
    state: OfferState
    offered_at: datetime
    due_at: datetime | None = Field(description="null: the incident was offered again later")
    message: str | None = Field(description="null if the token may not see personal data")
    reason: str | None = Field(description="Why the receiver refused; null if the token may not see personal data")
    sent_number: str | None = Field(
        description="The number of the sender's incident; of a protected one null if it does not concern the token"
    )
    incident_type: str | None = Field(description="null also for a protected incident")
    type_label: dict[str, str] | None = Field(description="In the sender's words, by language: id, en")
    priority: int
    cell: str | None = Field(description="The H3 cell of resolution 7 of the place; null for a protected incident")
    started_at: datetime
    protected: bool
    drill: bool
    incident_id: UUID | None = Field(description="The receiver's incident, once it has accepted")
    number: str | None = Field(description="Its number; null like `sent_number`")

    @classmethod
    def of(cls, row: Any, sent: Incident, packs: PacksInForce, *, opened: bool, named: bool) -> Self:
        """`row` has the columns of the table `transfers`; `sent` is the sender's incident. `named`: whether the token
        may see the incidents' numbers.
        """
        kind = None if sent.protected else sent.incident_type
        offer = OfferOut.of(sent.offer, opened=opened) if sent.offer and sent.offer.id == row.id else None
        told = ("due_at", "message", "reason", "incident_id")
        return cls(
            **{name: getattr(offer, name) if offer else None for name in told},
            id=row.id,
            regency=row.regency,
            to=row.to_regency,
            state=row.state,
            offered_at=row.offered_at,
            sent_number=sent.number if named else None,
            number=offer.number if offer and named else None,
            incident_type=kind,
            type_label=type_label(kind, sent.regency, packs),
            priority=sent.priority,
            cell=sent.place.cell if sent.place and not sent.protected else None,
            started_at=sent.started_at,
            protected=sent.protected,
            drill=sent.drill,
        )


class TransferList(BaseModel):
    items: list[TransferOut]
    next: str | None
