"""Regencies as packs: the model, its checks, and reading one from a file."""

from sigap_common.regency.checks import roster_policies
from sigap_common.regency.codes import decline_reasons, dispositions, require_code, require_incident_type
from sigap_common.regency.findings import InvalidPack, PackError
from sigap_common.regency.model import Pack, standard_types
from sigap_common.regency.reading import load_pack, read_document
from sigap_common.regency.sections import (
    Agency,
    Assumption,
    BlockingPolicy,
    CctvPoint,
    Closing,
    CodeEntry,
    Employment,
    Endpoint,
    Holiday,
    IncidentType,
    Instruction,
    Label,
    Place,
    RegencyCode,
    ResponsePlan,
    Retention,
    RosterPolicy,
    ServiceLevels,
    Shift,
    ShiftPattern,
    TriageAnswer,
    TriageQuestion,
)
from sigap_common.regency.validation import pack_schema, validate_pack
from sigap_common.regency.zone import MultiPolygon, Polygon, Zone

__all__ = [
    "Agency",
    "Assumption",
    "BlockingPolicy",
    "CctvPoint",
    "Closing",
    "CodeEntry",
    "Employment",
    "Endpoint",
    "Holiday",
    "IncidentType",
    "Instruction",
    "InvalidPack",
    "Label",
    "MultiPolygon",
    "Pack",
    "PackError",
    "Place",
    "Polygon",
    "RegencyCode",
    "ResponsePlan",
    "Retention",
    "RosterPolicy",
    "ServiceLevels",
    "Shift",
    "ShiftPattern",
    "TriageAnswer",
    "TriageQuestion",
    "Zone",
    "decline_reasons",
    "dispositions",
    "load_pack",
    "pack_schema",
    "read_document",
    "require_code",
    "require_incident_type",
    "roster_policies",
    "standard_types",
    "validate_pack",
]
