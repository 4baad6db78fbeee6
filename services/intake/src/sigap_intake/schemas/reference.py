"""The HTTP schemas of reference data: call classes, zones, overlaps."""

from pydantic import BaseModel, Field

from sigap_common.contracts.calls import CallClass
from sigap_common.http.schemas import like
from sigap_common.http.zones import ZoneOut
from sigap_intake.examples import reference as examples


class Label(BaseModel):
    id: str
    en: str


class CallClassOut(BaseModel):
    model_config = like(examples.CALL_CLASS)

    code: CallClass
    label: Label


class CallClasses(BaseModel):
    items: list[CallClassOut]
    next: None = None


class ZoneFound(ZoneOut):
    model_config = like(examples.ZONE)


class Overlap(BaseModel):
    model_config = like(examples.OVERLAP)

    regency: str
    name: str
    area_m2: int = Field(description="Square metres that both zones contain")


class Overlaps(BaseModel):
    items: list[Overlap]
    next: None = None
