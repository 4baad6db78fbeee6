"""What is delivered: one revision of a forwarding, or the word that it is withdrawn."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_common.contracts.base import Contract
from sigap_common.contracts.incidents import ForwardingContent, RevisionReason
from sigap_common.personal_data import Sealed


class Kind(StrEnum):
    FORWARDING = "forwarding"
    WITHDRAWAL = "withdrawal"


class Parcel(Contract):
    """Kept with a delivery until its body is rendered, so that each revision says what it said when it was made."""

    kind: Kind
    revision: int
    acknowledge_by: datetime | None
    needs_acknowledgement: bool
    content: ForwardingContent
    drill: bool
    change: RevisionReason | None = None
    """Why it followed the revision before."""
    reason: str | None = None
    """Why it was withdrawn."""
    text: Sealed | None = None
    """The dispatcher's words about that."""
    stand_down: bool = False


def revision_of(forwarding: Forwarding) -> Parcel:
    """The forwarding's newest revision."""
    return Parcel(
        kind=Kind.FORWARDING,
        revision=forwarding.revision,
        acknowledge_by=forwarding.acknowledge_by,
        needs_acknowledgement=forwarding.needs_acknowledgement,
        content=forwarding.content,
        drill=forwarding.drill,
        change=forwarding.change,
    )


def withdrawal_of(forwarding: Forwarding) -> Parcel | None:
    withdrawal = forwarding.withdrawal
    if withdrawal is None:
        return None
    return Parcel(
        kind=Kind.WITHDRAWAL,
        revision=withdrawal.revision,
        acknowledge_by=None,
        needs_acknowledgement=forwarding.needs_acknowledgement,
        content=forwarding.content,
        drill=forwarding.drill,
        reason=withdrawal.reason,
        text=withdrawal.text,
        stand_down=forwarding.stand_down,
    )


def message_id(forwarding_id: UUID, revision: int, kind: str) -> str:
    """The `webhook-id`: one for a forwarding and revision, on every attempt and endpoint."""
    ending = "_withdrawn" if kind == Kind.WITHDRAWAL else ""
    return f"msg_{forwarding_id.hex}_{revision}{ending}"
