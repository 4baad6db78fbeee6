"""Regencies as packs: the model, its checks, and reading one from a file."""

from sigap_common.regency.checks import ABOUT, roster_policies
from sigap_common.regency.codes import (
    decline_reasons,
    dispositions,
    require_code,
    require_incident_type,
    wanted,
    wanted_label,
    wordless,
    words_of,
)
from sigap_common.regency.findings import InvalidPack, PackError
from sigap_common.regency.guidance import Guidance, guidance_of, reachable, standard_guidance
from sigap_common.regency.model import Pack, Setting, standard_types
from sigap_common.regency.parts.agencies import Agency, Endpoint
from sigap_common.regency.parts.base import Assumption, CodeEntry, Label, RegencyCode
from sigap_common.regency.parts.blocking import BlockingPolicy
from sigap_common.regency.parts.calls import CallbackPolicy, CallbackWeights
from sigap_common.regency.parts.days import Weekday
from sigap_common.regency.parts.guidance import Closing, Instruction, SilentStep, TriageAnswer, TriageQuestion, Words
from sigap_common.regency.parts.incident_types import IncidentType
from sigap_common.regency.parts.places import CctvPoint, Place
from sigap_common.regency.parts.plans import PlanConditions, ResponsePlan
from sigap_common.regency.parts.retention import Retention
from sigap_common.regency.parts.rosters import Demand, Employment, Holiday, RosterPolicy, Season, Shift, ShiftPattern
from sigap_common.regency.parts.service_levels import ServiceLevels
from sigap_common.regency.reading import load_pack, read_document
from sigap_common.regency.validation import pack_schema, validate_pack
from sigap_common.regency.zone import MultiPolygon, Polygon, Zone

__all__ = [
    "ABOUT",
    "Agency",
    "Assumption",
    "BlockingPolicy",
    "CallbackPolicy",
    "CallbackWeights",
    "CctvPoint",
    "Closing",
    "CodeEntry",
    "Demand",
    "Employment",
    "Endpoint",
    "Guidance",
    "Holiday",
    "IncidentType",
    "Instruction",
    "InvalidPack",
    "Label",
    "MultiPolygon",
    "Pack",
    "PackError",
    "Place",
    "PlanConditions",
    "Polygon",
    "RegencyCode",
    "ResponsePlan",
    "Retention",
    "RosterPolicy",
    "Season",
    "ServiceLevels",
    "Setting",
    "Shift",
    "ShiftPattern",
    "SilentStep",
    "TriageAnswer",
    "TriageQuestion",
    "Weekday",
    "Words",
    "Zone",
    "decline_reasons",
    "dispositions",
    "guidance_of",
    "load_pack",
    "pack_schema",
    "reachable",
    "read_document",
    "require_code",
    "require_incident_type",
    "roster_policies",
    "standard_guidance",
    "standard_types",
    "validate_pack",
    "wanted",
    "wanted_label",
    "wordless",
    "words_of",
]
