"""The attempts of a delivery. Each is claimed, made and recorded, until the delivery arrives or fails for good."""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row

from sigap_agency_gateway.channels import Attempt, Receiver
from sigap_agency_gateway.domain.delivery import DeliveryState, Kind, Outcome, is_late, message_id, retry_delay
from sigap_agency_gateway.domain.endpoint import (
    DRILL_DOOR_PATH,
    GONE,
    SECRET_MISSING,
    EndpointState,
    Source,
    the_desk,
)
from sigap_agency_gateway.domain.fair_shares import Room, Tenant
from sigap_agency_gateway.domain.forwarding import Forwarding
from sigap_agency_gateway.notice import notice_of
from sigap_agency_gateway.repository import GatewayTransaction
from sigap_agency_gateway.use_cases.endpoints import UNKNOWN_CHANNEL, disable
from sigap_agency_gateway.use_cases.ship import opened, ship
from sigap_common.bus.envelope import Envelope
from sigap_common.contracts.agencies import (
    NotificationDelayed,
    NotificationDelivered,
    NotificationFailed,
    NotificationRerouted,
)
from sigap_common.contracts.base import Event
from sigap_common.core.referred_secrets import SecretMissing
from sigap_common.personal_data import CannotOpen

CLAIM = timedelta(seconds=6)
"""How long a claim holds. It is renewed while its attempt runs. If the process dies, another may claim the delivery
after this time.
"""
ENDPOINT_DISABLED = "endpoint-disabled"
ENDPOINT_RETIRED = "endpoint-retired"
SHARE_PAST = "share-past"
EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that this process has claimed. `hopeless`: the reason why no attempt is possible; None: one is."""

    id: UUID
    forwarding_id: UUID
    regency: str
    agency: str
    endpoint_id: UUID
    endpoint: str
    channel: str
    kind: Kind
    revision: int
    number: int
    message_id: str
    receiver: Receiver
    body: bytes
    acknowledge_by: datetime | None
    created_at: datetime
    held_until: datetime
    cause: Envelope
    hopeless: str | None = None
    failed_before: bool = False

    def attempt(self, started_at: datetime, traceparent: str | None) -> Attempt:
        late = is_late(self.acknowledge_by, started_at)
        return Attempt(self.receiver, self.message_id, started_at, self.body, late=late, traceparent=traceparent)

    @property
    def tenant(self) -> Tenant:
        return Tenant(self.regency, self.agency, self.endpoint_id)


async def claim(tx: GatewayTransaction, room: Room, ours: Container[UUID] = frozenset()) -> tuple[list[Claimed], bool]:
    """Claims the most urgent due deliveries, as far as there is room. Returns them, and whether others must wait.

    `ours`: deliveries that this process has in flight. If the clock is put forward, their claims look lapsed, and this
    process must not claim them a second time.
    """
    rows = await tx.deliveries.most_urgent(tx.now(), room)
    claimed = [
        await _claim(tx, row)
        for row in rows
        if row.id not in ours and room.take(Tenant(row.regency, row.agency, row.endpoint_id))
    ]
    return claimed, len(claimed) < len(rows)


async def _claim(tx: GatewayTransaction, row: Row[Any]) -> Claimed:
    """Claims one delivery. At its first attempt the body is rendered, and stored before it is sent."""
    receiver, hopeless = _receiver(tx, row)
    context = f"body/{row.id}"
    ring = tx.ring
    clear = b"" if hopeless else ring.open_bytes(row.body, context) if row.body else await _render(tx, row)
    sealed = row.body or (None if hopeless else ring.seal_bytes(clear, context))
    held_until = tx.now() + CLAIM
    tx.deliveries.claim(row.id, held_until, row.attempts + (not hopeless), sealed, row.notice)
    return Claimed(
        id=row.id,
        forwarding_id=row.forwarding_id,
        regency=row.regency,
        agency=row.agency,
        endpoint_id=row.endpoint_id,
        endpoint=row.endpoint,
        channel=row.channel,
        kind=Kind(row.kind),
        revision=row.revision,
        number=row.attempts + 1,
        message_id=message_id(row.forwarding_id, row.revision, row.kind),
        receiver=receiver,
        body=clear,
        acknowledge_by=row.acknowledge_by,
        created_at=row.created_at,
        held_until=held_until,
        cause=Envelope.from_json(row.cause),
        hopeless=hopeless,
        failed_before=row.error is not None,
    )


async def _render(tx: GatewayTransaction, row: Row[Any]) -> bytes:
    """Renders the body. A delivery from before notices were stored gets the present state."""
    if row.notice is not None:
        notice = opened(tx, row.forwarding_id, row.notice)
    else:
        forwarding = await tx.forwardings.get(row.forwarding_id, lock=False)
        notice = notice_of(forwarding, tx.packs.find(row.regency), tx.resources.public_url)
    return tx.resources.channels[row.channel].render(notice)


def _receiver(tx: GatewayTransaction, row: Row[Any]) -> tuple[Receiver, str | None]:
    """The receiver with its secret opened, or the reason why the delivery cannot be tried."""
    channel = tx.resources.channels.get(row.channel)
    if row.endpoint_state == EndpointState.RETIRED.value:
        return Receiver(), ENDPOINT_RETIRED
    if row.endpoint_state != EndpointState.ENABLED.value or channel is None:
        return Receiver(), ENDPOINT_DISABLED if channel else UNKNOWN_CHANNEL
    secrets, secret = tx.resources.secrets, None
    try:
        if row.secret is not None:
            secret = secrets.opened(row.secret, row.endpoint_id)
        elif channel.signs:
            secret = secrets.referred(row.secret_ref or "", row.agency.partition("/")[0])
    except (SecretMissing, CannotOpen):
        return Receiver(), SECRET_MISSING
    door = row.source == Source.BUILTIN.value
    url = tx.resources.self_url + DRILL_DOOR_PATH if door else row.url
    return Receiver(url, secret, row.options, ours=door), None


async def finish(
    tx: GatewayTransaction, claimed: Claimed, attempt: Attempt, outcome: Outcome, ended_at: datetime
) -> None:
    """Records an attempt, which ended at `ended_at`, and its consequences."""
    if claimed.hopeless:
        await give_up(tx, claimed, claimed.hopeless)
        return
    _log(tx, claimed, attempt, outcome, ended_at)
    if outcome.arrived:
        await _arrived(tx, claimed, ended_at)
        return
    expires_at = claimed.created_at + timedelta(hours=tx.resources.settings.give_up_hours)
    if outcome.gone or tx.now() >= expires_at:
        await give_up(tx, claimed, GONE if outcome.gone else EXPIRED)
        return
    if not claimed.failed_before:
        await _say_delayed(tx, claimed, outcome, ended_at)
    due_at = tx.now() + retry_delay(claimed.number, outcome.retry_after)
    await tx.deliveries.postpone(claimed.id, due_at, outcome.error)


async def _say_delayed(tx: GatewayTransaction, claimed: Claimed, outcome: Outcome, ended_at: datetime) -> None:
    """Publishes the first failed attempt at once, so that the dispatcher may telephone in time."""
    forwarding = await tx.forwardings.get(claimed.forwarding_id)
    row = await tx.deliveries.get(claimed.id)
    if claimed.kind is Kind.FORWARDING and row is not None and row.state == DeliveryState.PENDING.value:
        facts = _facts(tx, forwarding, claimed) | {"at": ended_at}
        said = NotificationDelayed(**facts, reason=outcome.error or "", status=outcome.status)
        tx.forwardings.say(forwarding, [said])


def _log(tx: GatewayTransaction, claimed: Claimed, attempt: Attempt, outcome: Outcome, ended_at: datetime) -> None:
    excerpt = tx.ring.seal_bytes(outcome.excerpt, f"excerpt/{claimed.id}") if outcome.excerpt else None
    tx.deliveries.log(
        delivery_id=claimed.id,
        number=claimed.number,
        started_at=attempt.started_at,
        ended_at=ended_at,
        status=outcome.status,
        error=outcome.error,
        late=attempt.late,
        excerpt=excerpt,
    )


async def _arrived(tx: GatewayTransaction, claimed: Claimed, arrived_at: datetime) -> None:
    """Publishes the delivery, if it is the first proof that the revision arrived."""
    forwarding = await tx.forwardings.get(claimed.forwarding_id)
    if await tx.deliveries.arrive(claimed.id, arrived_at) and claimed.kind is Kind.FORWARDING:
        facts = _facts(tx, forwarding, claimed) | {"at": arrived_at, "attempts": claimed.number}
        said = NotificationDelivered(**facts, late=is_late(claimed.acknowledge_by, arrived_at))
        tx.forwardings.say(forwarding, [said])


async def give_up(tx: GatewayTransaction, claimed: Claimed, reason: str) -> None:
    """Ends a delivery as failed. If its endpoint is the reason, the endpoint is disabled. If it was the agency's last
    endpoint, the desk replaces it.
    """
    forwarding = await tx.forwardings.get(claimed.forwarding_id)
    row = await tx.deliveries.get(claimed.id)
    if row is None or row.state != DeliveryState.PENDING.value:
        await _disable_for(tx, claimed.endpoint_id, reason)
        return
    ended = {"ended_at": tx.now(), "due_at": None, "share_until": None}
    await tx.deliveries.change(claimed.id, state=DeliveryState.FAILED.value, error=reason, **ended)
    await _disable_for(tx, claimed.endpoint_id, reason)
    goes_on_by: tuple[str, ...] = ()
    if reason != EXPIRED and row.kind == Kind.FORWARDING.value:
        forwarding, goes_on_by = await _other_ways(tx, forwarding, claimed.cause)
    said: list[Event] = []
    if not row.failure_said:
        said = [_failed(tx, forwarding, row, reason, final=True, goes_on_by=goes_on_by)]
    elif goes_on_by:
        facts = _facts(tx, forwarding, row)
        said = [NotificationRerouted(**facts, reason=reason, goes_on_by=goes_on_by)]
    tx.forwardings.say(forwarding, said)


async def _disable_for(tx: GatewayTransaction, endpoint_id: UUID, reason: str) -> None:
    if reason in {GONE, SECRET_MISSING, UNKNOWN_CHANNEL}:
        endpoint = await tx.endpoints.find(endpoint_id, lock=True)
        if endpoint is not None and endpoint.state is EndpointState.ENABLED:
            await disable(tx, endpoint, reason)


async def _other_ways(
    tx: GatewayTransaction, forwarding: Forwarding, cause: Envelope
) -> tuple[Forwarding, tuple[str, ...]]:
    """The channels by which the agency is told instead: those of its other endpoints, or the desk if it has no other
    endpoint.
    """
    if not forwarding.stands:
        return forwarding, ()
    if others := await tx.endpoints.in_force(forwarding.agency):
        return forwarding, tuple(other.channel for other in others)
    regency = forwarding.agency.partition("/")[0]
    desk = the_desk(regency, forwarding.agency, tx.now())
    ship(tx, forwarding, [desk], cause)
    return tx.forwardings.keep(forwarding.but(at_desk=True)), (desk.channel,)


async def say_share_is_past(tx: GatewayTransaction, delivery_id: UUID) -> None:
    """Publishes, once, that a delivery has used up its share of the time to acknowledge. The delivery goes on."""
    unlocked = await tx.deliveries.find(delivery_id)
    if unlocked is None:
        return
    forwarding = await tx.forwardings.get(unlocked.forwarding_id)
    row = await tx.deliveries.get(delivery_id)
    if row is None or row.state != DeliveryState.PENDING.value or row.share_until is None:
        return
    await tx.deliveries.change(delivery_id, share_until=None, failure_said=True)
    tx.cause = Envelope.from_json(row.cause)
    tx.forwardings.say(forwarding, [_failed(tx, forwarding, row, SHARE_PAST, final=False)])


def _failed(
    tx: GatewayTransaction,
    forwarding: Forwarding,
    row: Row[Any],
    reason: str,
    *,
    final: bool,
    goes_on_by: tuple[str, ...] = (),
) -> NotificationFailed:
    facts = _facts(tx, forwarding, row)
    return NotificationFailed(**facts, attempts=row.attempts, final=final, reason=reason, goes_on_by=goes_on_by)


def _facts(tx: GatewayTransaction, forwarding: Forwarding, delivery: Row[Any] | Claimed) -> dict[str, Any]:
    return {
        "at": tx.now(),
        "recorded_at": tx.now(),
        "incident_id": forwarding.incident_id,
        "agency": forwarding.agency,
        "revision": delivery.revision,
        "endpoint": delivery.endpoint,
        "channel": delivery.channel,
    }
