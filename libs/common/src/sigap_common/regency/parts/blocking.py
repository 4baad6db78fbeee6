"""The policy by which numbers are blocked."""

from typing import Annotated, Literal

from pydantic import Field

from sigap_common.regency.parts.base import Days, Part

SHORTEST_BLOCK_HOURS, LONGEST_BLOCK_HOURS = 24, 72


class BlockingPolicy(Part):
    """When a number that plays pranks is blocked, and what that means. Numbers unknown to the exchange are never
    blocked.
    """

    pranks: Annotated[int, Field(ge=2, le=100)] = Field(description="That many calls classified as prank")
    within_days: Days = Field(description="within that many days lead to a block being proposed")
    hours: Annotated[int, Field(ge=1, le=8760)] = Field(24, description="Hours that a block lasts, 24 to 72")
    approval: Literal["supervisor", "automatic"] = Field(
        "supervisor", description="Who decides: a supervisor each time, or the rule by itself"
    )
    half_life_days: Days = Field(
        7, description="Days after which a call counts half in the number's prank score (our own default)"
    )
    review_before_hours: Annotated[int, Field(ge=1, le=23)] = Field(
        6, description="Hours before its end by which a block should be reviewed (our own default)"
    )
    lowered_by_s: Annotated[int, Field(ge=0, le=300)] = Field(
        30,
        description="Seconds by which a call of a blocked number, or one with a high score, is lowered in the queue at "
        "most (our own default)",
    )
    near_m: Annotated[int, Field(ge=0, le=10_000)] = Field(
        1000,
        description="An open incident within so many metres of the caller's place ends the screening (our own default)",
    )
