"""The HTTP schemas of offers of a call to another regency."""

from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.call_transfers import TransferredFrom
from sigap_common.http.schemas import Body, in_clear, like
from sigap_common.http.types import PersonalText, RegencyCode
from sigap_intake.domain import Call
from sigap_intake.domain.call_transfer import CallTransfer, CallTransferState
from sigap_intake.domain.references import reference_of
from sigap_intake.examples import call_transfers as examples


class OfferCallToRegency(Body):
    model_config = like(examples.OFFER)

    to: RegencyCode = Field(description="The regency that is asked to go on with the caller")
    message: PersonalText | None = Field(
        default=None, description="For the other regency's operator, who reads it before accepting"
    )


class RefuseOfferedCall(Body):
    model_config = like(examples.REFUSE)

    reason: PersonalText = Field(description="The sender's operator reads it")


class OfferedToOut(BaseModel):
    """The newest offer of a call to another regency, as its own regency sees it."""

    id: UUID
    to: str
    state: CallTransferState
    offered_at: datetime
    due_at: datetime = Field(description="If nobody has accepted by then, the offer comes back")
    call_id: UUID | None = Field(description="The call in which the other regency goes on")
    message: str | None = Field(default=None, description="null if the token may not see personal data, and in lists")
    reason: str | None = Field(
        default=None, description="Why the other regency refused; null if the token may not see it, and in lists"
    )

    @classmethod
    def of(cls, transfer: CallTransfer | None, *, opened: bool) -> Self | None:
        if transfer is None:
            return None
        facts = {name: getattr(transfer, name) for name in ("id", "to", "state", "offered_at", "due_at", "call_id")}
        said = {"message": in_clear(transfer.message), "reason": in_clear(transfer.reason)} if opened else {}
        return cls(**facts, **said)


class TransferredFromOut(BaseModel):
    """The call of another regency that this one goes on with."""

    transfer_id: UUID
    regency: str
    reference: str = Field(description="How people there name the call")

    @classmethod
    def of(cls, came_from: TransferredFrom | None) -> Self | None:
        if came_from is None:
            return None
        reference = reference_of(came_from.call_id)
        return cls(transfer_id=came_from.transfer_id, regency=came_from.regency, reference=reference)


class CallTransferOut(BaseModel):
    """An offer as both regencies see it. Until the receiver accepts, it shows nothing of the caller and the notes, and
    of the place only the cell.
    """

    model_config = like(examples.TRANSFER)

    id: UUID
    regency: str = Field(description="The sender")
    to: str = Field(description="The receiver")
    state: CallTransferState
    offered_at: datetime
    due_at: datetime | None = Field(description="null: the call was offered again later")
    message: str | None = Field(
        description="null if the token may not see personal data, or if the call is protected and hidden from it; the"
        " receiver's people read it as long as the offer is open"
    )
    reason: str | None = Field(description="Why the receiver refused; null like `message`")
    reference: str = Field(description="How the sender's people name the call")
    received_at: datetime = Field(description="Since when the caller has waited or been spoken with")
    on_the_line: bool = Field(description="Whether the caller is still on the sender's line")
    cell: str | None = Field(description="The H3 cell of resolution 7 of the best place; null for a protected call")
    protected: bool = Field(description="The sender's call is protected, by itself or by its number")
    drill: bool
    call_id: UUID | None = Field(description="The receiver's call, once it has accepted")

    @classmethod
    def of(cls, row: Any, sent: Call, *, protected: bool, opened: bool) -> Self:
        """`row` has the columns of the table `call_transfers`; `sent` is the sender's call. `protected`: whether that
        is protected now, by its number too. `opened`: whether the token may read what was said.
        """
        transfer = OfferedToOut.of(sent.transfer, opened=opened)
        newest = transfer if transfer and transfer.id == row.id else None
        told = {name: getattr(newest, name) if newest else None for name in ("due_at", "message", "reason", "call_id")}
        place = sent.place or sent.caller_place
        return cls(
            **told,
            id=row.id,
            regency=row.regency,
            to=row.to_regency,
            state=row.state,
            offered_at=row.offered_at,
            reference=reference_of(sent.id),
            received_at=sent.received_at,
            on_the_line=sent.ended_at is None,
            cell=place.cell if place and not protected else None,
            protected=protected,
            drill=sent.drill,
        )


class CallTransferList(BaseModel):
    items: list[CallTransferOut]
    next: str | None
