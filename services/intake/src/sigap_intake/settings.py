"""Intake's settings, read from environment variables."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sigap_common.core.settings import ServiceSettings


class IntakeSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SIGAP_INTAKE_")

    exchanges: dict[str, str] = Field(
        default_factory=dict,
        description="The telephone exchanges that sign their requests, `<regency>/<name>`, and where the secret of "
        'each is, as JSON: `{"17.71/pbx": "SIGAP_SECRET_17_71_PBX", "18.72/pbx": "file:18.72-pbx"}`',
    )
    secrets_dir: Path | None = Field(
        default=None, description="The folder that `file:NAME` refers to; none: `secrets` in the data folder"
    )
    spool_bytes: int = Field(
        default=16 * 1024 * 1024,
        ge=4096,
        description="Bytes of the file that keeps telephone events of exchanges while the database is away",
    )
