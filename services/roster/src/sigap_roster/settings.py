"""Roster's own settings."""

from pydantic_settings import SettingsConfigDict

from sigap_common.core.settings import ServiceSettings


class RosterSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SIGAP_ROSTER_")
