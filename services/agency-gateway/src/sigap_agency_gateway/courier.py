"""The courier: sends the deliveries of the gateway's table to the agencies, the most urgent first.

A process claims a delivery in the table. If the process dies, the claim lapses and another process makes the delivery.
The number of deliveries in flight is limited and shared between regencies, agencies and endpoints, so that slow
receivers of one do not hold up others.
"""

import asyncio
import logging
from datetime import datetime
from uuid import UUID

from sigap_agency_gateway.channels import Attempt
from sigap_agency_gateway.domain.delivery import LONGEST_DELAY, Outcome
from sigap_agency_gateway.domain.fair_shares import Room
from sigap_agency_gateway.repository import GatewayService
from sigap_agency_gateway.repository.deliveries import NextLook
from sigap_agency_gateway.use_cases import deliver
from sigap_agency_gateway.use_cases.deliver import CLAIM, Claimed
from sigap_common.core.clock import PutBack
from sigap_common.messaging.outages import AWAY, wait_out
from sigap_common.observability import tracing

BLOCKED_SECONDS = 0.2
RENEW_SECONDS = 2.0
LAST_WORDS_SECONDS = 2.0
SHARES_AT_ONCE = 10

log = logging.getLogger(__name__)


async def carry(gateway: GatewayService) -> None:
    """The background worker. It runs in every replica."""
    await Courier(gateway).run()


class Courier:
    def __init__(self, gateway: GatewayService) -> None:
        self._gateway, self._resources = gateway, gateway.resources
        self._in_flight: dict[asyncio.Task[None], Claimed] = {}
        self._held_until: dict[UUID, datetime] = {}
        self._crowded = False
        self._put_back = PutBack()

    async def run(self) -> None:
        """Runs until cancelled. Then attempts in flight have LAST_WORDS_SECONDS to end."""
        renewing = asyncio.create_task(self._renew())
        try:
            while True:
                await self._go_on()
        finally:
            renewing.cancel()
            await self.landed(LAST_WORDS_SECONDS)
            for task in self._in_flight:
                task.cancel()
            await asyncio.gather(renewing, *self._in_flight, return_exceptions=True)

    async def _go_on(self) -> None:
        try:
            self._resources.woken.clear()
            look = await self._look()
            if not await self.round(look):
                await self._rest(look)
        except AWAY as away:
            await wait_out(log, "deliveries wait", away)

    async def landed(self, within: float | None = None) -> None:
        """Waits until no attempt is in flight, at most `within` seconds."""
        if self._in_flight:
            await asyncio.wait(list(self._in_flight), timeout=within)

    async def _repair_if_put_back(self) -> None:
        """Repairs times in the table after the clock was put back: a delivery that was due in a minute must still be
        due in a minute, and not in an hour.
        """
        now = self._gateway.clock()
        if self._put_back.needs_repair(now):
            async with self._gateway.transaction(by_worker=True) as tx:
                await tx.deliveries.repair(now, LONGEST_DELAY, list(self._held_until))
            self._put_back.repaired(now)

    async def _look(self) -> NextLook:
        await self._repair_if_put_back()
        async with self._gateway.view(by_worker=True) as view:
            look: NextLook = await view.deliveries.next_look()
        return look

    async def round(self, look: NextLook | None = None) -> int:
        """Starts the deliveries that are due, as far as there is room, and returns their number. Raises Unavailable,
        LockHeld.
        """
        look, now = look or await self._look(), self._gateway.clock()
        started = await self._start_due(look, now)
        # After the due deliveries: many shares of one regency may end at once, and other regencies must not wait for
        # them.
        if look.share_until is not None and look.share_until <= now:
            await self._say_shares()
        return started

    async def _start_due(self, look: NextLook, now: datetime) -> int:
        room = self._room()
        if not room.free:
            return 0
        if look.due_at is None or look.due_at > now:
            self._crowded = False
            return 0
        async with self._gateway.transaction(by_worker=True) as tx:
            claimed, left_over = await deliver.claim(tx, room, self._held_until)
        full = room.full_regencies() or room.full_agencies() or room.full_endpoints()
        self._crowded = left_over or not room.free or bool(full)
        for one in claimed:
            self._start(one)
        return len(claimed)

    def _room(self) -> Room:
        settings = self._resources.settings
        in_flight = (claimed.tenant for claimed in self._in_flight.values())
        return Room(settings.deliveries_at_once, settings.deliveries_at_once_per_endpoint, in_flight)

    def _start(self, claimed: Claimed) -> None:
        task = asyncio.create_task(self._attempt(claimed))
        self._in_flight[task], self._held_until[claimed.id] = claimed, claimed.held_until
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._held_until.pop(self._in_flight.pop(task).id, None)
        if self._crowded:  # a round may be waiting for this room
            self._resources.woken.set()
        if not task.cancelled() and (error := task.exception()):
            log.error("an attempt failed", exc_info=error)

    async def _attempt(self, claimed: Claimed) -> None:
        with tracing.continue_from(claimed.cause.traceparent), tracing.span("deliver", "client"):
            attempt = claimed.attempt(self._gateway.clock(), tracing.current())
            outcome = Outcome(error=claimed.hopeless) if claimed.hopeless else await self._send(claimed, attempt)
            await self._write_down(claimed, attempt, outcome)

    async def _send(self, claimed: Claimed, attempt: Attempt) -> Outcome:
        try:
            return await self._resources.channels[claimed.channel].deliver(attempt)
        except Exception:
            log.exception("a channel failed", extra={"channel": claimed.channel})
            return Outcome(error="channel-failed")

    async def _write_down(self, claimed: Claimed, attempt: Attempt, outcome: Outcome) -> None:
        """Records an attempt. While the database is away it waits. The claim may lapse meanwhile; then another process
        repeats the delivery.
        """
        ended_at = self._gateway.clock()
        while True:
            try:
                async with self._gateway.transaction(claimed.cause, by_worker=True) as tx:
                    await deliver.finish(tx, claimed, attempt, outcome, ended_at)
                return
            except AWAY as away:
                await wait_out(log, "an attempt waits to be written down", away)

    async def _say_shares(self) -> None:
        async with self._gateway.view(by_worker=True) as view:
            past: list[UUID] = await view.deliveries.past_share(view.now(), SHARES_AT_ONCE)
        for delivery_id in past:
            async with self._gateway.transaction(by_worker=True) as tx:
                await deliver.say_share_is_past(tx, delivery_id)

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(RENEW_SECONDS)
            try:
                await self.renew_claims()
            except AWAY as away:  # if the claim lapses meanwhile, the delivery is repeated
                await wait_out(log, "claims not renewed", away)
            except Exception:
                log.exception("claims could not be renewed")

    async def renew_claims(self) -> None:
        """Renews all claims by one statement: with many hanging attempts, a transaction for each would hold up
        everything else.
        """
        if not self._held_until:
            return
        async with self._gateway.transaction(by_worker=True) as tx:
            until = tx.now() + CLAIM
            renewed = await tx.deliveries.renew(self._held_until, until)
        self._held_until |= {one: until for one in renewed if one in self._held_until}

    async def _rest(self, look: NextLook) -> None:
        """Waits until something is committed here, a retry is due, or it is time to check for work that other processes
        left.
        """
        seconds, now = self._resources.settings.poll_seconds, self._gateway.clock()
        for moment in (look.due_at, look.share_until):
            if moment is not None:
                until = (moment - now).total_seconds()
                seconds = min(seconds, max(until, 0.01) if until > 0 else BLOCKED_SECONDS)
        try:
            async with asyncio.timeout(seconds):
                await self._resources.woken.wait()
        except TimeoutError:
            return
