"""The HTTP schema of those who are only informed of an incident."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.contracts.informing import InformationEnding


class InformationOut(BaseModel):
    """A recipient who is only informed. The gateway shows the delivery under `id`."""

    id: UUID = Field(description="The id of its copy at the gateway")
    agency: str
    revision: int
    since: datetime
    ended_at: datetime | None
    reason: InformationEnding | None = Field(description="Why it ended")
