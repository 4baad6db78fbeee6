"""The kinds of emergencies."""

from typing import Literal

from pydantic import Field

from sigap_common.regency.parts.base import Code, Label, Name, Part, Priority

CapCategory = Literal[
    "Geo",
    "Met",
    "Safety",
    "Security",
    "Rescue",
    "Fire",
    "Health",
    "Env",
    "Transport",
    "Infra",
    "CBRNE",
    "Other",
]


class IncidentType(Part):
    """A kind of emergency. Kinds form a tree; a kind without a plan of its own uses its parent's."""

    code: Code = Field(description="Code in APIs and events")
    parent: Code | None = Field(None, description="Code of the wider kind it belongs to")
    label: Label = Field(description="What people read")
    priority: Priority = Field(3, description="Priority of a new incident: 1 most urgent, 5 least")
    protected: bool = Field(False, description="Whether only people who need to know see its calls and incidents")
    cap_category: CapCategory = Field("Other", description="Category in the Common Alerting Protocol 1.2")
    eido_value: Name | None = Field(
        None, description="Value of incidentTypeCommonRegistryText in EIDO (NENA-STA-021), if there is one"
    )
