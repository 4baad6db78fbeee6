"""The objects that one running gateway shares: channels, secrets, an issuer, the courier's wake-up, receipts of
streams.
"""

import asyncio
import logging
from collections.abc import Mapping
from datetime import datetime
from os import urandom

from sigap_agency_gateway.channels import Channel, ChannelFactory
from sigap_agency_gateway.domain.endpoint import DRILL
from sigap_agency_gateway.drill_door import DrillDoor
from sigap_agency_gateway.endpoint_gauges import EndpointGauges
from sigap_agency_gateway.secrets import Secrets
from sigap_agency_gateway.settings import GatewaySettings
from sigap_agency_gateway.stream_receipts import StreamReceipts
from sigap_common.app.plugins import CannotLoad, loaded
from sigap_common.app.resources import Environment, Resources
from sigap_common.auth import Issuer, Purpose, Role, TokenIssuer
from sigap_common.database import Connection
from sigap_common.outbound import OutboundAccess

log = logging.getLogger(__name__)

CHANNELS = "sigap.channels"
DRILLS = Purpose(roles=frozenset({Role.agency}), agency_code=DRILL)


class GatewayResources(Resources):
    def __init__(self, environment: Environment[GatewaySettings]) -> None:
        super().__init__(environment)
        common = environment.common
        self.settings = environment.settings
        self.public_url = common.public_url
        self.self_url = (self.settings.self_url or common.public_url).rstrip("/")
        folder = self.settings.secrets_dir or common.data_dir / "secrets"
        self.secrets = Secrets(
            environment.ring, folder, secrets_of=self.settings.secrets_of, production=not common.demo
        )
        self.outbound = OutboundAccess(common.reachable_networks())
        self.channels: Mapping[str, Channel] = opened(loaded(CHANNELS), self.settings.with_outbound(self.outbound))
        self.issuer = self._issuer(environment)
        self.door = DrillDoor(self.self_url, self.issuer)
        self.woken = asyncio.Event()
        self._endpoint_gauges = EndpointGauges(environment.registry)
        self.stream_receipts = StreamReceipts()
        self.random = urandom

    def _issuer(self, environment: Environment[GatewaySettings]) -> TokenIssuer:
        """The issuer of the drill door's tokens. Only this service trusts it, and only for a regency's drill agency.
        Everybody who has the key ring can derive its key, so the key must permit nothing but drills.
        """
        name = f"{self.public_url}/v1/endpoints"
        issuer = TokenIssuer(name, name, [self.secrets.issuer_key], clock=environment.clock, ids=environment.ids)
        environment.verifier.trust_alone(Issuer(name, name, keys=issuer.jwks, purpose=DRILLS))
        return issuer

    async def start(self) -> None:
        """Logs the secrets that no regency can use, such as those with names from before names had to have a code."""
        if nobodys := self.secrets.nobodys():
            log.warning("secrets of no regency: name them in SIGAP_AGENCY_GATEWAY_SECRETS_OF: %s", ", ".join(nobodys))

    async def wake(self) -> None:
        """Wakes the courier after a commit that may have made a delivery due."""
        self.woken.set()

    async def stop(self) -> None:
        await self.door.stop()
        for channel in self.channels.values():
            await channel.close()
        self.outbound.close()

    async def read_gauges(self, connection: Connection, now: datetime) -> None:
        await self._endpoint_gauges.read(connection, now)

    def forget_gauges(self) -> None:
        self._endpoint_gauges.forget()

    def pushes(self, channel: str) -> bool:
        """Whether the gateway sends notices by this channel. True for an unknown channel too, so that the courier
        reports it.
        """
        known = self.channels.get(channel)
        return known is None or known.pushes

    @property
    def fetched_channels(self) -> list[str]:
        """The channels whose notices the agency fetches."""
        return [name for name, channel in self.channels.items() if not channel.pushes]


def opened(factories: Mapping[str, ChannelFactory], settings: GatewaySettings) -> dict[str, Channel]:
    """The channels by name, each built by its factory. Raises CannotLoad with the channel's name."""
    channels = {}
    for name, factory in factories.items():
        try:
            channels[name] = factory(settings)
        except Exception as error:
            raise CannotLoad(f"the channel {name!r} does not open: {error}") from error
    return channels
