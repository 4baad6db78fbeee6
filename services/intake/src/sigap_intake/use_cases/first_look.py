"""The first look at a call, in one request."""

from uuid import UUID

from sigap_common.auth import Access
from sigap_intake.domain.block import Block
from sigap_intake.domain.call import Call
from sigap_intake.domain.first_look import FirstLook, OtherLine, about_the_same, place_of, reach_m
from sigap_intake.domain.open_incident import NearIncident
from sigap_intake.repository import IntakeTransaction


async def first_look(view: IntakeTransaction, access: Access, call_id: UUID) -> FirstLook:
    """Raises NotFound."""
    call = await view.calls.visible(call_id, access, lock=False)
    of_number = await view.open_incidents.of_number(call.regency, call.caller_hash, call.drill)
    protected = call.protected or any(one.protected for one in of_number)
    protected = protected or await view.protected_callers.includes(call.regency, call.caller_hash)
    return FirstLook(
        call=call,
        protected=protected,
        history=None if protected else await view.calls.history(call),
        earlier=[] if protected else await view.calls.entries(await view.calls.earlier(call), access, hide=False),
        of_number=of_number,
        near=await _near(view, call, {one.id for one in of_number}),
        on_the_line=await _on_the_line(view, access, call),
        closed_lately=await view.lately_closed.of_number(call.regency, call.caller_hash, view.now(), call.drill),
        blocks=[] if protected else await _blocks(view, call),
        contact=await view.caller_contacts.of_number(call.regency, call.caller_hash, drill=call.drill, lock=False),
        referrals=[] if protected else await view.referrals.of_number(call.regency, call.caller_hash, call.drill),
    )


async def _blocks(view: IntakeTransaction, call: Call) -> list[Block]:
    """The block that stands or is proposed now, and the one that stood at the call's arrival. A drill has none."""
    return [] if call.drill else await view.blocks.known_of(call.regency, call.caller_hash, call.block_id)


async def _near(view: IntakeTransaction, call: Call, known: set[UUID]) -> list[NearIncident]:
    """Without those that this number reported, and without protected ones, whose place is nobody's hint."""
    place = place_of(call)
    if place is None:
        return []
    found = await view.open_incidents.near(call.regency, place, reach_m(place), call.drill)
    return [one for one in found if one.incident.id not in known and not one.incident.protected]


async def _on_the_line(view: IntakeTransaction, access: Access, call: Call) -> list[OtherLine]:
    rows = await view.calls.on_the_line(call)
    entries = await view.calls.entries(rows, access, hide=False)
    return about_the_same(call, [(row.caller_hash, entry) for row, entry in zip(rows, entries, strict=True)])
