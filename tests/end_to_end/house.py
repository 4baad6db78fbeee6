"""All services of a single host in this process, over real HTTP, on a clock that the test sets.

What takes weeks, such as the end of a period, is tried with it. Everything else starts a host of its own.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import uvicorn

from sigap_cli.api import Api
from sigap_common.app.application import create_app
from sigap_common.app.host import single_origin
from sigap_common.app.manifest import AnyService
from sigap_common.app.migrations import TOPICS
from sigap_common.app.plugins import loaded
from sigap_common.app.runtime import AnyRuntime, Runtime
from sigap_common.auth import Issuer, Role, TokenIssuer, Verifier
from sigap_common.auth.issuer import new_key
from sigap_common.bus import open_bus
from sigap_common.core.settings import CommonSettings
from sigap_common.personal_data import KeyRing
from sigap_testing.clocks import SetClock
from sigap_testing.cluster import HOST, steady_port
from sigap_testing.eventually import eventually
from sigap_testing.kit import AUDIENCE, ISSUER
from sigap_testing.migrated import migrated


@dataclass(frozen=True, slots=True)
class House:
    url: str
    clock: SetClock
    folder: Path
    runtimes: Sequence[AnyRuntime]
    issuer: TokenIssuer

    def token(self, *roles: str, regency: str, agency: str | None = None) -> str:
        """`agency`: its code in the regency."""
        wanted = [Role(role) for role in roles]
        return self.issuer.issue("tester", wanted, [regency], f"{regency}/{agency}" if agency else None)

    def api(self, *roles: str, regency: str, agency: str | None = None) -> Api:
        """The API for a person with these roles. Each request has a fresh token: the clock may go on by weeks."""

        async def fresh(_: bool) -> str:
            return self.token(*roles, regency=regency, agency=agency)

        return Api(self.url, fresh)

    async def sweep(self) -> None:
        """What every service does once a minute, now."""
        for runtime in self.runtimes:
            await runtime.sweeps.look()


@asynccontextmanager
async def house(folder: Path, start: datetime) -> AsyncIterator[House]:
    """Started with its workers, on empty databases."""
    clock, url = SetClock(start), f"http://{HOST}:{(port := steady_port())}"
    common = CommonSettings(data_dir=folder, public_url=url, port=port)
    issuer = TokenIssuer.from_text(ISSUER, AUDIENCE, new_key(), clock=clock)
    verifier = Verifier([Issuer(ISSUER, AUDIENCE, keys=issuer.jwks)], clock=clock, elapsed=clock.elapsed)
    bus, ring = open_bus(common.bus_url, data_dir=folder), KeyRing.load_or_create(folder / "keys")
    runtimes: list[AnyRuntime] = []
    services: dict[str, AnyService] = loaded("sigap.services")
    for service in services.values():
        settings = service.settings()
        await migrated(service, settings.database_of(service.name, common))
        runtimes.append(
            Runtime(
                service,
                common,
                settings,
                bus=bus,
                ring=ring,
                verifier=verifier,
                clock=clock,
                elapsed=clock.elapsed,
            )
        )
    await bus.start()
    await bus.create_topics(TOPICS)
    app = single_origin([create_app(runtime) for runtime in runtimes], bus, verifier)
    server = uvicorn.Server(uvicorn.Config(app, host=HOST, port=port, log_config=None))
    serving = asyncio.create_task(server.serve())
    try:
        await eventually(lambda: server.started, within=30)
        yield House(url, clock, folder, runtimes, issuer)
    finally:
        server.should_exit = True
        await serving
