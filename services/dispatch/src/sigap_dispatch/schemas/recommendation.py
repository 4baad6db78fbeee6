"""The HTTP schemas of recommendations."""

from collections.abc import Mapping
from typing import Self

from pydantic import BaseModel, Field

from sigap_common.http.schemas import like
from sigap_common.regency.in_force import PacksInForce
from sigap_dispatch import examples
from sigap_dispatch.domain.recommendation import Candidate, Reason, ReasonCode, RoleRecommendation
from sigap_dispatch.schemas.words import ROLE_LABEL, in_words
from sigap_dispatch.timeline_words import role_label


class RecommendationReasonOut(BaseModel):
    code: ReasonCode
    value: int | None = Field(
        description="distance: metres in a straight line; in_plan: its place in the plan, from 1; acknowledged_in: "
        "seconds; overloaded: its forwardings that wait for an acknowledgement"
    )
    in_words: dict[str, str] = Field(description="The reason by language: id, en")

    @classmethod
    def of(cls, reason: Reason) -> Self:
        words = in_words(f"recommendation.{reason.code}", value=reason.value)
        return cls(code=reason.code, value=reason.value, in_words=words)


class CandidateOut(BaseModel):
    agency: str
    name: str
    available: bool = Field(description="It has not been told of this incident")
    reasons: list[RecommendationReasonOut]

    @classmethod
    def of(cls, candidate: Candidate) -> Self:
        reasons = [RecommendationReasonOut.of(reason) for reason in candidate.reasons]
        return cls(agency=candidate.agency, name=candidate.name, available=candidate.available, reasons=reasons)


class NeighbourOut(BaseModel):
    agency: str
    name: str
    metres: int = Field(description="From its post, in a straight line")


class MissingOut(BaseModel):
    """Nobody of the regency who could fill the role is on the incident or left to be told."""

    nearest_neighbour: NeighbourOut | None
    in_words: dict[str, str] = Field(description="By language: id, en")


class RoleOut(BaseModel):
    role: str
    role_label: dict[str, str] = Field(description=ROLE_LABEL)
    missing: MissingOut | None
    candidates: list[CandidateOut] = Field(
        description="First those not told yet; in each group those of the plan in its order, then others by distance"
    )

    @classmethod
    def of(cls, told: RoleRecommendation, regency: str, packs: PacksInForce) -> Self:
        candidates = [CandidateOut.of(one) for one in told.candidates]
        label = dict(role_label(told.role, regency, packs))
        return cls(role=told.role, role_label=label, missing=_missing(told, label), candidates=candidates)


class RecommendationOut(BaseModel):
    """For each role that the plans want: who could fill it, and why."""

    model_config = like(examples.RECOMMENDATION)

    roles: list[RoleOut]


def _missing(told: RoleRecommendation, role: Mapping[str, str]) -> MissingOut | None:
    """`role`: its words by language."""
    if not told.missing:
        return None
    near = told.neighbour
    if near is None:
        return MissingOut(nearest_neighbour=None, in_words=in_words("recommendation.missing", role=role))
    words = in_words("recommendation.missing_but", role=role, agency=near.name, metres=near.metres)
    shown = NeighbourOut(agency=near.agency, name=near.name, metres=near.metres)
    return MissingOut(nearest_neighbour=shown, in_words=words)
