"""Roster's own settings."""

import socket

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from sigap_common.core.settings import ServiceSettings
from sigap_roster.solver.process import MOST_BYTES


class RosterSettings(ServiceSettings):
    model_config = SettingsConfigDict(env_prefix="SIGAP_ROSTER_")

    machine: str | None = Field(
        default=None,
        description="The machine's name: of the processes on it one searches for a plan at a time; none: the host's",
    )
    solver_bytes: int = Field(
        default=MOST_BYTES, ge=1, description="Memory that a search may use, beside that of the service"
    )

    @property
    def machine_name(self) -> str:
        return self.machine or socket.gethostname()
