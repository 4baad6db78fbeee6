"""Analytics' own settings."""

from pydantic_settings import SettingsConfigDict

from sigap_common.core.settings import ServiceSettings


class AnalyticsSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SIGAP_ANALYTICS_")
