"""The HTTP schemas of units."""

from datetime import datetime
from typing import Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_common.regency import Pack, wanted_label
from sigap_dispatch import examples
from sigap_dispatch.domain.intervals import of_unit
from sigap_dispatch.domain.state.forwarding import Forwarding, UnitOnIt
from sigap_dispatch.domain.state.incident import Incident
from sigap_dispatch.domain.units import UnitSeen, UnitState, status
from sigap_dispatch.schemas.intervals import IntervalsOut
from sigap_dispatch.schemas.reference import CodeLabel


class UnitOnItOut(BaseModel):
    """A unit that an agency sends for its part."""

    callsign: str
    status: UnitState
    assigned_at: datetime
    en_route_at: datetime | None
    on_scene_at: datetime | None
    released_at: datetime | None = Field(description="When it went to another incident")
    intervals: IntervalsOut = Field(description="Of this unit; until its part is done, or it leaves")

    @classmethod
    def of(cls, incident: Incident, forwarding: Forwarding, unit: UnitOnIt) -> Self:
        intervals = IntervalsOut.of(of_unit(incident, forwarding, unit))
        return cls(**unit.model_dump(), status=status(forwarding, unit), intervals=intervals)


class UnitOut(BaseModel):
    model_config = like(examples.UNIT)

    agency: str
    callsign: str
    status: UnitState
    since: datetime | None = Field(description="Since when it has this status; null: its agency never sent it")
    incident_id: UUID | None = Field(description="The incident that it works for, if you may see it")
    number: str | None = Field(description="That incident's number")
    forwarding_id: UUID | None
    hidden: bool = Field(description="true: it works for a protected incident that you need not see")
    listed: bool = Field(description="Whether the pack lists it; false: only its agency named it")
    kind: str | None = Field(description="What it is, if the pack lists it")
    kind_label: CodeLabel | None
    capabilities: list[str]
    capability_labels: list[CodeLabel] = Field(description="The words of `capabilities`, in the same order")

    @classmethod
    def of(cls, unit: UnitSeen, pack: Pack) -> Self:
        same = {name: getattr(unit, name) for name in cls.model_fields.keys() - {"kind_label", "capability_labels"}}
        return cls(
            **same,
            kind_label=CodeLabel.of(wanted_label(unit.kind, pack)) if unit.kind else None,
            capability_labels=[CodeLabel.of(wanted_label(code, pack)) for code in unit.capabilities],
        )


class UnitList(BaseModel):
    items: list[UnitOut]
