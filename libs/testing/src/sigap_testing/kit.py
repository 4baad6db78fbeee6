"""One service on a real database, with a clock to set. A test sends its HTTP requests and events, and reads the events
that it published.

The service's workers do not run: a test delivers events (`hear`) and reads the published ones (`said`). Tests of
several services together start whole hosts instead.
"""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from sigap_common.app.application import create_app
from sigap_common.app.manifest import AnyService
from sigap_common.app.migrations import TOPICS
from sigap_common.app.runtime import AnyRuntime, Runtime
from sigap_common.auth import Issuer, Role, TokenIssuer, Verifier
from sigap_common.auth.issuer import new_key
from sigap_common.bus import Delivered, open_bus
from sigap_common.bus.envelope import Envelope, Message
from sigap_common.contracts.base import Event, type_name
from sigap_common.contracts.regencies import PackPublished, PackSectionPublished
from sigap_common.contracts.registry import event_types
from sigap_common.core.settings import CommonSettings, ServiceSettings
from sigap_common.messaging.received import ReceivedEvent
from sigap_common.personal_data import KeyRing, SealContext
from sigap_common.regency import Pack
from sigap_common.regency.by_section import split
from sigap_testing.clocks import SetClock
from sigap_testing.messages import an_envelope, message_of
from sigap_testing.migrated import migrated

ISSUER = "https://issuer.test"
AUDIENCE = "sigap"
TWELVE_HOURS = timedelta(hours=12)


class Kit:
    """A service under test. `client` sends requests to it over ASGI, without a token."""

    def __init__(
        self, runtime: AnyRuntime, app: FastAPI, client: httpx.AsyncClient, clock: SetClock, issuer: TokenIssuer
    ):
        self.runtime, self.app, self.client, self.clock, self._issuer = runtime, app, client, clock, issuer
        self._offsets = count(1)

    def token(
        self,
        *roles: Role | str,
        regencies: Sequence[str] = ("*",),
        agency: str | None = None,
        subject: str = "tester",
        lifetime: timedelta = TWELVE_HOURS,
        name: str | None = None,
    ) -> str:
        return self._issuer.issue(subject, [Role(r) for r in roles], regencies, agency, lifetime, name)

    def bearer(
        self,
        *roles: Role | str,
        regencies: Sequence[str] = ("*",),
        agency: str | None = None,
        subject: str = "tester",
        lifetime: timedelta = TWELVE_HOURS,
        name: str | None = None,
    ) -> dict[str, str]:
        """The headers of a request; a fresh idempotency key is in them."""
        token = self.token(*roles, regencies=regencies, agency=agency, subject=subject, lifetime=lifetime, name=name)
        return {"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex}

    async def hear(self, *events: Event, subject: str, sequence: int = 1, at_once: bool = False, **about: Any) -> None:
        """Delivers the events like the bus, in order, each in a transaction of its own. `at_once`: as one fetch.
        `about`: see `message`.
        """
        messages = [self.message(event, subject, sequence=sequence + n, **about) for n, event in enumerate(events)]
        for fetched in [messages] if at_once else [[message] for message in messages]:
            await self.hear_again(*fetched)

    def message(
        self,
        event: Event,
        subject: str,
        *,
        regency: str,
        sequence: int = 1,
        source: str = "test",
        drill: bool = False,
        event_id: UUID | None = None,
        traceparent: str | None = None,
        need: str | None = None,
    ) -> Message:
        """The event as another service would have published it."""
        envelope = an_envelope(
            event,
            subject,
            regency=regency,
            sequence=sequence,
            source=source,
            drill=drill,
            event_id=event_id,
            traceparent=traceparent,
            need=need,
        )
        return message_of(event, envelope, self.runtime.ring)

    async def hear_again(self, *messages: Message) -> None:
        """Delivers messages in one fetch. They may be delivered a second time."""
        delivered = [Delivered(message, message.topic, 0, next(self._offsets)) for message in messages]
        await self.runtime.consumer.hear(delivered)

    async def retry(self) -> int:
        """Tries the events that wait and are due again, until none is left; how many tries there were."""
        tries = 0
        while await self.runtime.consumer.retry_one():
            tries += 1
        return tries

    async def configure(self, *packs: Pack, version: int = 1) -> None:
        """Applies packs to the service, by the events of a new version."""
        for pack in packs:
            await self.hear_again(*self.published(pack, version))

    def published(self, pack: Pack, version: int = 1) -> list[Message]:
        """The events that bring a whole pack: its sections, then the version that consists of them."""
        stamp: dict[str, Any] = {"at": self.clock(), "recorded_at": self.clock(), "version": version}
        about: dict[str, Any] = {"regency": pack.code, "sequence": version}
        texts = split(pack)
        sections = [
            self.message(
                PackSectionPublished(section=name, digest=text.digest, content=json.loads(text.content), **stamp),
                f"{pack.code}/{name}",
                **about,
            )
            for name, text in texts.items()
        ]
        digests = {name: text.digest for name, text in texts.items()}
        return [*sections, self.message(PackPublished(sections=digests, **stamp), pack.code, **about)]

    async def kept(self) -> str:
        """Every row of every table of the service, as text."""
        async with self.runtime.database.read() as connection:
            tables = self.runtime.service.metadata.sorted_tables
            rows = [row for table in tables for row in await connection.execute(select(table))]
        return "\n".join(repr(tuple(row)) for row in rows)  # a row's own repr leaves out the middle of long texts

    async def said(self, *wanted: type[Event]) -> list[ReceivedEvent]:
        """The events in the outbox, opened, oldest first: of the wanted types, or all."""
        types = {type_name(event): event for event in event_types()}
        outbox = self.runtime.tables.outbox
        async with self.runtime.database.read() as connection:
            rows = (await connection.execute(select(outbox).order_by(outbox.c.id))).all()
        heard = []
        for row in rows:
            envelope = Envelope.from_json(row.envelope)
            context = {"seal": SealContext(self.runtime.ring, envelope.subject)}
            heard.append(ReceivedEvent(types[envelope.type].model_validate_json(row.data, context=context), envelope))
        return [h for h in heard if not wanted or isinstance(h.event, wanted)]


@asynccontextmanager
async def started(
    service: AnyService,
    database_url: str,
    folder: Path,
    *,
    clock: SetClock | None = None,
    settings: ServiceSettings | None = None,
    common: CommonSettings | None = None,
    is_empty: bool = True,
) -> AsyncIterator[Kit]:
    """The service on an empty database, migrated, without its workers. `is_empty`: False for a database that another
    process has migrated.
    """
    clock = clock or SetClock()
    common = common or CommonSettings(data_dir=folder)
    settings = (settings or service.settings()).model_copy(update={"database_url": database_url})
    if is_empty:
        await migrated(service, database_url)
    issuer = TokenIssuer.from_text(ISSUER, AUDIENCE, new_key(), clock=clock)
    verifier = Verifier([Issuer(ISSUER, AUDIENCE, keys=issuer.jwks)], clock=clock, elapsed=clock.elapsed)
    bus = open_bus(common.bus_url, data_dir=folder)
    await bus.start()
    await bus.create_topics(TOPICS)
    ring = KeyRing.load_or_create(folder / "keys")
    runtime = Runtime(
        service, common, settings, bus=bus, ring=ring, verifier=verifier, clock=clock, elapsed=clock.elapsed
    )
    app = create_app(runtime)
    await runtime.pack_store.load()
    await runtime.resources.start()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://sigap.test") as client:
            yield Kit(runtime, app, client, clock, issuer)
    finally:
        await runtime.resources.stop()
        await runtime.close()
        await verifier.stop()
        await bus.stop()


@asynccontextmanager
async def another_process(
    kit: Kit, service: AnyService, settings: Mapping[str, Any] | None = None
) -> AsyncIterator[Kit]:
    """A second runtime of the service on the database, bus, keys and clock of `kit`, with an app of its own.
    `settings`: those that differ from the first one's.

    It shares nothing in memory with the first one, so it stands for a second process, or for the same one restarted.
    """
    async with not_started(kit, service, settings) as other:
        runtime = other.runtime
        await runtime.pack_store.load()
        await runtime.resources.start()
        try:
            yield other
        finally:
            await runtime.resources.stop()
            await runtime.close()


@asynccontextmanager
async def not_started(kit: Kit, service: AnyService, settings: Mapping[str, Any] | None = None) -> AsyncIterator[Kit]:
    """The same, with nothing loaded yet: the test starts and stops its runtime."""
    first = kit.runtime
    runtime = Runtime(
        service,
        first.common,
        first.settings.model_copy(update=settings or {}),
        bus=first.bus,
        ring=first.ring,
        verifier=first.verifier.shared,
        clock=kit.clock,
        elapsed=kit.clock.elapsed,
    )
    app = create_app(runtime)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://sigap.test") as client:
        yield Kit(runtime, app, client, kit.clock, kit._issuer)


def moment(text: str) -> datetime:
    """`2024-02-19T10:00:00+07:00` as a moment."""
    return datetime.fromisoformat(text)
