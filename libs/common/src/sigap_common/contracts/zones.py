"""Whose area a place lies in: one shape of answer, in events, in the API, on the queue and on incidents."""

from typing import Literal

from pydantic import Field

from sigap_common.contracts.base import Contract
from sigap_common.regency import Pack


class ZoneShare(Contract):
    """A part of the circle of uncertainty."""

    regency: str | None = Field(description="Code of the regency; none: in no zone, such as the sea or a gap")
    share: float = Field(ge=0, le=1, description="Its part of the circle's area")


class Elsewhere(Contract):
    """The place is not of the regency that has the call or incident."""

    regency: str | None = Field(description="Code of the regency that it belongs to; none: nobody's")
    name: str | None = Field(default=None, description="The name of that regency")
    by: Literal["queue", "telephone"] = Field(
        description="How it is handed on: to that regency's queue, or by telephone if nobody of it works in this system"
    )
    telephones: tuple[str, ...] = Field(default=(), description="The numbers to dial, first choice first")


class Zone(Contract):
    """Whose area a place lies in, by the zones in force at that moment. Of a place without coordinates nothing is
    known: it has no owner and no shares.
    """

    owner: str | None = Field(description="Code of the regency that the place belongs to; none: in nobody's zone")
    candidates: tuple[str, ...] = Field(
        default=(), description="All that the circle of uncertainty touches: the codes of `shares`"
    )
    shares: tuple[ZoneShare, ...] = Field(
        default=(), description="The parts of the circle, largest first, adding up to 1; a point is one part"
    )
    neighbours: tuple[str, ...] = Field(
        default=(), description="Codes of other regencies in the circle or within 1 km of it, to be told"
    )
    elsewhere: Elsewhere | None = Field(
        default=None, description="If the place is not of the regency that has the call or incident: whose it is"
    )


def elsewhere(owner: str | None, here: Pack, there: Pack | None) -> Elsewhere | None:
    """What is to be said loudly of a place in this zone to the regency `here`; `there` is the owner's pack."""
    if owner == here.code:
        return None
    if owner is None or there is None:
        return Elsewhere(regency=owner, by="telephone", telephones=here.outside_telephones)
    return Elsewhere(regency=owner, name=there.name, by=there.transfer_by, telephones=there.transfer_telephones)


def owner_of(zone: Zone | None) -> str | None:
    """The owner's code; None without a zone."""
    return zone.owner if zone else None


def of_owner(owner: str | None) -> Zone | None:
    """The zone of a place of which, in an older event or document, the owner alone is known."""
    return Zone(owner=owner, candidates=(owner,)) if owner else None
