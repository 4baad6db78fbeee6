"""The times and shares that a regency promises."""

from typing import Annotated

from pydantic import Field

from sigap_common.regency.parts.base import Part, Seconds, Share


class ServiceLevels(Part):
    """What the regency promises. Times in seconds, shares of all cases between 0 and 1."""

    answer_within_s: Seconds = Field(15, description="A call is answered within this time (NENA-STA-020)")
    answer_share: Share = Field(0.90, description="in this share of the calls (NENA-STA-020)")
    answer_latest_s: Seconds = Field(20, description="and within this time (NENA-STA-020)")
    answer_latest_share: Share = Field(0.95, description="in this share of the calls (NENA-STA-020)")
    promise_s: Seconds = Field(30, description="From the answer until the first agency has it (our promise)")
    processing_s: Seconds = Field(60, description="From the answer until an agency is told (NFPA 1225:2022)")
    processing_share: Share = Field(0.90, description="in this share of the incidents (NFPA 1225:2022)")
    acknowledge_within_s: Seconds = Field(
        60, description="From forwarding to the agency's acknowledgement (our own default, no standard)"
    )
    stand_down_within_s: Seconds = Field(
        300, description="From a stand-down to the agency's confirmation (our own default, no standard)"
    )
    handover_within_s: Seconds = Field(
        600, description="From the offer of a hand-over to its acceptance (our own default, no standard)"
    )
    overloaded_from: Annotated[int, Field(ge=1, le=1000)] = Field(
        3,
        description="So many incidents that an agency has not acknowledged make it overloaded in recommendations (our "
        "own default, no standard)",
    )
    glass_open_s: Seconds = Field(
        3600,
        description="How long a broken glass shows a protected incident; a glass broken before the key changed keeps "
        "its end (our own default, no standard)",
    )
