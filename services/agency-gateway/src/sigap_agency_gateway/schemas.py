"""The schemas of requests and answers over HTTP."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

from pydantic import BaseModel, Field, JsonValue, model_validator
from sqlalchemy import Row

from sigap_agency_gateway import examples
from sigap_agency_gateway.domain.answers import Acknowledge, Decline, Report
from sigap_agency_gateway.domain.delivery import DeliveryState, Kind, message_id
from sigap_agency_gateway.domain.endpoint import Endpoint, EndpointState, Source
from sigap_agency_gateway.use_cases.endpoints import Define, Made
from sigap_common.contracts.agency_reports import SaidBeside
from sigap_common.contracts.incidents import Progress
from sigap_common.core.texts import Language, Texts
from sigap_common.http.agency_reports import WithReport, WithUnits, require_outcome_with_done
from sigap_common.http.schemas import Body, like
from sigap_common.http.types import AgencyPath, AtMost, Code, PersonalText, StorableJson, Text, Utc
from sigap_common.personal_data import KeyRing

BY_API = "api"

GivenAt = Annotated[
    Utc | None,
    Field(description="When it was, if you say so afterwards: up to 24 hours ago, never before the forwarding"),
]
TEXTS = Texts.load("sigap_agency_gateway")


class AcknowledgeForwarding(WithUnits):
    model_config = like(examples.ACKNOWLEDGE)

    revision: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        default=None, description="The revision that the agency has seen, at most the newest; null: the newest"
    )
    text: PersonalText | None = None
    at: GivenAt = None

    def command(self, by: str) -> Acknowledge:
        beside = SaidBeside(text=self.text, units=self.units, release=self.release)
        return Acknowledge(by=by, channel=BY_API, revision=self.revision, beside=beside, at=self.at)


class DeclineForwarding(Body):
    model_config = like(examples.DECLINE)

    reason: Code = Field(description="A code of /v1/decline-reasons")
    text: PersonalText | None = None
    at: GivenAt = None

    def command(self, by: str) -> Decline:
        return Decline(by=by, channel=BY_API, reason=self.reason, text=self.text, at=self.at)


class ReportProgress(WithReport):
    model_config = like(examples.PROGRESS)

    progress: Progress
    at: GivenAt = None

    @model_validator(mode="after")
    def _outcome_of_a_part_that_is_done(self) -> Self:
        require_outcome_with_done(done=self.progress is Progress.DONE, outcome=self.outcome)
        return self

    def command(self, by: str) -> Report:
        return Report(by=by, channel=BY_API, progress=self.progress, beside=self.beside, at=self.at)


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


class DeliveryOut(BaseModel):
    model_config = like(examples.DELIVERY)

    id: UUID
    forwarding_id: UUID
    endpoint_id: UUID
    regency: str
    agency: str
    endpoint: str
    channel: str
    kind: Kind
    revision: int
    webhook_id: str
    state: DeliveryState
    attempts: int
    acknowledge_by: datetime | None
    created_at: datetime
    next_at: datetime | None
    ended_at: datetime | None
    error: str | None = Field(
        description="The last error; for a cancelled delivery the reason: answered, withdrawn or closed"
    )

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        values = dict(row._mapping)
        webhook_id = message_id(row.forwarding_id, row.revision, row.kind)
        return cls(**values, webhook_id=webhook_id, next_at=row.due_at)


class DeliveryList(BaseModel):
    items: list[DeliveryOut]
    next: str | None


class AttemptOut(BaseModel):
    model_config = like(examples.ATTEMPT)

    number: int
    started_at: datetime
    ended_at: datetime
    status: int | None = Field(description="The channel's own status, such as that of HTTP")
    error: str | None = Field(description="A code; null: the notice arrived")
    in_words: str | None = Field(description="In the language of Accept-Language")
    late: bool = Field(description="Made after `acknowledge_by`")
    excerpt: str | None = Field(description="The first kB of the answer; shown to supervisor and admin")

    @classmethod
    def of(cls, row: Row[Any], ring: KeyRing | None, spoken: Language) -> Self:
        clear = ring.open_bytes(row.excerpt, f"excerpt/{row.delivery_id}") if ring and row.excerpt else None
        excerpt = clear.decode("utf-8", "replace") if clear is not None else None
        return cls(**dict(row._mapping) | {"excerpt": excerpt, "in_words": _in_words(row, spoken)})


def _in_words(row: Row[Any], spoken: Language) -> str | None:
    key = f"attempts.{row.error}"
    return TEXTS.get(key, spoken, status=row.status) if key in TEXTS else row.error


class DeliveryWithAttempts(DeliveryOut):
    model_config = like(examples.DELIVERY | {"log": [examples.ATTEMPT]})

    log: list[AttemptOut]


class KnockHeard(BaseModel):
    model_config = like({"forwarding_id": examples.FORWARDING["id"], "revision": 1})

    forwarding_id: UUID
    revision: int


class JsonWebKeys(BaseModel):
    """A JWK set (RFC 7517)."""

    model_config = like(examples.JWKS)

    keys: list[dict[str, str]]
