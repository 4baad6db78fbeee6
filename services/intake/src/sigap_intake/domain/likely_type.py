"""The incident type that a call is most likely about, so that its triage is at hand with the first look.

It proposes nothing and decides nothing: the operator hears the caller, and chooses.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from sigap_common.regency import Guidance, TriageQuestion, reachable
from sigap_intake.domain.first_look import FirstLook, Likeness
from sigap_intake.domain.triage import branch_of, next_question


class LikelyBecause(StrEnum):
    """What a type is likely by. The first that names a type of the regency counts."""

    CLASSIFIED = "classified"
    ANSWERS = "answers"
    OPEN_INCIDENT = "open_incident"
    SAME_CALLER = "same_caller"
    CLOSED_LATELY = "closed_lately"
    INCIDENT_NEAR = "incident_near"
    CALL_NEAR = "call_near"


@dataclass(frozen=True, slots=True)
class LikelyType:
    incident_type: str
    because: LikelyBecause


def likely_type(look: FirstLook, guidance: Guidance) -> LikelyType | None:
    """None if nothing speaks for a type that the regency has."""
    signs = _signs(look)
    return next((LikelyType(kind, because) for because, kind in signs if kind in guidance.incident_types), None)


def _signs(look: FirstLook) -> Iterator[tuple[LikelyBecause, str]]:
    """What each sign says, the strongest first: what was said in this call, then who calls, then the place."""
    said, proposal = look.call.classification, look.call.guided.proposal
    own = [] if look.protected else [one for one in look.of_number if not one.protected]
    closed = [] if look.protected else [one for one in look.closed_lately if not one.protected]
    beside = [line for line in look.on_the_line if line.because is Likeness.NEAR]
    same = [line for line in look.on_the_line if line.because is not Likeness.NEAR]
    kinds: list[tuple[LikelyBecause, list[str | None]]] = [
        (LikelyBecause.CLASSIFIED, [said.incident_type if said else None]),
        (LikelyBecause.ANSWERS, [proposal.incident_type if proposal else None]),
        (LikelyBecause.OPEN_INCIDENT, [one.incident_type for one in own]),
        (LikelyBecause.SAME_CALLER, [line.entry["incident_type"] for line in same]),
        (LikelyBecause.CLOSED_LATELY, [one.incident_type for one in closed]),
        (LikelyBecause.INCIDENT_NEAR, [one.incident.incident_type for one in look.near]),
        (LikelyBecause.CALL_NEAR, [line.entry["incident_type"] for line in beside]),
    ]
    return ((because, kind) for because, found in kinds for kind in found if kind)


def questions_to_ask(look: FirstLook, guidance: Guidance, likely: LikelyType | None) -> dict[str, TriageQuestion]:
    """By code: the question to ask next, and all that its answers lead to. If no type is likely, or it has no questions
    of its own, those that open the tree, until the ways part.
    """
    answers = look.call.guided.answers
    if answers:
        begins = next_question(guidance, answers)
    else:
        begins = branch_of(guidance, likely.incident_type) if likely else None
    if begins is None:
        return {} if answers else dict(_opening(guidance))
    found = reachable(guidance.questions, begins)
    return {begins: found.pop(begins), **found}


def _opening(guidance: Guidance) -> Iterator[tuple[str, TriageQuestion]]:
    code = next(iter(guidance.questions), None)
    while code is not None:
        question = guidance.questions[code]
        yield code, question
        ways = {answer.next for answer in question.answers if answer.next}
        code = ways.pop() if len(ways) == 1 else None
