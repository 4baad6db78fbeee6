"""Which type and priority the answers of a triage propose, and why. Pure."""

from collections import Counter
from collections.abc import Mapping, Sequence

from sigap_common.contracts.calls import GivenAnswer, TriageProposal, TriageReason
from sigap_common.regency import Guidance, TriageAnswer


def triage(guidance: Guidance, given: Sequence[GivenAnswer]) -> TriageProposal | None:
    """The proposal that follows from the answers; None if they suggest neither type nor priority.

    The type with the most points; of equal ones the more urgent, then the earlier in the regency's list. The priority
    is the most urgent that an answer names; if none does, the type's own. Answers count that are on a way from the
    first question: one that was passed over leaves every way open. Those that the guidance does not have count for
    nothing.
    """
    chosen = _chosen(guidance, given)
    counted = {code: answer for code, answer in chosen.items() if code in _on_the_way(guidance, chosen)}
    points = Counter[str]()
    for answer in counted.values():
        points.update({code: weight for code, weight in answer.weights.items() if code in guidance.incident_types})
    kind = _best(guidance, points)
    named = [answer.priority for answer in counted.values() if answer.priority is not None]
    priority = min(named, default=guidance.incident_types.get(kind) if kind else None)
    if kind is None and priority is None:
        return None
    reasons = (_reason(one, counted[one.question], kind) for one in given if one.question in counted)
    return TriageProposal(
        incident_type=kind,
        priority=priority,
        reasons=tuple(reason for reason in reasons if reason.points or reason.priority),
    )


def next_question(guidance: Guidance, given: Sequence[GivenAnswer]) -> str | None:
    """The question to ask: the one that follows the latest answer; else the first on the way that was passed over."""
    chosen = _chosen(guidance, given)
    if chosen:
        latest = next(one.question for one in reversed(given) if one.question in chosen)
        if latest in _on_the_way(guidance, chosen) and (following := _first_open(guidance, chosen, latest)):
            return following
    return _first_open(guidance, chosen, next(iter(guidance.questions), None))


def _chosen(guidance: Guidance, given: Sequence[GivenAnswer]) -> dict[str, TriageAnswer]:
    """The answers that the guidance has, by question."""
    return {
        one.question: answer
        for one in given
        if (answer := guidance.answers.get(one.question, {}).get(one.answer)) is not None
    }


def _on_the_way(guidance: Guidance, chosen: Mapping[str, TriageAnswer]) -> set[str]:
    found, left = set[str](), list(guidance.questions)[:1]
    while left:
        code = left.pop()
        if code in found or code not in guidance.questions:
            continue
        found.add(code)
        answers = [chosen[code]] if code in chosen else guidance.questions[code].answers
        left += [answer.next for answer in answers if answer.next]
    return found


def _first_open(guidance: Guidance, chosen: Mapping[str, TriageAnswer], start: str | None) -> str | None:
    """Along the answers from this question: the first without one."""
    code = start
    while code is not None and code in chosen:
        code = chosen[code].next
    return code if code in guidance.questions else None


def _best(guidance: Guidance, points: Counter[str]) -> str | None:
    order = list(guidance.incident_types)
    wanted = [code for code in order if points[code] > 0]
    return min(wanted, key=lambda code: (-points[code], guidance.incident_types[code]), default=None)


def _reason(one: GivenAnswer, answer: TriageAnswer, kind: str | None) -> TriageReason:
    points = answer.weights.get(kind, 0) if kind else 0
    return TriageReason(question=one.question, answer=one.answer, points=points, priority=answer.priority)


def branch_of(guidance: Guidance, incident_type: str) -> str | None:
    """The question that follows the answer with the most points for this type: where its own questions begin."""
    answers = [answer for question in guidance.questions.values() for answer in question.answers]
    best = max(answers, key=lambda answer: answer.weights.get(incident_type, 0), default=None)
    return best.next if best and best.weights.get(incident_type, 0) > 0 else None
