"""Use cases of agencies: they answer their forwardings, and read lists. If an agency reads a forwarding that waits at
its desk, that is its delivery.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sigap_agency_gateway.domain.answers import Command, Decline, Report, decide, seen
from sigap_agency_gateway.domain.delivery import DeliveryState, is_late
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_agency_gateway.list_entries import add_labels
from sigap_agency_gateway.listings import FORWARDINGS, ForwardingFilters
from sigap_agency_gateway.repository import GatewayService, GatewayTransaction
from sigap_agency_gateway.visibility import is_agency
from sigap_common.auth import Access
from sigap_common.contracts.agencies import NotificationDelivered
from sigap_common.core.clock import after
from sigap_common.http.listing import Page, PageAsked
from sigap_common.regency import decline_reasons, require_code
from sigap_common.regency.help import require_help


async def answer(tx: GatewayTransaction, access: Access, forwarding_id: UUID, command: Command) -> Forwarding:
    """Records an agency's answer. An agency that answers has the forwarding, so revisions that wait at its desk become
    delivered first, and attempts to deliver revisions that it has seen end.

    Raises NotFound if the forwarding is another agency's, Invalid if the decline reason, the revision or the help that
    is asked for is unknown or the time cannot be, NotAllowed if the answer is impossible or a unit works for another
    incident.
    """
    forwarding = await tx.forwardings.find(forwarding_id)
    if forwarding is None or not is_agency(access, forwarding.agency):
        raise tx.forwardings.absent(forwarding_id)
    if isinstance(command, Decline):
        require_code(command.reason, decline_reasons(tx.packs.get(forwarding.agency.partition("/")[0])), "reason")
    if isinstance(command, Report) and command.beside.asks_for:
        asked = command.beside.asks_for
        require_help(tx.packs.get(forwarding.regency), agency=asked.agency, capability=asked.capability)
    if forwarding.at_desk:
        (forwarding,) = await _deliver_at_desk(tx, [forwarding_id])
    decision = decide(forwarding, command, await _moment(tx, forwarding, command))
    if decision.events and not isinstance(command, Decline):
        said, afterwards = command.beside, command.at is not None
        named_at = decision.events[-1].at
        await tx.units.take(forwarding, said.units, named_at, release=said.release, afterwards=afterwards)
    answered = tx.forwardings.record(decision)
    tx.deliveries.answered(answered.id, seen(forwarding, answered, command), tx.now())
    return answered


async def _moment(tx: GatewayTransaction, forwarding: Forwarding, command: Command) -> datetime:
    """Now. If the agency names units, it does so after what is known of them, also if that was recorded by a clock that
    is ahead.
    """
    if isinstance(command, Decline) or not command.beside.units or command.at is not None:
        return tx.now()
    return after(await tx.units.claimed_at(forwarding.agency, command.beside.units), tx.now())


async def show(gateway: GatewayService, access: Access, forwarding_id: UUID) -> Forwarding:
    """The forwarding. Showing it to its agency is a delivery, as in the list. Raises NotFound."""
    async with gateway.view() as view:
        found: Forwarding = await view.forwardings.visible(forwarding_id, access, lock=False)
    await _carried(gateway, [found.id] if found.at_desk and is_agency(access, found.agency) else [])
    return found


async def page(
    gateway: GatewayService, access: Access, filters: ForwardingFilters, asked: PageAsked
) -> Page[dict[str, Any]]:
    """The entries of a page, as JSON values. Forwardings that it shows to their own agency are then delivered."""
    async with gateway.view() as view:
        found = await FORWARDINGS.page(view, access, filters, asked)
        entries = await view.forwardings.entries(found.items, access)
    add_labels(entries, gateway.packs)
    at_desk = [entry for entry in entries if entry.pop("at_desk") and is_agency(access, entry["agency"])]
    await _carried(gateway, [UUID(entry["id"]) for entry in at_desk])
    return Page(entries, found.next)


async def _carried(gateway: GatewayService, forwarding_ids: Sequence[UUID]) -> None:
    """Records as delivered the forwardings that waited at the desk and are shown to their agency now. It commits before
    the answer leaves. If there are none, it opens no transaction.
    """
    waiting = sorted(forwarding_ids)
    if waiting:
        async with gateway.transaction() as tx:
            await _deliver_at_desk(tx, waiting)


async def deliver_carried(gateway: GatewayService, forwarding_id: UUID, revision: int) -> None:
    """Records revisions that wait at the desk as delivered, up to the one that a stream has sent to the agency."""
    async with gateway.view(by_worker=True) as view:
        found = await view.forwardings.find(forwarding_id, lock=False)
    if found and found.at_desk:
        async with gateway.transaction(by_worker=True) as tx:
            await _deliver_at_desk(tx, [forwarding_id], revision)


async def _deliver_at_desk(
    tx: GatewayTransaction, forwarding_ids: Sequence[UUID], upto: int | None = None
) -> list[Forwarding]:
    """Records the revisions that wait at the desk as delivered. Returns the changed forwardings. `upto`: the newest
    revision that was shown; None: all.
    """
    locked = {forwarding_id: await tx.forwardings.get(forwarding_id) for forwarding_id in forwarding_ids}
    rows = await tx.deliveries.waiting_at(tx.resources.fetched_channels, forwarding_ids)
    now, changed = tx.now(), []
    for forwarding_id, forwarding in locked.items():
        shown = forwarding.revision if upto is None else upto
        waiting = [row for row in rows if row.forwarding_id == forwarding_id]
        delivered = [row for row in waiting if row.revision <= shown]
        for row in delivered:
            ended = {"ended_at": now, "share_until": None, "attempts": 1}
            await tx.deliveries.change(row.id, state=DeliveryState.DELIVERED.value, **ended)
        said = [
            NotificationDelivered(
                at=now,
                recorded_at=now,
                incident_id=forwarding.incident_id,
                agency=forwarding.agency,
                revision=row.revision,
                endpoint=row.endpoint,
                channel=row.channel,
                attempts=1,
                late=is_late(row.acknowledge_by, now),
            )
            for row in delivered
        ]
        at_desk = len(delivered) < len(waiting)
        changed.append(tx.forwardings.say(forwarding.but(at_desk=at_desk), said))
    return changed
