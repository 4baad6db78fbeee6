"""The gateway's own settings."""

from pathlib import Path
from typing import Self

from pydantic import Field, PrivateAttr
from pydantic_settings import SettingsConfigDict

from sigap_common.core.settings import ServiceSettings
from sigap_common.outbound import OutboundAccess


class GatewaySettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SIGAP_AGENCY_GATEWAY_")

    _outbound: OutboundAccess = PrivateAttr(default_factory=OutboundAccess)

    self_url: str | None = Field(
        default=None, description="The URL by which this service reaches its own API, for drills; none: the public URL"
    )
    secrets_dir: Path | None = Field(
        default=None, description="The folder that `file:NAME` refers to; none: `secrets` in the data folder"
    )
    secrets_of: dict[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="The regencies of secrets whose names do not contain a regency's code, as JSON: "
        '`{"SIGAP_SECRET_FIRE": ["99.01"], "file:fire": ["99.01"]}`',
    )
    deliveries_at_once: int = Field(
        default=96,
        ge=1,
        le=500,
        description="Deliveries in flight in each process; one regency takes at most half, one agency a quarter",
    )
    deliveries_at_once_per_endpoint: int = Field(
        default=4, ge=1, le=100, description="The most of them to one endpoint, so that a slow one holds up no other"
    )
    connect_seconds: float = Field(default=5, gt=0, description="Time limit for connecting to a receiver")
    attempt_seconds: float = Field(default=15, gt=0, le=19, description="Time limit for one attempt")
    give_up_hours: float = Field(default=24, gt=0, description="How long a delivery is tried")
    poll_seconds: float = Field(
        default=1,
        gt=0,
        description="Seconds between checks for deliveries that other processes left; retries are timed exactly",
    )

    def own_urls(self) -> tuple[str, ...]:
        return (self.self_url,) if self.self_url else ()

    @property
    def outbound(self) -> OutboundAccess:
        """The factory of HTTP clients for all channels. By default the clients connect to public addresses only."""
        return self._outbound

    def with_outbound(self, outbound: OutboundAccess) -> Self:
        copied = self.model_copy()
        copied._outbound = outbound
        return copied
