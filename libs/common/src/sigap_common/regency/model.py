"""The pack of a regency: all its configuration as one document, made of sections. It is also an event contract.

The keys of a section change, are published and are stored together; see `by_section`.
"""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Annotated, Any, Literal
from zoneinfo import ZoneInfo

import yaml
from pydantic import Field, TypeAdapter, ValidationInfo, field_validator

from sigap_common.core.formats import FORMATS, LONGEST
from sigap_common.regency.parts.agencies import Agency
from sigap_common.regency.parts.base import (
    Assumption,
    Code,
    CodeEntry,
    Key,
    Name,
    Part,
    RegencyCode,
    Telephone,
    TimeZone,
)
from sigap_common.regency.parts.blocking import BlockingPolicy
from sigap_common.regency.parts.calls import CallbackPolicy, ComplaintsDesk, QueuePolicy
from sigap_common.regency.parts.guidance import Closing, Instruction, SilentStep, TriageQuestion, Words
from sigap_common.regency.parts.incident_types import IncidentType
from sigap_common.regency.parts.places import CctvPoint, Place
from sigap_common.regency.parts.plans import PlanConditions, ResponsePlan
from sigap_common.regency.parts.retention import Retention
from sigap_common.regency.parts.rosters import Holiday, RosterPolicy, Season, ShiftPattern
from sigap_common.regency.parts.service_levels import ServiceLevels
from sigap_common.regency.zone import Zone


def _digits(data: dict[str, Any]) -> str:
    return str(data["code"]).replace(".", "")


class IdentitySection(Part):
    """Which regency it is, and whether 112 works there."""

    code: RegencyCode = Field(description="Code of the Ministry of Home Affairs, such as '99.01', in quotes")
    name: Name = Field(description="Official name")
    prefix: Annotated[str, Field(pattern=FORMATS["prefix"], max_length=LONGEST)] = Field(
        default_factory=_digits,
        description="Start of incident numbers, unique over all regencies; by default the code's digits",
    )
    time_zone: TimeZone = Field(description="IANA time zone, such as Asia/Jakarta")
    retired: bool = Field(
        False,
        description="Whether the regency has ended: no new call, incident or roster begins, and its zone owns no place",
    )


class ZoneSection(Part):
    """The area that the regency answers for."""

    zone: Zone | None = Field(
        None, description="The area it answers for: GeoJSON Polygon or MultiPolygon, longitude first, WGS 84"
    )


class AgenciesSection(Part):
    """Who is sent to help, and how each agency is reached."""

    agencies: tuple[Agency, ...] = Field((), max_length=500, description="Who is sent to help; none by default")


class IncidentTypesSection(Part):
    """The incident types."""

    standard_types: bool = Field(True, description="Whether the standard incident types are added to those listed here")
    incident_types: tuple[IncidentType, ...] = Field(
        (),
        max_length=500,
        validate_default=True,
        description="Incident types. The standard kinds follow those listed; one with the same code "
        "replaces the standard one",
    )

    @field_validator("incident_types")
    @classmethod
    def _with_standard_types(cls, value: tuple[IncidentType, ...], info: ValidationInfo) -> tuple[IncidentType, ...]:
        if not info.data.get("standard_types", True):
            return value
        own = {kind.code for kind in value}
        return value + tuple(kind for kind in standard_types() if kind.code not in own)


class ResponsePlansSection(Part):
    """Which agencies are told of which incident type."""

    response_plans: tuple[ResponsePlan, ...] = Field((), max_length=5000, description="Which agencies are told of what")


class CodeListsSection(Part):
    """The regency's entries in the standard code lists."""

    dispositions: tuple[CodeEntry, ...] = Field((), max_length=200, description="Dispositions beside the standard ones")
    decline_reasons: tuple[CodeEntry, ...] = Field(
        (), max_length=200, description="Reasons to decline beside the standard ones"
    )
    capabilities: tuple[CodeEntry, ...] = Field(
        (),
        max_length=200,
        description="Words for capabilities, kinds and roles that the standard list does not have; one with a standard "
        "code replaces the standard words",
    )


class GuidanceSection(Part):
    """What operators ask and tell callers."""

    standard_guidance: bool = Field(
        True, description="Whether the standard questions and words are added to those listed here"
    )
    triage: tuple[TriageQuestion, ...] = Field(
        (),
        max_length=500,
        description="Questions that propose a kind and a priority; one with a standard code replaces that one",
    )
    instructions: tuple[Instruction, ...] = Field(
        (), max_length=500, description="What callers are told until help comes; they replace the standard's for a kind"
    )
    silent_call: tuple[SilentStep, ...] = Field(
        (), max_length=20, description="Steps before a call may be classified as silent; absent: the standard ones"
    )
    silent_type: Code | None = Field(
        None, description="Kind of incident that a silent caller's key press opens; absent: silent_distress"
    )
    child_words: tuple[Words, ...] = Field(
        (), max_length=20, description="How to speak with a caller who is probably a child; absent: the standard ones"
    )
    class_keys: dict[Code, Key] = Field(
        default_factory=dict, max_length=20, description="The key that classifies a call, by class, beside the standard"
    )


class RostersSection(Part):
    """What duty rosters are planned by."""

    shifts: ShiftPattern = Field(ShiftPattern(), description="The centre's shifts")
    policies: tuple[RosterPolicy, ...] = Field((), max_length=100, description="Rules for rosters")
    holidays: tuple[Holiday, ...] = Field(
        (), max_length=2000, description="Holidays and joint leave of the years that matter"
    )
    seasons: tuple[Season, ...] = Field(
        (), max_length=200, description="Times of those years in which policies say something else, such as Ramadan"
    )


class BlockingSection(Part):
    """When prank callers are blocked."""

    blocking: BlockingPolicy | None = Field(None, description="When prank callers are blocked; absent: never")


class ServiceLevelsSection(Part):
    """What the regency promises."""

    service_levels: ServiceLevels = Field(ServiceLevels(), description="What the regency promises")


class RetentionSection(Part):
    """How long personal data is kept."""

    retention: Retention = Field(Retention(), description="How long personal data is kept")


class ClosingSection(Part):
    """How incidents end, and when they come back."""

    closing: Closing = Field(Closing(), description="How incidents end")
    reopen_window_minutes: Annotated[int, Field(ge=0, le=10_080)] = Field(
        60, description="Minutes after closing within which reopening is proposed"
    )


class TransfersSection(Part):
    """How calls are handed over."""

    transfer_limit_s: Annotated[int, Field(gt=0, le=3600)] = Field(
        120, description="Seconds after which a transfer that nobody accepted comes back"
    )
    transfer_by: Literal["queue", "telephone"] = Field(
        "queue",
        description="How others hand on an emergency in this zone: to this regency's queue, or by telephone if nobody "
        "of it works in this system",
    )
    transfer_telephones: tuple[Telephone, ...] = Field(
        (), max_length=20, description="Numbers that others dial for an emergency in this zone, first choice first"
    )
    outside_telephones: tuple[Telephone, ...] = Field(
        (),
        max_length=20,
        description="Numbers to dial for an emergency in nobody's zone, such as the sea, first choice first",
    )
    mutual_aid: tuple[RegencyCode, ...] = Field(
        (),
        max_length=20,
        description="Regencies that may tell this one's agencies of their incidents, and whose agencies this one may "
        "tell. Both packs must name each other",
    )


class DutyTelephonesSection(Part):
    """Who is rung if nobody is signed on."""

    duty_telephones: tuple[Telephone, ...] = Field(
        (),
        max_length=20,
        description="Telephones that are rung if nobody is signed on while an alarm stands, first choice first",
    )


class PopulationSection(Part):
    """Inhabitants."""

    population: dict[int, Annotated[int, Field(gt=0)]] = Field(
        default_factory=dict, max_length=300, description="Inhabitants by year"
    )


class CamerasSection(Part):
    """The cameras."""

    cctv_points: tuple[CctvPoint, ...] = Field((), max_length=20000, description="Cameras whose place is known")
    cctv_total: Annotated[int, Field(ge=0)] | None = Field(
        None, description="How many cameras there are, if more than are listed"
    )


class GazetteerSection(Part):
    """Places that callers name."""

    gazetteer: tuple[Place, ...] = Field((), max_length=50000, description="Places that callers name")


class QueueSection(Part):
    """How waiting calls are ordered, and whom they ring."""

    queue: QueuePolicy = Field(QueuePolicy(), description="How waiting calls are ordered, and whom they ring")


class AssumptionsSection(Part):
    """What is assumed in the pack."""

    assumptions: tuple[Assumption, ...] = Field(
        (), max_length=1000, description="What in this pack is assumed, and why"
    )


class CallbacksSection(Part):
    """The rules for calling back dropped calls."""

    callbacks: CallbackPolicy = Field(CallbackPolicy(), description="How dropped calls are called back")


class ComplaintsSection(Part):
    """Where non-emergency reports go."""

    complaints: ComplaintsDesk = Field(ComplaintsDesk(), description="Where non-emergency reports go")


SECTIONS: dict[str, type[Part]] = {
    "identity": IdentitySection,
    "zone": ZoneSection,
    "agencies": AgenciesSection,
    "incident_types": IncidentTypesSection,
    "response_plans": ResponsePlansSection,
    "code_lists": CodeListsSection,
    "guidance": GuidanceSection,
    "rosters": RostersSection,
    "blocking": BlockingSection,
    "service_levels": ServiceLevelsSection,
    "retention": RetentionSection,
    "closing": ClosingSection,
    "transfers": TransfersSection,
    "duty_telephones": DutyTelephonesSection,
    "population": PopulationSection,
    "cameras": CamerasSection,
    "gazetteer": GazetteerSection,
    "queue": QueueSection,
    "assumptions": AssumptionsSection,
    "callbacks": CallbacksSection,
    "complaints": ComplaintsSection,
}
"""The sections by name."""


@dataclass(frozen=True, slots=True)
class Setting:
    """When and where an emergency is."""

    at: datetime
    cell: str | None
    """The H3 cell of resolution 7; None: it is unknown."""


_ALWAYS = PlanConditions()


class Pack(
    ComplaintsSection,
    CallbacksSection,
    AssumptionsSection,
    QueueSection,
    GazetteerSection,
    CamerasSection,
    PopulationSection,
    DutyTelephonesSection,
    TransfersSection,
    ClosingSection,
    RetentionSection,
    ServiceLevelsSection,
    BlockingSection,
    RostersSection,
    GuidanceSection,
    CodeListsSection,
    ResponsePlansSection,
    IncidentTypesSection,
    AgenciesSection,
    ZoneSection,
    IdentitySection,
):
    """A regency's pack. This class checks only the shape. Documents from outside go through `validate_pack`, which also
    checks references between parts.
    """

    # The bases stand in the opposite order of SECTIONS: pydantic takes the keys of the last one first.

    if not TYPE_CHECKING:  # with it, the type checker would take every name for a key

        def __getattr__(self, key: str) -> Any:
            """Names the section, if a service reads a key of one that it does not keep (`by_section.pack_of`)."""
            for name, section in SECTIONS.items():
                if key in section.model_fields:
                    raise AttributeError(
                        f"this pack is without the section {name!r}, which has {key!r}: "
                        "name it in `sections` of the service's manifest"
                    )
            return super().__getattr__(key)

    def agency(self, code: str) -> Agency | None:
        return next((agency for agency in self.agencies if agency.code == code), None)

    def with_capability(self, capability: str | None) -> tuple[Agency, ...]:
        return tuple(agency for agency in self.agencies if capability in agency.capabilities)

    def incident_type(self, code: str) -> IncidentType | None:
        return next((kind for kind in self.incident_types if kind.code == code), None)

    def is_protected(self, incident_type: str | None) -> bool:
        """Whether the type protects its incidents and calls; false for an unknown one."""
        kind = self.incident_type(incident_type) if incident_type else None
        return kind is not None and kind.protected

    def plan_for(
        self, incident_type: str | None, priority: int, setting: Setting | None = None
    ) -> tuple[ResponsePlan, ...]:
        """The plans that apply, lowest alarm level first: those of the kind itself, else of the nearest
        wider kind that has any; empty for an unknown kind or one without a plan. A plan that only informs does not keep
        the wider kind's plans away. Without `setting`: whenever and wherever they apply."""
        kind = self.incident_type(incident_type) if incident_type else None
        seen, found = set[str](), list[ResponsePlan]()
        while kind and kind.code not in seen and not any(plan.wants_help for plan in found):
            seen.add(kind.code)
            found += [plan for plan in self.response_plans if self._fits(plan, kind.code, priority, setting)]
            kind = self.incident_type(kind.parent) if kind.parent else None
        return tuple(sorted(found, key=lambda plan: plan.alarm_level))

    def _fits(self, plan: ResponsePlan, incident_type: str, priority: int, setting: Setting | None) -> bool:
        urgent_enough = plan.min_priority is None or priority <= plan.min_priority
        if plan.incident_type != incident_type or not urgent_enough:
            return False
        if setting is None or plan.when == _ALWAYS:
            return True
        days = {holiday.date for holiday in self.holidays} if plan.when.holidays else set[date]()
        return plan.when.has(self.local(setting.at), days, setting.cell)

    def local(self, moment: datetime) -> datetime:
        """The moment on the regency's clock. Raises ValueError for a moment without a time zone."""
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone")
        return moment.astimezone(ZoneInfo(self.time_zone))

    def local_day(self, moment: datetime) -> date:
        """The regency's day in which the moment falls."""
        return self.local(moment).date()


@cache
def standard_types() -> tuple[IncidentType, ...]:
    """The incident types that every regency knows unless its pack says otherwise."""
    text = files("sigap_common.regency").joinpath("standard_types.yaml").read_text("utf-8")
    return TypeAdapter(tuple[IncidentType, ...]).validate_python(yaml.safe_load(text))
