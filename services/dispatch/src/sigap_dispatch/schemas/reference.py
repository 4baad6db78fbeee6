"""The HTTP schemas of regencies and their code lists."""

from datetime import datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_common.regency import (
    Agency,
    CodeEntry,
    IncidentType,
    Label,
    Pack,
    PlanConditions,
    ResponsePlan,
    wanted_label,
)
from sigap_dispatch import examples
from sigap_dispatch.models import Configuration, PackVersion, ServiceAnswer


class ServiceAnswerOut(BaseModel):
    model_config = like(examples.ANSWER)

    service: str
    version: int = Field(description="The version of the pack that the service answered last")
    applied: bool
    complaints: list[dict[str, str]] = Field(description="What the service cannot accept, with the places in the pack")
    answered_at: datetime


class RegencyOut(BaseModel):
    model_config = like(examples.REGENCY)

    code: str
    name: str
    prefix: str = Field(description="The beginning of its incident numbers")
    time_zone: str
    version: int = Field(description="The ETag")
    configured_at: datetime
    retired: bool = Field(description="Nothing new begins there")
    complete: bool = Field(description="Every service of this installation has answered for this version")
    waiting_for: list[str] = Field(description="The services that have not answered")
    answers: list[ServiceAnswerOut]

    @classmethod
    def of(
        cls, found: Configuration, answers: list[ServiceAnswer], waiting: list[str], *, retired: bool, **more: Any
    ) -> Self:
        said = [ServiceAnswerOut(**{n: getattr(a, n) for n in ServiceAnswerOut.model_fields}) for a in answers]
        plain = {n: getattr(found, n) for n in ("code", "name", "prefix", "time_zone", "version", "configured_at")}
        return cls(**plain, retired=retired, complete=not waiting, waiting_for=waiting, answers=said, **more)


class RegencyWhole(RegencyOut):
    pack: dict[str, Any] | None = Field(description="The pack in force, without keys that have their default")


class RegencyList(BaseModel):
    items: list[RegencyOut]
    next: str | None


class PackVersionOut(BaseModel):
    model_config = like(examples.PACK_VERSION)

    version: int
    configured_at: datetime = Field(description="When it came into force. It stays in force until the next version")
    configured_by: str | None = Field(description="The subject of the token that applied it")
    in_force: bool
    pack: dict[str, Any] | None = Field(
        default=None, description="The pack without keys that have their default; only if one version is requested"
    )

    @classmethod
    def of(cls, found: PackVersion, newest: int, **more: Any) -> Self:
        names = ("version", "configured_at", "configured_by")
        return cls(**{name: getattr(found, name) for name in names}, in_force=found.version == newest, **more)


class PackVersionList(BaseModel):
    items: list[PackVersionOut]
    next: str | None


class RegencyName(BaseModel):
    model_config = like(examples.REGENCY_NAME)

    code: str
    name: str = Field(description="With the code if another regency has the same name")
    retired: bool = Field(description="Nothing new begins there: offer nothing to it")

    @classmethod
    def of(cls, pack: Pack, name: str) -> Self:
        return cls(code=pack.code, name=name, retired=pack.retired)


class RegencyNames(BaseModel):
    items: list[RegencyName]
    next: None = None


class CodeLabel(BaseModel):
    id: str = Field(description="Indonesian")
    en: str = Field(description="English")

    @classmethod
    def of(cls, label: Label) -> Self:
        return cls(id=label.id, en=label.en)


class CodeOut(BaseModel):
    model_config = like(examples.CODE)

    code: str
    label: CodeLabel

    @classmethod
    def of(cls, entry: CodeEntry) -> Self:
        return cls(code=entry.code, label=CodeLabel.of(entry.label))


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
        label = CodeLabel.of(kind.label)
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
    kind_label: CodeLabel
    telephones: list[str] = Field(
        description="Of another regency's agency only for operators, dispatchers and supervisors; empty for others"
    )
    capabilities: list[str]
    capability_labels: list[CodeLabel] = Field(description="The words of `capabilities`, in the same order")
    lat: float | None
    lon: float | None

    @classmethod
    def of(cls, pack: Pack, agency: Agency) -> Self:
        """`pack`: the one that has the agency."""
        names = ("code", "name", "kind", "telephones", "capabilities", "lat", "lon")
        return cls(
            agency=f"{pack.code}/{agency.code}",
            kind_label=CodeLabel.of(wanted_label(agency.kind, pack)),
            capability_labels=[CodeLabel.of(wanted_label(code, pack)) for code in agency.capabilities],
            **{name: getattr(agency, name) for name in names},
        )


class AgencyList(BaseModel):
    items: list[AgencyOut]
    next: None = None


class ResponsePlanOut(BaseModel):
    model_config = like(examples.RESPONSE_PLAN)

    incident_type: str
    min_priority: int | None = Field(description="Only for incidents at least this urgent")
    when: PlanConditions = Field(description="When and where the plan applies; empty: always")
    agencies: list[str] = Field(description="In the order in which they are asked; empty: by capability, or none")
    informs: list[str] = Field(description="Those who are only informed")
    capability: str | None = Field(description="All agencies with it, the nearest post first")
    at_once: int | None = Field(description="How many of them are told at once; null: all")
    next: Literal["automatic", "propose"] = Field(
        description="If one declines or misses its deadline, the next is told or proposed"
    )
    role: str | None = Field(description="What they are wanted for; null: the capability, or the kind of each agency")
    alarm_level: int
    automatic: bool
    acknowledge_within_s: int

    @classmethod
    def of(cls, regency: str, plan: ResponsePlan, default_s: int) -> Self:
        agencies, informs = ([f"{regency}/{code}" for code in codes] for codes in (plan.agencies, plan.informs))
        within = plan.acknowledge_within_s or default_s
        names = cls.model_fields.keys() - {"agencies", "informs", "acknowledge_within_s"}
        plain = {name: getattr(plan, name) for name in names}
        return cls(agencies=agencies, informs=informs, acknowledge_within_s=within, **plain)


class ResponsePlanList(BaseModel):
    items: list[ResponsePlanOut]
    next: None = None
