"""The list of who is in the room."""

from dataclasses import dataclass

from sigap_common.contracts.operators import PresenceState
from sigap_common.http.listing import Listing, Regency
from sigap_common.http.paging import Keyset
from sigap_intake.models.presences import presences
from sigap_intake.visibility.calls import POLICY


@dataclass(frozen=True, kw_only=True)
class RoomFilters:
    regency: Regency = None
    state: PresenceState | None = None


ROOM = Listing(
    presences,
    order=Keyset(presences.c.regency, presences.c.operator),
    policy=POLICY,
    filters=RoomFilters,
    always=(presences.c.state.is_not(None),),
)
