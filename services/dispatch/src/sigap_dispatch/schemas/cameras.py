"""The HTTP schemas of cameras near an incident."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_dispatch import examples
from sigap_dispatch.domain.cameras import NearCamera


class CameraOut(BaseModel):
    model_config = like(examples.CAMERA)

    code: str
    name: str = Field(description="Where it stands, in words")
    lat: float
    lon: float
    metres: int = Field(description="How far from the incident")
    direction_deg: float | None = Field(description="Where it looks, degrees clockwise from north; null: not told")
    stream_ref: str | None = Field(description="Name of its picture in the regency's video system; null: not told")

    @classmethod
    def of(cls, camera: NearCamera) -> Self:
        return cls(**camera.point.model_dump(), metres=round(camera.metres))


class CameraList(BaseModel):
    items: list[CameraOut]
    next: None = None

    @classmethod
    def of(cls, cameras: Sequence[NearCamera]) -> Self:
        return cls(items=[CameraOut.of(camera) for camera in cameras])
