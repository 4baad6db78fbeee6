"""The HTTP schemas of the board."""

from collections.abc import Sequence
from typing import Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_dispatch import examples
from sigap_dispatch.attention_texts import reason_in_words
from sigap_dispatch.domain.attention import Reason
from sigap_dispatch.repository.board import TypeCount
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_dispatch.schemas.protection import HiddenIncidentOut


class TypeCountOut(BaseModel):
    incident_type: str | None
    incidents: int


class BoardCountsOut(BaseModel):
    """How many incidents are on the whole board, whatever is filtered. Drills are counted only if they are asked for,
    and then alone.
    """

    incidents: int
    unacknowledged: int = Field(description="Those with an agency that must still acknowledge, or stand down")
    with_alarm: int
    mine: int = Field(description="Those that you are responsible for")
    by_type: list[TypeCountOut]

    @classmethod
    def of(cls, counted: Sequence[TypeCount]) -> Self:
        by_type = [TypeCountOut(incident_type=row.incident_type, incidents=row.incidents) for row in counted]
        return cls(
            incidents=sum(row.incidents for row in counted),
            unacknowledged=sum(row.unacknowledged for row in counted),
            with_alarm=sum(row.with_alarm for row in counted),
            mine=sum(row.mine for row in counted),
            by_type=by_type,
        )


class AttentionReasonOut(BaseModel):
    """A reason for a place on the board."""

    rank: int = Field(description="The second digit of an `order` with this reason")
    reason: Reason
    in_words: dict[str, str] = Field(description="By language: id, en")


REASONS = [
    AttentionReasonOut(rank=rank, reason=reason, in_words=reason_in_words(reason)) for rank, reason in enumerate(Reason)
]


class BoardOut(BaseModel):
    model_config = like(examples.BOARD)

    items: list[IncidentOut | HiddenIncidentOut]
    next: str | None
    counts: BoardCountsOut
    reasons: list[AttentionReasonOut] = Field(
        description="All reasons, for messages of the stream: they carry only `order`"
    )
