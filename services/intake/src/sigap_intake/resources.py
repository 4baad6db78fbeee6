"""What a running intake holds beside its tables: zones, adapters of exchanges, their secrets and the spool."""

import logging
from collections.abc import Mapping

from sigap_common.app.plugins import loaded
from sigap_common.app.resources import Environment
from sigap_common.app.zoning import ZonedResources
from sigap_common.core.errors import NotAuthenticated
from sigap_common.core.referred_secrets import ReferredSecrets, SecretMissing
from sigap_common.core.signatures import NotGenuine, verify
from sigap_intake.domain import Adapter
from sigap_intake.exchanges.spool import Spool
from sigap_intake.settings import IntakeSettings

ADAPTERS = "sigap.cti"

log = logging.getLogger(__name__)


class IntakeResources(ZonedResources):
    def __init__(self, environment: Environment[IntakeSettings]) -> None:
        super().__init__(environment)
        common, settings = environment.common, environment.settings
        self.adapters: Mapping[str, Adapter] = loaded(ADAPTERS)
        self.spool = Spool(common.data_dir, environment.ring, settings.spool_bytes)
        self._exchanges, self._clock = settings.exchanges, environment.clock
        self._secrets = ReferredSecrets(
            settings.secrets_dir or common.data_dir / "secrets",
            # The setting itself says whose each secret is, whatever its name.
            secrets_of={reference: [regency_of(name)] for name, reference in settings.exchanges.items()},
            production=not common.demo,
        )

    async def start(self) -> None:
        """Says which exchanges cannot sign. A spool that cannot be opened does not stop the other work of intake."""
        for exchange in self._exchanges:
            try:
                self._secret(exchange)
            except SecretMissing as missing:
                log.error("an exchange has no secret", extra={"exchange": exchange, "reason": str(missing)})
        try:
            self.spool.open()
        except OSError as error:
            log.error("the spool cannot be opened", extra={"reason": str(error)})

    async def stop(self) -> None:
        await self.spool.close()

    def verify(self, exchange: str, headers: Mapping[str, str], body: bytes) -> None:
        """Raises NotAuthenticated for what the exchange did not sign, or not within 5 minutes of now."""
        try:
            verify(self._secret(exchange), headers, body, self._clock())
        except (NotGenuine, SecretMissing):
            # An exchange that there is not is answered alike: nobody learns which there are.
            raise NotAuthenticated("signature-invalid") from None

    def _secret(self, exchange: str) -> str:
        reference = self._exchanges.get(exchange)
        if reference is None:
            raise SecretMissing(exchange)
        return self._secrets.referred(reference, regency_of(exchange))


def regency_of(exchange: str) -> str:
    """Of `<regency>/<name>`."""
    return exchange.partition("/")[0]
