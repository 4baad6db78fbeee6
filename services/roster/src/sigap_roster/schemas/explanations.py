"""The HTTP schemas of why seats stay open, as a search found it."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Self
from urllib.parse import urlencode
from uuid import UUID

from pydantic import BaseModel, Field

from sigap_common.core.texts import LANGUAGES, Language, Texts
from sigap_common.http.schemas import like
from sigap_roster import examples
from sigap_roster.domain import SolveState
from sigap_roster.domain.program import GapState, RequirementKind
from sigap_roster.models import SolveRow

OF_LAW = ("weekly-hours", "weekly-rest-days", "overtime-limit")
"""Rules that stand in laws: nobody is told to change them."""
MOST_GAPS = 500
_TEXTS = Texts.load("sigap_roster")
_DAYS = ("day", "last_day", "week")


def _said(key: str, spoken: Language, told: Mapping[str, Any]) -> str:
    """The sentence of what a search found. Its days were kept as text."""
    days = {name: date.fromisoformat(told[name]) for name in _DAYS if told.get(name)}
    return _TEXTS.get(key, spoken, **{**told, **days})


class ShortageOut(BaseModel):
    """A week in which all people together may not work as many hours as the seats need."""

    week: date = Field(description="Its Monday")
    hours: float = Field(description="How many are lacking")
    people: int = Field(description="How many more people are needed at least")
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        words = {spoken: _said("requirements.shortage", spoken, told) for spoken in LANGUAGES}
        return cls.model_validate({**told, "in_words": words})


class RequirementOut(BaseModel):
    """One of the things that cannot all hold together."""

    kind: RequirementKind
    rule: str | None = Field(default=None, description="The policy's code, of kind `rule`")
    source: str | None = Field(default=None, description="Where the rule comes from")
    staff_id: UUID | None = None
    day: date | None = Field(default=None, description="Of a leave its first day in the roster")
    last_day: date | None = Field(default=None, description="Of a leave")
    shift: str | None = None
    may_change: bool = Field(
        description="Whether it is people's to change. Law and what bars a person are not; to agree to overtime is"
    )
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, told: Mapping[str, Any], names: Mapping[str, str]) -> Self:
        kind, rule = RequirementKind(told["kind"]), told.get("rule")
        not_agreed = told.get("params", {}).get("not_agreed", False)
        bound = kind is RequirementKind.UNAVAILABLE or (rule in OF_LAW and not not_agreed)
        who = {"who": names.get(told["staff_id"], told["staff_id"])} if "staff_id" in told else {}
        params = {**told, **told.get("params", {}), **who}
        key = f"requirements.{_key(kind, told)}"
        words = {spoken: _said(key, spoken, params) for spoken in LANGUAGES}
        return cls.model_validate({**told, "may_change": not bound, "in_words": words})


def _key(kind: RequirementKind, told: Mapping[str, Any]) -> str:
    """The key of the text: each rule has one, and two if a part of its values may be missing."""
    if kind is RequirementKind.LOCKED and "shift" not in told:
        return "locked-free"
    if kind is not RequirementKind.RULE:
        return kind
    if "contract" in told["params"]:
        return "weekly-hours-by-contract"
    further = {"rest_days_after": "-with-rest", "season": "-in-season", "not_agreed": "-not-agreed"}
    return str(told["rule"]) + "".join(ending for name, ending in further.items() if told["params"].get(name))


_CHANGED_FIRST = (RequirementKind.STANDS, RequirementKind.LOCKED, RequirementKind.RULE, RequirementKind.SEATS)
"""The order in which to look at what may change; leave and what bars a person come after these, and law at last."""
MOST_NAMES = 4
"""The most people that a sentence about several of them names; of more it says how many they are."""


def _place(one: RequirementOut) -> tuple[int, bool]:
    """The place among the requirements of a conflict: what people may change comes first."""
    if one.kind is RequirementKind.RULE and one.rule in OF_LAW:
        return len(RequirementKind) + 1, not one.may_change
    places = [*_CHANGED_FIRST, RequirementKind.LEAVE, RequirementKind.UNAVAILABLE]
    return places.index(one.kind), not one.may_change


def _summary(told: Sequence[Mapping[str, Any]], names: Mapping[str, str], spoken: Language) -> str:
    """A sentence for each thing that is required, of all people together of whom it is."""
    groups: dict[str, tuple[Mapping[str, Any], list[str]]] = {}
    for one in told:
        rest = {name: value for name, value in one.items() if name != "staff_id"}
        _, people = groups.setdefault(json.dumps(rest, sort_keys=True), (one, []))
        people += [names.get(one["staff_id"], one["staff_id"])] if "staff_id" in one else []
    sentences = []
    for one, people in groups.values():
        joined = ", ".join(people)
        if len(people) > MOST_NAMES:
            joined = _TEXTS.get("requirements.people", spoken, count=len(people))
        sentences.append(RequirementOut.of(one, {one.get("staff_id", ""): joined}).in_words[spoken])
    return " ".join(sentences)


class ConflictOut(BaseModel):
    """Why the seats of a shift stay open, or it breaks a hard rule about its people: what cannot all hold together."""

    day: date
    shift: str
    rule: str | None = Field(default=None, description="The rule that it is about; null: seats are open")
    irreducible: bool = Field(description="Whether it is proven that without any one of them the others can hold")
    requirements: list[RequirementOut] = Field(description="What people may change first, law last")
    in_words: dict[str, str] = Field(
        description="All of them, people of whom the same is required together, and whether it is not proven; by "
        "language"
    )

    @classmethod
    def of(cls, told: Mapping[str, Any], names: Mapping[str, str]) -> Self:
        known = [(one, RequirementOut.of(one, names)) for one in told["requirements"]]
        known.sort(key=lambda one: _place(one[1]))
        words = {spoken: _summary([one for one, _ in known], names, spoken) for spoken in LANGUAGES}
        if not told["irreducible"]:
            words = {
                spoken: f"{said} {_TEXTS.get('requirements.not-proven', spoken)}" for spoken, said in words.items()
            }
        return cls.model_validate({**told, "requirements": [one for _, one in known], "in_words": words})


class GapOut(BaseModel):
    """A shift with open seats, or one that breaks a hard rule about its people, and what is known of it."""

    day: date
    shift: str
    open_seats: int = Field(description="0: it is about `rule`")
    rule: str | None = Field(description="The rule that is broken; null: seats are open")
    state: GapState = Field(
        description="within_notice: it begins so soon that the repair leaves it; telephone `stand_ins`. "
        "cannot_be_filled: with all other seats it cannot; a conflict says why. could_be_filled: no rule, leave or "
        "lock keeps it so. not_known: there was no time to find out"
    )
    stand_ins: str | None = Field(description="Address of the people to telephone, within the notice")
    in_words: dict[str, str] = Field(description="By language")

    @classmethod
    def of(cls, told: Mapping[str, Any], roster_id: UUID) -> Self:
        words = {spoken: _of_gap(told, spoken) for spoken in LANGUAGES}
        is_soon = told["state"] == GapState.WITHIN_NOTICE
        place = urlencode({"day": told["day"], "shift": told["shift"]})
        return cls(
            day=told["day"],
            shift=told["shift"],
            open_seats=told.get("open", 0),
            rule=told.get("rule"),
            state=told["state"],
            stand_ins=f"/v1/rosters/{roster_id}/stand-ins?{place}" if is_soon else None,
            in_words=words,
        )


def _of_gap(told: Mapping[str, Any], spoken: Language) -> str:
    """Of a rule the sentence names what the shift lacks: its seats may have a sentence of their own."""
    if "rule" not in told:
        return _said(f"gaps.{told['state']}", spoken, told)
    what = _TEXTS.get(f"gaps.lacking.{told['rule']}", spoken, **told["lacking"])
    return _said(f"gaps.of_rule.{told['state']}", spoken, {**told, "what": what})


class ExplanationOut(BaseModel):
    model_config = like(examples.EXPLANATION)

    state: SolveState = Field(description="Of the search: while it runs, more may be found")
    shortages: list[ShortageOut] = Field(description="By adding up, before any search")
    gaps: list[GapOut] = Field(
        description=f"What the best plan lacks, what matters most first; at most {MOST_GAPS}. None: it is not known "
        "yet, or the plan lacks nothing"
    )
    conflicts: list[ConflictOut] = Field(description="At most 5. `gaps` tells what is known of those without one")

    @classmethod
    def of(cls, row: SolveRow, names: Mapping[str, str]) -> Self:
        lacking = [ShortageOut.of(one) for one in row.explanation.get("shortages", ())]
        conflicts = [ConflictOut.of(one, names) for one in row.explanation.get("conflicts", ())]
        gaps = [GapOut.of(one, row.roster_id) for one in row.explanation.get("gaps", ())[:MOST_GAPS]]
        return cls(state=SolveState(row.state), shortages=lacking, gaps=gaps, conflicts=conflicts)
