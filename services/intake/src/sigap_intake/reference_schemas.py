"""What goes over HTTP that is about no call."""

from typing import Self

from pydantic import BaseModel, Field

from sigap_common.app.zoning import Share
from sigap_common.contracts.calls import CallClass
from sigap_common.http.schemas import like
from sigap_intake import examples


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


class ZoneShare(BaseModel):
    regency: str | None = Field(description="None: in no zone")
    share: float = Field(description="Its part of the circle of uncertainty, 0 to 1")


class Zones(BaseModel):
    model_config = like(examples.ZONES)

    owner: str | None
    candidates: list[ZoneShare]

    @classmethod
    def of(cls, owner: str | None, shares: list[Share]) -> Self:
        return cls(owner=owner, candidates=[ZoneShare(regency=code, share=share) for code, share in shares])


class Overlap(BaseModel):
    model_config = like(examples.OVERLAP)

    regency: str
    name: str
    area_m2: int = Field(description="Square metres that both claim")


class Overlaps(BaseModel):
    items: list[Overlap]
    next: None = None
