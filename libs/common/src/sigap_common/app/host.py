"""Hosts: one service in a process, or all of them in one process and on one origin."""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import uvicorn
from fastapi import FastAPI
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Router
from starlette.types import ASGIApp, Lifespan, Receive, Scope, Send

from sigap_common.app.application import create_app
from sigap_common.app.carrier import bus_of
from sigap_common.app.connections import ConnectionLimits
from sigap_common.app.manifest import AnyService
from sigap_common.app.runtime import AnyRuntime, Runtime
from sigap_common.app.server import GRACEFUL_SECONDS, DrainingServer
from sigap_common.app.site import Site
from sigap_common.app.startup import CannotStart, look_for_database
from sigap_common.auth import Issuer, Verifier
from sigap_common.bus import Bus
from sigap_common.core.demonstration import refuse_open_demonstration, warnings
from sigap_common.core.errors import MethodNotAllowed, Unavailable
from sigap_common.core.memory import return_freed_memory
from sigap_common.core.private_folder import make_private, private_files
from sigap_common.core.production import UnsafeSettings, published_settings, refuse_published
from sigap_common.core.settings import CommonSettings, ServiceSettings
from sigap_common.http.client_address import ClientAddress
from sigap_common.http.documentation import Documentation
from sigap_common.http.edge import EdgeOfProcess
from sigap_common.http.joint_streams import JOINT_PATH, JointStreams
from sigap_common.http.operations import READY_SECONDS, Exposed
from sigap_common.http.problems import no_such_path, paths_of, problem_response
from sigap_common.http.public_origin import Misdirected, PublicOrigin
from sigap_common.http.shared import Shared
from sigap_common.observability import metrics, tracing
from sigap_common.observability.logging import AccessLog, configure, speaking_for
from sigap_common.outbound import OutboundAccess
from sigap_common.personal_data import KeyRing

GARBAGE_THRESHOLDS = (10_000, 20, 20)
TURN_SECONDS = 0.0005
"""After which a thread that works must let another one go on. Python's 5 ms are waited for again and again by a request
that goes to and fro between the event loop and its database's thread: ten times make 50 ms.
"""
DEMO_CLIENTS = frozenset({"sigap-demo"})
"""Clients of the Keycloak realm in deploy/ that are for the demonstration alone."""
FOR_REQUESTS = b"for=requests"
"""The query of `/readyz` that asks whether requests are answered, also if the bus is away."""
OPERATIONS = ("/healthz", "/readyz", "/metrics")

log = logging.getLogger(__name__)


def ring_text(common: CommonSettings) -> str:
    """The key ring as text: from the settings, or from the single host's own file. Raises UnsafeSettings."""
    if common.key_ring is not None:
        return common.key_ring.get_secret_value()
    if not common.demo and common.bus_url != "embedded://":
        raise UnsafeSettings("SIGAP_KEY_RING must be set where services run apart")
    return KeyRing.text_in(common.data_dir / "keys")


def key_ring(common: CommonSettings) -> KeyRing:
    """The keys that seal personal data. Raises UnsafeSettings, InvalidKeyRing."""
    return KeyRing.parse(ring_text(common))


def verifier(common: CommonSettings) -> Verifier:
    return Verifier(
        [
            Issuer(
                issuer=trusted.issuer,
                audience=trusted.audience,
                jwks_uri=trusted.jwks_uri,
                roles_claims=common.auth_roles_claims,
                regencies_claims=common.auth_regencies_claims,
                agency_claim=common.auth_agency_claim,
                refused_clients=frozenset() if common.demo else DEMO_CLIENTS,
            )
            for trusted in common.issuers()
        ],
        folder=common.data_dir / "issuers",
        outbound=OutboundAccess(common.reachable_networks()),
    )


def runtimes(
    services: Sequence[AnyService], common: CommonSettings, bus: Bus, verify: Verifier | None = None
) -> list[AnyRuntime]:
    """One runtime a service, sharing bus, keys and verified tokens. Raises UnsafeSettings, InvalidKeyRing."""
    make_private(common.data_dir)
    settings = {service.name: service.settings() for service in services}
    refuse_published(common, _secrets(common, settings))
    ring, verify = key_ring(common), verify or verifier(common)
    of_process = EdgeOfProcess(common)
    running = [
        Runtime(s, common, settings[s.name], bus=bus, ring=ring, verifier=verify, of_process=of_process)
        for s in services
    ]
    clocks = (runtime.database_clock for runtime in running)
    if shared := next((clock for clock in clocks if clock is not None), None):
        verify.follow(shared)  # otherwise a host whose clock is an hour ahead would refuse an issuer's new tokens
    return running


def _secrets(common: CommonSettings, settings: Mapping[str, ServiceSettings]) -> dict[str, str]:
    """The secrets of the settings by their names, also if they came from elsewhere than the environment."""
    ring = "SIGAP_KEY_RING" if common.key_ring else f"KEY_RING in the file {common.data_dir / 'keys'}"
    urls = {
        f"SIGAP_{name.upper().replace('-', '_')}_DATABASE_URL": own.database_of(name, common)
        for name, own in settings.items()
    }
    return {ring: ring_text(common), **urls}


class OneOrigin:
    """The single origin of several services: sends each path to the service or site that owns it, and answers the
    operations paths for all.
    """

    def __init__(
        self,
        apps: Sequence[FastAPI],
        lifespan: Lifespan[Any] | None = None,
        sites: Sequence[Site] = (),
        common: CommonSettings | None = None,
    ) -> None:
        """`common`: the settings of a process that has sites alone; the others' runtimes know them."""
        self.apps = list(apps)
        self.sites = list(sites)
        self._lifespan, self._draining = Router(lifespan=lifespan), False
        self._runtimes: list[AnyRuntime] = [app.state.runtime for app in apps]
        self._exposed = Exposed(
            [
                *((runtime.service.name, runtime.metrics.registry) for runtime in self._runtimes),
                *((site.name, metrics.of_site()) for site in sites),
            ],
            [look for runtime in self._runtimes for look in (runtime.dead_letter_count(), runtime.gauges())],
        )
        self._owners = {path: app for app in apps for path in app.state.runtime.service.paths()}
        self._documentation = Documentation(self.apps)
        self._readiness = Shared(self._ready, READY_SECONDS)
        self._paths = [template for app in apps for template in paths_of(app)]
        self._own = tracing.TraceMiddleware(self._answer_itself)
        self._joint = JointStreams(self._answer)
        common = common or self._runtimes[0].common
        self._served = {
            site.name: AccessLog(tracing.TraceMiddleware(site.application(common)), site.name) for site in sites
        }
        urls = [url for runtime in self._runtimes for url in runtime.settings.own_urls()]
        # A service gives out its issuer's keys at the address that the settings name, which is an inner one.
        urls += [issuer.jwks_uri for issuer in common.issuers() if issuer.jwks_uri]
        refused = tracing.TraceMiddleware(_refuse_host)
        origin = PublicOrigin(self._answer, refused, common, urls, OPERATIONS)
        self._origin = ClientAddress(origin, common.proxies())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._origin(scope, receive, send)

    def drain(self) -> None:
        """The first step of stopping, of sites: `/readyz` answers 503. Runtimes drain by themselves."""
        self._draining = True

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            answer: ASGIApp = self._lifespan
        elif scope["path"] == JOINT_PATH and self.apps:
            answer = self._joint
        else:
            answer = self._owner(scope["path"]) or self._site(scope["path"]) or self._own
        await answer(scope, receive, send)

    async def _answer_itself(self, scope: Scope, receive: Receive, send: Send) -> None:
        await (await self._own_answer(scope))(scope, receive, send)

    def _owner(self, path: str) -> ASGIApp | None:
        steps = path.split("/")
        depth = 4 if path.startswith("/v1/ops/") else 3
        return self._owners.get("/".join(steps[:depth]))

    def _site(self, path: str) -> ASGIApp | None:
        return next((self._served[site.name] for site in self.sites if site.owns(path)), None)

    async def _own_answer(self, scope: Scope) -> ASGIApp:
        path = scope["path"]
        try:
            answer = await self._page(scope)
        except Unavailable as busy:
            return problem_response(busy, scope)
        if answer is None:
            return problem_response(no_such_path(path, self._paths), scope)
        reads = scope["type"] == "http" and scope["method"] in {"GET", "HEAD"}
        return answer if reads else problem_response(MethodNotAllowed(["GET", "HEAD"]), scope)

    async def _page(self, scope: Scope) -> Response | None:
        path = scope["path"]
        if path == "/healthz":
            return JSONResponse({"status": "ok"})
        if path == "/readyz":
            answer = await self._readiness.get()
            good = answer["serves" if scope["query_string"] == FOR_REQUESTS else "ready"]
            return JSONResponse(answer, 200 if good else 503)
        if path == "/metrics":
            return await self._exposed.response()
        if path == "/" and (entrance := next((site for site in self.sites if site.entrance), None)):
            return RedirectResponse(f"{entrance.prefix}/")
        return await self._documentation.answer(path, scope)

    async def _ready(self) -> dict[str, Any]:
        """The document: whether all services can work, whether all answer requests, and what each of them says."""
        # At the same time: each may wait for a database or bus that is away.
        answers = await asyncio.gather(*(runtime.readiness() for runtime in self._runtimes))
        names = [runtime.service.name for runtime in self._runtimes]
        services = {name: answer.model_dump() for name, answer in zip(names, answers, strict=True)}
        return {
            "ready": not self._draining and all(answer.ready for answer in answers),
            "serves": not self._draining and all(answer.serves for answer in answers),
            "services": services,
        }


async def _refuse_host(scope: Scope, receive: Receive, send: Send) -> None:
    await problem_response(Misdirected(), scope)(scope, receive, send)


def single_origin(apps: Sequence[FastAPI], bus: Bus, verify: Verifier, sites: Sequence[Site] = ()) -> OneOrigin:
    """All services as one ASGI application. Its lifespan runs the lifespans of `apps`, in their order."""

    @asynccontextmanager
    async def lifespan(_: object) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            await bus.start()
            stack.push_async_callback(bus.stop)
            stack.push_async_callback(verify.stop)
            for app in apps:
                await stack.enter_async_context(app.router.lifespan_context(app))
            yield

    return OneOrigin(apps, lifespan, sites)


async def _look_for_databases(runtimes: Sequence[AnyRuntime]) -> None:
    """Looks whether a database refuses its URL, which waiting does not mend. Raises CannotStart."""
    for runtime in runtimes:
        if not runtime.database.is_sqlite:  # that is there by itself
            with speaking_for(runtime.service.name):
                await look_for_database(runtime.service, runtime.database.url)


def _give_way(services: Sequence[AnyService]) -> None:
    """Lowers this process's claim to the processor to that of its most urgent service.

    On a machine that has too much to do, every process would otherwise get the same share, and a call would wait for
    deliveries and figures. Done before any thread is started: a thread keeps the niceness that it was started with.
    """
    if hasattr(os, "setpriority"):  # not on Windows
        wanted = min(service.niceness for service in services)
        os.setpriority(os.PRIO_PROCESS, 0, max(os.getpriority(os.PRIO_PROCESS, 0), wanted))


def serve(services: Sequence[AnyService], common: CommonSettings, sites: Sequence[Site] = ()) -> None:
    """Runs the services and sites, with new files readable by their owner only; see `_serve`."""
    with private_files(common.data_dir):
        if services:
            _serve(services, common, sites)
        else:
            _serve_sites(sites, common)


def _serve_sites(sites: Sequence[Site], common: CommonSettings) -> None:
    """Runs sites alone, until told to stop: without bus, keys and databases. Raises UnsafeSettings."""
    configure(sites[0].name, common.log_level.upper())
    refuse_open_demonstration(common)
    app = OneOrigin([], None, sites, common)
    DrainingServer(
        _config(app, common), [app.drain], common.drain_seconds, ConnectionLimits.of(common), lambda: False
    ).run()


def _serve(services: Sequence[AnyService], common: CommonSettings, sites: Sequence[Site]) -> None:
    """Runs until told to stop. One service alone answers its own paths, several share the origin.

    It listens also while databases are away or not migrated; until then all but the routes marked `without_database`
    answer 503, and `/readyz` says why. Raises CannotStart, UnsafeSettings, InvalidKeyRing.
    """
    name = services[0].name if len(services) == 1 else "sigap"
    _give_way(services)
    configure(name, common.log_level.upper())
    flush = tracing.install_exporter(common.otlp_endpoint, name) if common.otlp_endpoint else None
    refuse_open_demonstration(common)
    bus = bus_of(common)
    verify = verifier(common)
    running = runtimes(services, common, bus, verify)
    asyncio.run(_look_for_databases(running))
    for warning in warnings(common, published_settings()):
        log.warning(warning)
    app = single_origin([create_app(runtime) for runtime in running], bus, verify, sites)
    config = _config(app, common)
    return_freed_memory()
    # The objects that exist now stay for ever, so the garbage collector need not check them again.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)
    sys.setswitchinterval(TURN_SECONDS)
    try:
        drains = [runtime.drain for runtime in running]
        limits = ConnectionLimits.of(common)
        DrainingServer(config, drains, common.drain_seconds, limits, lambda: any(_failed(running))).run()
    finally:
        if flush:
            flush()
    for reason in _failed(running):
        raise reason


def _config(app: OneOrigin, common: CommonSettings) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        host=common.host,
        port=common.port,
        log_config=None,
        access_log=False,
        server_header=False,
        # Uvicorn would believe X-Forwarded-For of every process on this machine; ClientAddress asks the settings.
        proxy_headers=False,
        ws="none",
        timeout_graceful_shutdown=GRACEFUL_SECONDS,
    )


def _failed(runtimes: Sequence[AnyRuntime]) -> list[CannotStart]:
    return [runtime.cannot_start for runtime in runtimes if runtime.cannot_start]
