"""The HTTP schema of intervals."""

from dataclasses import asdict
from typing import Self

from pydantic import BaseModel, Field

from sigap_dispatch.domain.intervals import Intervals


class IntervalsOut(BaseModel):
    """How long each phase took, in seconds. Null: an end is missing, the time cannot be right, or the
    incident is backfilled."""

    processing_s: float | None = Field(
        description="First answer to the call, or the opening without a call, until forwarded (NFPA 1225)"
    )
    turnout_s: float | None = Field(description="Forwarded until en route (NFPA 1710, turnout time)")
    travel_s: float | None = Field(description="En route until on scene (NFPA 1710, travel time)")
    on_scene_s: float | None = Field(description="On scene until done")
    total_s: float | None = Field(description="First answer, or the opening, until done")

    @classmethod
    def of(cls, intervals: Intervals) -> Self:
        return cls(**asdict(intervals))
