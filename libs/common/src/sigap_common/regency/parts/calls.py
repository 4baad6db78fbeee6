"""Waiting calls, dropped calls, and reports that are no emergency."""

import datetime
from typing import Annotated

from pydantic import Field

from sigap_common.regency.parts.base import ClockTime, Code, Name, Part, RegencyCode, Seconds, minute_of


class QueuePolicy(Part):
    """The order of waiting calls, and the places where a call rings if it waits too long."""

    raise_open_incident_s: Annotated[int, Field(ge=1, le=3600)] = Field(
        120, description="A call from a number with an open incident counts as arrived so many seconds earlier"
    )
    ring_all_after_s: Seconds = Field(20, description="Seconds after which a call rings everybody who is signed on")
    ring_duty_telephone_after_s: Seconds = Field(
        40,
        description="Seconds after which it rings the duty telephones; without anybody signed on, the key above holds",
    )
    ring_partner_after_s: Seconds = Field(60, description="Seconds after which it rings a partner regency")
    partners: tuple[RegencyCode, ...] = Field(
        (),
        max_length=20,
        description="Regencies whose long-waiting calls ring here, and that ours ring, first choice first. Both packs "
        "must name each other",
    )


class ComplaintsDesk(Part):
    """The desk that takes reports that are no emergency."""

    agency: Code | None = Field(None, description="Agency that gets them; absent: the city's complaints desk")
    name: Name | None = Field(None, description="Name of the city's complaints desk, which operators tell the caller")


Weight = Annotated[int, Field(ge=0, le=1000)]


class CallbackWeights(Part):
    """Points by which dropped calls are ranked. Those with more are called back first."""

    again: Weight = Field(20, description="For each further dropped call of the same number, up to five")
    place_shared: Weight = Field(
        25, description="For each other number that dropped calls in the same place, up to three"
    )
    place_known: Weight = Field(10, description="If it is known where the caller was")
    night: Weight = Field(10, description="If it was at night")
    incident_near: Weight = Field(30, description="If an incident was open nearby, or for the same number")
    tried: Weight = Field(15, description="Taken off for each call back that nobody answered")
    screened: Weight = Field(
        20, description="Taken off if the number is blocked, and all its calls ended with the recorded message"
    )


class CallbackPolicy(Part):
    """The rules for calling back dropped calls. All defaults are our own."""

    expire_minutes: Annotated[int, Field(ge=5, le=10_080)] = Field(
        240, description="Minutes after the last dropped call after which nobody need call back any more"
    )
    attempts: Annotated[int, Field(ge=1, le=20)] = Field(
        3, description="Calls without an answer after which it is not tried again"
    )
    claim_minutes: Annotated[int, Field(ge=1, le=240)] = Field(
        10, description="Minutes after which a callback that was claimed is anybody's again if nothing is recorded"
    )
    same_operator_s: Annotated[int, Field(ge=0, le=3600)] = Field(
        30, description="Seconds for which a cut-off call is offered only to the operator who had it"
    )
    sample_share: Annotated[float, Field(ge=0, le=1)] = Field(
        0.05, description="Share of the expired that is drawn by chance and called all the same"
    )
    sample_minutes: Annotated[int, Field(ge=5, le=10_080)] = Field(
        1440, description="Minutes within which those that are drawn are called"
    )
    night_from: ClockTime = Field("22:00", description="Local time HH:MM, in quotes, at which the night begins")
    night_to: ClockTime = Field("05:00", description="and at which it ends")
    near_m: Annotated[int, Field(ge=50, le=20_000)] = Field(
        1000, description="Metres within which an open incident is nearby"
    )
    weights: CallbackWeights = Field(CallbackWeights(), description="Points by which they are ranked")

    def is_night(self, clock: datetime.time) -> bool:
        """Whether it is night at this local time."""
        now = clock.hour * 60 + clock.minute
        return (now - minute_of(self.night_from)) % 1440 < (
            minute_of(self.night_to) - minute_of(self.night_from)
        ) % 1440
