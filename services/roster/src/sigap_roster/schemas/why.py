"""The HTTP schemas of why a person is on a shift."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.core.texts import LANGUAGES, Texts
from sigap_common.http.schemas import like
from sigap_roster import examples
from sigap_roster.domain import Breach, Planned, StaffMember
from sigap_roster.domain.why import Other, Reason, ReasonKind, Why
from sigap_roster.schemas.breaches import BreachOut
from sigap_roster.schemas.rosters import PlannedOut

_TEXTS = Texts.load("sigap_roster")


class ReasonOut(BaseModel):
    """What speaks for the assignment."""

    kind: ReasonKind = Field(
        description="begun: it stays as it is. published: the published plan has it. locked: the planner locked it. "
        "team: the cycle of the person's team has it. needed: what would be broken without it. only: none of the "
        "others could be there. share: with it, the person has no more than the fair share"
    )
    rule: str | None = Field(description="Of kind needed: the rule that would be broken")
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, reason: Reason) -> Self:
        if reason.breach:
            told = BreachOut.of(reason.breach).in_words
            words = {spoken: _TEXTS.get("why.needed", spoken, breach=told[spoken]) for spoken in LANGUAGES}
            return cls(kind=reason.kind, rule=reason.breach.rule, in_words=words)
        return cls(kind=reason.kind, rule=None, in_words=_by_language(_key(reason), reason.params))


class OtherOut(BaseModel):
    """Somebody who is not on the shift."""

    staff_id: UUID
    name: str
    could: bool = Field(description="Whether no hard rule bars the person")
    barred_by: list[BreachOut] = Field(
        description="The hard rules that would be broken; index is null. Role staff alone is told no more than that "
        "the person is not available"
    )
    restriction: dict[str, str] | None = Field(
        description="Why the person is not available, by language; shown to planners only"
    )

    @classmethod
    def of(cls, one: Other, cell: Planned, person: StaffMember, *, leader: bool, planner: bool) -> Self:
        stand_in = one.stand_in
        barred_by = [replace(breach, index=None) for breach in stand_in.barred_by]
        if barred_by and not leader:
            barred_by = [_not_available(cell, person)]
        restriction = one.restriction if planner else None
        return cls(
            staff_id=person.id,
            name=person.name.clear,
            could=not barred_by,
            barred_by=[BreachOut.of(breach) for breach in barred_by],
            restriction=_by_language(restriction.kind, restriction.params) if restriction else None,
        )


class WhyOut(PlannedOut):
    """Why the person is on the shift. To anyone but planners, "not available" is all that is said of a restriction."""

    model_config = like(examples.WHY)

    name: str
    reasons: list[ReasonOut] = Field(description="What speaks for it")
    against: list[BreachOut] = Field(description="What it breaks itself, hard or soft; index is null")
    others: list[OtherOut] = Field(description="First those who could be there instead, the best first")

    @classmethod
    def of(cls, cell: Planned, found: Why, people: Mapping[UUID, StaffMember], *, leader: bool, planner: bool) -> Self:
        others = [
            OtherOut.of(one, cell, people[one.stand_in.staff_id], leader=leader, planner=planner)
            for one in found.others
        ]
        return cls(
            **cell.model_dump(),
            name=people[cell.staff_id].name.clear,
            reasons=[ReasonOut.of(one) for one in found.reasons],
            against=[BreachOut.of(replace(breach, index=None)) for breach in found.against],
            others=others,
        )


def _key(reason: Reason) -> str:
    if reason.kind is not ReasonKind.SHARE:
        return reason.kind
    brought = reason.params["brought"]
    return f"share_of_{reason.params['what']}" + ("_after_more" if brought > 0 else "_after_fewer" if brought else "")


def _not_available(cell: Planned, person: StaffMember) -> Breach:
    """What role staff is told of somebody who is barred by any rule."""
    return Breach(
        rule="available",
        strength="hard",
        weight=1,
        source="staff",
        kind="not_available",
        params={"who": person.name.clear, "day": cell.day, "shift": cell.shift},
        day=cell.day,
        staff_id=person.id,
        shift=cell.shift,
        index=None,
    )


def _by_language(kind: str, params: Mapping[str, Any]) -> dict[str, str]:
    return {spoken: _TEXTS.get(f"why.{kind}", spoken, **params) for spoken in LANGUAGES}
