"""Dispatch's own settings."""

from functools import cache
from importlib.metadata import entry_points
from pathlib import Path
from typing import Annotated

from pydantic import Field, SecretStr, field_validator
from pydantic_settings import NoDecode, SettingsConfigDict

from sigap_common.core.settings import CommonSettings, ServiceSettings


class DispatchSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SIGAP_DISPATCH_")

    services: Annotated[tuple[str, ...], NoDecode] = Field(
        default=(),
        description="Services that must answer for a regency to be complete, separated by commas; none: the "
        "installed ones",
    )
    issuer_key: SecretStr | None = Field(
        default=None,
        description="Keys of the built-in issuer, PEM (PKCS 8, Ed25519), newest first; none: the file below. "
        "Replicas share one",
    )
    issuer_key_file: Path | None = Field(
        default=None, description="The file of these keys; none: `issuer.pem` in the data folder, created if missing"
    )

    audit_folder: Path | None = Field(
        default=None,
        description="Where the daily digests of the audit are written; none: `audit` in the data folder. Best a disk "
        "that the database's administrator cannot write",
    )

    @field_validator("services", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(filter(None, (v.strip() for v in value.split(",")))) if isinstance(value, str) else value

    def digests_in(self, common: CommonSettings) -> Path:
        """The folder of the audit's daily digests."""
        return self.audit_folder or common.data_dir / "audit"

    def expected_services(self) -> tuple[str, ...]:
        """The services that must answer before a pack counts as complete."""
        return self.services or _installed()


@cache
def _installed() -> tuple[str, ...]:
    """The installed services. They are cached, because each lookup reads the metadata of every installed package."""
    return tuple(sorted({point.name for point in entry_points(group="sigap.services")}))
