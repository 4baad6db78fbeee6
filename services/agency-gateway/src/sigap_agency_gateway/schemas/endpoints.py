"""The HTTP schemas of endpoints."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue

from sigap_agency_gateway import examples
from sigap_agency_gateway.domain.endpoint import Endpoint, EndpointState, Source
from sigap_agency_gateway.use_cases.endpoints import Define, Made
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import AgencyPath, AtMost, Code, StorableJson, Text


class DefineEndpoint(Body):
    model_config = like(examples.DEFINE_ENDPOINT)

    agency: AgencyPath
    name: Code = Field(description="Unique within the agency; it cannot be changed")
    channel: Code = Field(description="desk, webhook, or the channel of an installed plugin")
    url: Annotated[str, Text(2000, least=0)] | None = None
    secret_ref: Annotated[str, Text(200, least=0)] | None = Field(
        default=None,
        description="A variable such as SIGAP_SECRET_99_01_FIRE, or a file such as file:99.01-fire: the name "
        "contains the code of the endpoint's regency; null: the product makes a secret",
    )
    options: Annotated[dict[Annotated[str, Text(100, least=0)], StorableJson], AtMost(50)] = Field(default_factory=dict)
    position: Annotated[int, Field(ge=0, le=100)] = Field(default=0, description="Order among the agency's endpoints")

    @property
    def regency(self) -> str:
        """The agency's regency. The token must cover it before anything is read."""
        return self.agency.partition("/")[0]

    def command(self) -> Define:
        return Define(**{name: getattr(self, name) for name in type(self).model_fields})


class EndpointOut(BaseModel):
    model_config = like(examples.ENDPOINT)

    id: UUID
    regency: str
    agency: str
    name: str
    channel: str
    source: Source = Field(description="pack: only the pack changes it; gateway: made here")
    position: int
    url: str | None
    secret_ref: str | None
    options: dict[str, JsonValue]
    state: EndpointState
    disabled_reason: str | None
    version: int
    created_at: datetime
    changed_at: datetime

    @classmethod
    def of(cls, endpoint: Endpoint) -> Self:
        return cls(**_shown(endpoint))


def _shown(endpoint: Endpoint) -> dict[str, Any]:
    return {name: getattr(endpoint, name) for name in EndpointOut.model_fields}


class EndpointMade(EndpointOut):
    model_config = like(examples.ENDPOINT_MADE)

    secret: str | None = Field(description="The signing secret, if this request made it; it is never shown again")

    @classmethod
    def made(cls, made: Made) -> Self:
        return cls(**_shown(made.endpoint), secret=made.secret)


class EndpointList(BaseModel):
    items: list[EndpointOut]
    next: str | None
