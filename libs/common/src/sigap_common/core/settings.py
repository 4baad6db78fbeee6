"""Settings, which come from the environment. Settings of all services have the prefix SIGAP_, those of one service have
SIGAP_<SERVICE>_.

The single host derives database and bus from SIGAP_DATA_DIR; the cluster names them.
"""

from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from sigap_common.core.networks import LOOPBACK, AllowedNetworks, TrustedProxies


class TrustedIssuer(BaseModel):
    """An issuer whose tokens are accepted."""

    issuer: str = Field(description="The `iss` of its tokens")
    audience: str = Field(default="sigap", description="The `aud` its tokens must name")
    jwks_uri: str | None = Field(default=None, description="Where its keys are; none: found by OIDC discovery")
    console_client_id: str | None = Field(
        default=None,
        description="The public client by which the console signs people in there (authorisation code with PKCE, OIDC "
        "discovery); none: it does not",
    )
    console_scope: str = Field(default="openid profile", description="The `scope` that the console asks for")


class CommonSettings(BaseSettings):
    """The settings that are the same for every service of an installation."""

    model_config = SettingsConfigDict(env_prefix="SIGAP_", frozen=True, extra="ignore")

    environment: Literal["demo", "production"] = Field(
        default="demo",
        description="`production` refuses to start with anything that only a demonstration may have",
    )
    demo_beyond_loopback: bool = Field(
        default=False,
        description="Whether a demonstration may listen where other machines reach it; without it, it refuses to start",
    )
    data_dir: Path = Field(default=Path("data"), description="Where the single host keeps databases, bus and keys")
    bus_url: str = Field(
        default="embedded://",
        description="`embedded://`, or `kafka://host:port,host:port`, or `kafka+tls://host:port,host:port`",
    )
    bus_ca_file: Path | None = Field(
        default=None, description="Authorities of the brokers' certificates, PEM; none: those of the machine"
    )
    bus_certificate_file: Path | None = Field(
        default=None, description="The process's own certificate at the brokers, PEM, with its key in the next setting"
    )
    bus_key_file: Path | None = Field(default=None, description="The key of this certificate, PEM")
    bus_username: str | None = Field(default=None, description="The account at the brokers (SCRAM-SHA-512 over TLS)")
    bus_password: SecretStr | None = Field(default=None, description="The password of this account")
    public_url: str = Field(default="http://127.0.0.1:8112", description="The origin that clients see")
    host: str = Field(default="127.0.0.1", description="Address to listen on")
    port: int = Field(default=8112, description="Port to listen on; a single service listens here too")
    key_ring: SecretStr | None = Field(
        default=None, description="`id:base64,...`, newest first; none: a file of its own in the data folder"
    )
    auth_issuers: tuple[TrustedIssuer, ...] = Field(
        default=(), description="Trusted issuers as JSON; none: the built-in one at the public URL"
    )
    auth_roles_claims: tuple[str, ...] = Field(
        default=("realm_access.roles", "roles"),
        description="Paths of the roles in a token, with dots between the steps; the roles at all paths are combined",
    )
    auth_regencies_claims: tuple[str, ...] = Field(
        default=("regencies",), description="Paths of the regencies' codes; `*` is all"
    )
    auth_agency_claim: str = Field(default="agency", description="Path of the agency, `<regency>/<code>`")
    cors_origins: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(), description="Origins of browsers' frontends, separated by commas"
    )
    allowed_hosts: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Further hosts that a request may name, separated by commas; production refuses others",
    )
    allowed_networks: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Networks that webhooks and fetches of keys may reach beside public addresses, separated by "
        "commas, such as `10.20.0.0/16`; a demonstration allows loopback too",
    )
    trusted_proxies: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Networks of the trusted proxies, whose `X-Forwarded-For` is used, separated by commas, such as "
        "`10.20.0.5/32`",
    )
    connections: int = Field(
        default=4096,
        ge=16,
        description="Connections at once, a process; never more than its file limit leaves",
    )
    request_seconds: float = Field(
        default=20,
        gt=0,
        le=3600,
        description="Within how many seconds a client must send a request's head and then its body (a body of more "
        "than 4 KiB a second has longer), and go on reading an answer",
    )
    drain_seconds: float = Field(
        default=0,
        ge=0,
        le=300,
        description="After SIGTERM, for how many seconds requests are still served while `/readyz` says no, so that a "
        "load balancer sends no more of them",
    )
    streams_at_once: int = Field(
        default=2_000, ge=1, description="Open live streams, a process; more are refused with 429"
    )
    streams_at_once_per_person: int = Field(
        default=20,
        ge=1,
        description="Of these by one subject of tokens; raise it if many screens share one account",
    )
    otlp_endpoint: str | None = Field(default=None, description="Where traces go (OTLP over HTTP); none: nowhere")
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    relay_poll_seconds: float | None = Field(
        default=None,
        gt=0,
        description="Seconds between checks of the outbox; none: 0.02 if there are other replicas, whose rows it must "
        "find; otherwise 1, or 15 on SQLite, since commits wake it",
    )

    @model_validator(mode="before")
    @classmethod
    def _split_at_commas(cls, values: object) -> object:
        for name in ("cors_origins", "allowed_hosts", "allowed_networks", "trusted_proxies"):
            if isinstance(values, dict) and isinstance(given := values.get(name), str):
                values[name] = tuple(one.strip() for one in given.split(",") if one.strip())
        return values

    @field_validator("allowed_networks", "trusted_proxies")
    @classmethod
    def _are_networks(cls, texts: tuple[str, ...]) -> tuple[str, ...]:
        AllowedNetworks.parse(texts)
        return texts

    def reachable_networks(self) -> AllowedNetworks:
        """The networks that webhooks and fetches of keys may reach beside public addresses."""
        allowed = AllowedNetworks.parse(self.allowed_networks).networks
        return AllowedNetworks((*allowed, *LOOPBACK) if self.demo else allowed)

    def proxies(self) -> TrustedProxies:
        """The trusted proxies, whose `X-Forwarded-For` is used."""
        return TrustedProxies.parse(self.trusted_proxies)

    @property
    def demo(self) -> bool:
        return self.environment == "demo"

    @property
    def demo_issuer(self) -> str:
        """The `iss` of a demonstration's tokens, which anybody gets. Production does not trust it."""
        return f"{self.public_url}/v1/auth/demo-tokens"

    def issuers(self) -> tuple[TrustedIssuer, ...]:
        """The trusted issuers; in a demonstration that trusts the built-in one, its demonstration issuer too."""
        built_in = TrustedIssuer(issuer=self.public_url, jwks_uri=f"{self.public_url}/v1/auth/jwks")
        trusted = self.auth_issuers or (built_in,)
        if not self.demo:
            return tuple(issuer for issuer in trusted if issuer.issuer != self.demo_issuer)
        demo = [i.model_copy(update={"issuer": self.demo_issuer}) for i in trusted if i.issuer == self.public_url]
        return (*trusted, *demo)


class ServiceSettings(BaseSettings):
    """The base of one service's settings. A service derives its own class, with its own prefix."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str | None = Field(
        default=None,
        description="`postgresql+asyncpg://...` or `sqlite+aiosqlite:///...`; none: a file in the data folder",
    )
    pool_size: int = Field(
        default=5, ge=1, description="Connections to PostgreSQL for requests, a process; its workers have five more"
    )

    def own_urls(self) -> tuple[str, ...]:
        """URLs beside the public one by which the service itself, or another one, reaches it."""
        return ()

    def database_of(self, service: str, common: CommonSettings) -> str:
        return self.database_url or f"sqlite+aiosqlite:///{common.data_dir / service}.sqlite3"
