"""The objects that one running intake shares: zones, gazetteers, the adapters and secrets of exchanges, the spool."""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime

from sigap_common.app.plugins import loaded
from sigap_common.app.resources import Environment
from sigap_common.app.zoning import ZonedResources
from sigap_common.core.errors import NotAuthenticated
from sigap_common.core.referred_secrets import ReferredSecrets, SecretMissing
from sigap_common.core.signatures import NotGenuine, verify
from sigap_common.core.workers import PACKS
from sigap_common.database import Connection
from sigap_common.http.watched_streams import Watchers
from sigap_common.regency import Guidance, guidance_of
from sigap_common.regency.in_force import PacksInForce
from sigap_intake.domain import Adapter
from sigap_intake.domain.gazetteer import Gazetteer
from sigap_intake.exchanges import spool_gauges
from sigap_intake.exchanges.spool import Spool
from sigap_intake.queue_gauges import QueueGauges
from sigap_intake.settings import IntakeSettings
from sigap_intake.watched_numbers import WatchedNumbers

ADAPTERS = "sigap.cti"

log = logging.getLogger(__name__)


class IntakeResources(ZonedResources):
    def __init__(self, environment: Environment[IntakeSettings]) -> None:
        super().__init__(environment)
        common, settings = environment.common, environment.settings
        self._gazetteers: dict[str, tuple[int, asyncio.Future[Gazetteer]]] = {}
        self._guidance: dict[str, tuple[int, Guidance]] = {}
        self._queue_gauges = QueueGauges(environment.registry)
        self.draft_watchers = Watchers()
        self.adapters: Mapping[str, Adapter] = loaded(ADAPTERS)
        self.watched = WatchedNumbers()
        self.spool = Spool(common.data_dir, environment.ring, settings.spool_bytes, elapsed=environment.elapsed)
        spool_gauges.show(self.spool, environment.registry)
        self._exchanges, self._clock = settings.exchanges, environment.clock
        self._secrets = ReferredSecrets(
            settings.secrets_dir or common.data_dir / "secrets",
            # A secret belongs to the regency of its exchange, whatever the secret is called.
            secrets_of={reference: [regency_of(name)] for name, reference in settings.exchanges.items()},
            production=not common.demo,
        )

    async def start(self) -> None:
        """Logs each exchange that has no secret, and opens the spool. If the spool cannot be opened, that is logged and
        intake does its other work.
        """
        for exchange in self._exchanges:
            try:
                self._secret(exchange)
            except SecretMissing as missing:
                log.error("an exchange has no secret", extra={"exchange": exchange, "reason": str(missing)})
        try:
            self.spool.open()
        except OSError as error:
            log.error("the spool cannot be opened", extra={"reason": str(error)})

    def drain(self) -> None:
        self.draft_watchers.wake()

    async def stop(self) -> None:
        await self.spool.close()

    async def read_gauges(self, connection: Connection, now: datetime) -> None:
        await self._queue_gauges.read(connection, now)

    def forget_gauges(self) -> None:
        self._queue_gauges.forget()

    def verify(self, exchange: str, headers: Mapping[str, str], body: bytes) -> None:
        """Checks the signature of a request. Raises NotAuthenticated if the exchange did not sign it, or signed it more
        than 5 minutes before or after now.
        """
        try:
            verify(self._secret(exchange), headers, body, self._clock())
        except (NotGenuine, SecretMissing):
            # An unknown exchange gets the same answer, so that nobody can find out which exchanges exist.
            raise NotAuthenticated("signature-invalid") from None

    async def gazetteer(self, packs: PacksInForce, regency: str) -> Gazetteer:
        """The gazetteer of the regency's pack in force. The first request for it builds it, in a thread.

        Raises NotFound if the regency is not configured, Unavailable if too many tasks wait for that thread.
        """
        pack, version = packs.get(regency), packs.version(regency)
        known = self._gazetteers.get(regency)
        if known is None or known[0] != version or (known[1].done() and known[1].exception()):
            making = asyncio.ensure_future(PACKS.run(Gazetteer, pack.gazetteer))
            known = self._gazetteers[regency] = (version, making)
        # Several requests wait for one build. If one of them is cancelled, the build must go on for the others.
        return await asyncio.shield(known[1])

    def guidance(self, packs: PacksInForce, regency: str) -> Guidance:
        """The regency's guidance by the pack in force. Raises NotFound for a regency that is not configured."""
        pack, version = packs.get(regency), packs.version(regency)
        known = self._guidance.get(regency)
        if known is None or known[0] != version:
            known = self._guidance[regency] = (version, guidance_of(pack, version))
        return known[1]

    def _secret(self, exchange: str) -> str:
        reference = self._exchanges.get(exchange)
        if reference is None:
            raise SecretMissing(exchange)
        return self._secrets.referred(reference, regency_of(exchange))


def regency_of(exchange: str) -> str:
    """The regency in an exchange's name, `<regency>/<name>`."""
    return exchange.partition("/")[0]
