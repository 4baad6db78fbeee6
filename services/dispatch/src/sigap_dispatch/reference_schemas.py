"""What goes over HTTP about regencies, their code lists, and who one is."""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import BaseModel, Field

from sigap_common.auth import Access, Role
from sigap_common.http_types import AgencyPath, RegencyCode, ShortText, Text
from sigap_common.pack import Agency, CodeEntry, IncidentType, ResponsePlan
from sigap_dispatch import examples
from sigap_dispatch.repository.configurations import Configuration, ServiceAnswer
from sigap_dispatch.schemas import Body, like


class ServiceAnswerOut(BaseModel):
    model_config = like(examples.ANSWER)

    service: str
    version: int = Field(description="The version of the pack that it answered for last")
    applied: bool
    complaints: list[dict[str, str]] = Field(description="What it cannot take, and where that stands in the pack")
    answered_at: datetime


class RegencyOut(BaseModel):
    model_config = like(examples.REGENCY)

    code: str
    name: str
    prefix: str = Field(description="What the numbers of its incidents begin with")
    time_zone: str
    version: int = Field(description="The ETag")
    configured_at: datetime
    complete: bool = Field(description="Every service of this installation has answered for this version")
    waiting_for: list[str] = Field(description="The services that have not")
    answers: list[ServiceAnswerOut]

    @classmethod
    def of(cls, found: Configuration, answers: list[ServiceAnswer], waiting: list[str], **more: Any) -> Self:
        said = [ServiceAnswerOut(**{n: getattr(a, n) for n in ServiceAnswerOut.model_fields}) for a in answers]
        plain = {n: getattr(found, n) for n in ("code", "name", "prefix", "time_zone", "version", "configured_at")}
        return cls(**plain, complete=not waiting, waiting_for=waiting, answers=said, **more)


class RegencyWhole(RegencyOut):
    pack: dict[str, Any] | None = Field(description="The pack in force; what has its default is left out")


class RegencyList(BaseModel):
    items: list[RegencyOut]
    next: str | None


class CodeLabel(BaseModel):
    id: str = Field(description="Indonesian")
    en: str = Field(description="English")


class CodeOut(BaseModel):
    model_config = like(examples.CODE)

    code: str
    label: CodeLabel

    @classmethod
    def of(cls, entry: CodeEntry) -> Self:
        return cls(code=entry.code, label=CodeLabel(id=entry.label.id, en=entry.label.en))


class CodeList(BaseModel):
    items: list[CodeOut]
    next: None = None


class IncidentTypeOut(CodeOut):
    model_config = like(examples.INCIDENT_TYPE)

    parent: str | None
    priority: int
    protected: bool

    @classmethod
    def of_type(cls, kind: IncidentType) -> Self:
        label = CodeLabel(id=kind.label.id, en=kind.label.en)
        return cls(code=kind.code, label=label, parent=kind.parent, priority=kind.priority, protected=kind.protected)


class IncidentTypeList(BaseModel):
    items: list[IncidentTypeOut]
    next: None = None


class AgencyOut(BaseModel):
    model_config = like(examples.AGENCY)

    agency: str = Field(description="`<regency>/<code>`, as everywhere else")
    code: str
    name: str
    kind: str
    telephones: list[str]
    capabilities: list[str]
    lat: float | None
    lon: float | None

    @classmethod
    def of(cls, regency: str, agency: Agency) -> Self:
        names = ("code", "name", "kind", "telephones", "capabilities", "lat", "lon")
        return cls(agency=f"{regency}/{agency.code}", **{name: getattr(agency, name) for name in names})


class AgencyList(BaseModel):
    items: list[AgencyOut]
    next: None = None


class ResponsePlanOut(BaseModel):
    model_config = like(examples.RESPONSE_PLAN)

    incident_type: str
    min_priority: int | None = Field(description="Only for incidents at least this urgent")
    agencies: list[str]
    alarm_level: int
    automatic: bool
    acknowledge_within_s: int

    @classmethod
    def of(cls, regency: str, plan: ResponsePlan, default_s: int) -> Self:
        agencies = [f"{regency}/{code}" for code in plan.agencies]
        within = plan.acknowledge_within_s or default_s
        names = ("incident_type", "min_priority", "alarm_level", "automatic")
        plain = {name: getattr(plan, name) for name in names}
        return cls(agencies=agencies, acknowledge_within_s=within, **plain)


class ResponsePlanList(BaseModel):
    items: list[ResponsePlanOut]
    next: None = None


class SignIn(Body):
    model_config = like(examples.SIGN_IN)

    username: ShortText
    password: Annotated[str, Text(1000)]


class DemoTokenRequest(Body):
    model_config = like(examples.DEMO_TOKEN)

    roles: Annotated[list[Role], Field(min_length=1, max_length=20)]
    regencies: Annotated[list[RegencyCode | Annotated[str, Field(pattern=r"^\*$")]], Field(max_length=1000)]
    agency: AgencyPath | None = None


class TokenOut(BaseModel):
    model_config = like(examples.TOKEN)

    access_token: str
    token_type: str = "Bearer"  # noqa: S105
    expires_in: int = Field(description="Seconds")


class Jwks(BaseModel):
    """A JWK set (RFC 7517)."""

    keys: list[dict[str, Any]]


class Me(BaseModel):
    model_config = like(examples.ME)

    subject: str
    name: str | None
    roles: list[Role]
    regencies: list[str] = Field(description="`*`: all")
    agency: str | None
    expires_at: datetime

    @classmethod
    def of(cls, access: Access) -> Self:
        return cls(
            subject=access.subject,
            name=access.name,
            roles=sorted(access.roles),
            regencies=sorted(access.regencies),
            agency=access.agency,
            expires_at=access.expires_at,
        )
