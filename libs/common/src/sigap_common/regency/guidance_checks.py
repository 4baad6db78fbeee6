"""Checks of what operators ask and tell: questions lead to each other without a way back, and codes name something."""

from collections import Counter
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from itertools import islice, pairwise

from sigap_common.regency.draft import Draft
from sigap_common.regency.findings import MOST_ERRORS, PackError, duplicates, pointer
from sigap_common.regency.guidance import HasCode, merged, reachable, standard_guidance
from sigap_common.regency.parts.guidance import TriageQuestion

Errors = Iterator[PackError]


def check_guidance(draft: Draft, types: set[str]) -> Errors:
    """`types`: the codes of the incident types that the pack knows."""
    yield from _triage(draft, types)
    yield from _words(draft, types)
    yield from _procedures(draft, types)


def _triage(draft: Draft, types: set[str]) -> Errors:
    own: dict[str, TriageQuestion] = dict(draft.items("triage"))
    for place, question in own.items():
        yield from _answers(place, question, types)
    with_standard = draft.value("standard_guidance") is not False
    questions = merged(own.values(), with_standard=with_standard)
    leads = list(_leads(own))
    known = questions.keys() | {code for _, code in draft.codes("triage")}
    for (_, following), place in leads:
        if following not in known:
            yield PackError(place, "pack.question_unknown", {"code": following})
    yield from islice(_ways_back(questions, dict(leads)), MOST_ERRORS)
    if draft.value("triage") is not None:  # else a question that cannot be read may lead to others
        yield from _left_over(own, reachable(questions))


def _leads(own: Mapping[str, TriageQuestion]) -> Iterator[tuple[tuple[str, str], str]]:
    """Question and the one that follows, with the place of the answer that leads there."""
    for place, question in own.items():
        for index, answer in enumerate(question.answers):
            if answer.next:
                yield (question.code, answer.next), f"{place}/answers/{index}/next"


def _left_over(own: Mapping[str, TriageQuestion], led_to: Mapping[str, TriageQuestion]) -> Errors:
    for place, question in own.items():
        if question.code not in led_to:
            shown = {"code": question.code, "first": next(iter(led_to))}
            yield PackError(f"{place}/code", "pack.question_unreachable", shown)


def _answers(place: str, question: TriageQuestion, types: set[str]) -> Errors:
    yield from _codes(f"{place}/answers", question.answers)
    for index, answer in enumerate(question.answers):
        for code in answer.weights:
            if code not in types:
                where = f"{place}/answers/{index}" + pointer("weights", code)
                yield PackError(where, "pack.type_unknown", {"code": code})


def _ways_back(questions: Mapping[str, TriageQuestion], leads: Mapping[tuple[str, str], str]) -> Errors:
    """An error for each answer of the pack that leads back to an earlier question. The standard tree has none."""
    following = {
        code: {answer.next for answer in question.answers if answer.next} for code, question in questions.items()
    }
    order = list(questions)
    while circle := _circle(following):
        own = [edge for edge in circle if edge in leads]
        if not own:
            return
        question, earlier = back = min(own, key=lambda edge: order.index(edge[1]))
        yield PackError(leads[back], "pack.question_leads_back", {"code": earlier})
        following[question] -= {earlier}


def _circle(following: Mapping[str, set[str]]) -> list[tuple[str, str]]:
    """Question and the one that follows, once around; none if there is no circle."""
    try:
        TopologicalSorter(following).prepare()
    except CycleError as found:
        around: list[str] = found.args[1]  # each is followed by the one before it
        return [(later, earlier) for earlier, later in pairwise(around)]
    return []


def _words(draft: Draft, types: set[str]) -> Errors:
    yield from duplicates(draft.codes("instructions", "incident_type"))
    for place, instruction in draft.items("instructions"):
        if instruction.incident_type not in types:
            yield PackError(f"{place}/incident_type", "pack.type_unknown", {"code": instruction.incident_type})
        yield from _codes(f"{place}/steps", instruction.steps)
    yield from _codes("/child_words", draft.value("child_words") or ())


def _procedures(draft: Draft, types: set[str]) -> Errors:
    yield from _codes("/silent_call", draft.value("silent_call") or ())
    opened = draft.value("silent_type")
    if opened and opened not in types:
        yield PackError("/silent_type", "pack.type_unknown", {"code": opened})
    own, standard = draft.value("class_keys") or {}, standard_guidance().class_keys
    times = Counter({**standard, **own}.values())
    for code, key in own.items():
        if code not in standard:
            yield PackError(pointer("class_keys", code), "pack.class_unknown", {"known": list(standard)})
        elif times[key] > 1:
            yield PackError(pointer("class_keys", code), "pack.key_twice", {"name": key})


def _codes(place: str, entries: tuple[HasCode, ...]) -> Errors:
    """Errors for codes that stand twice. An entry without a code has its number."""
    yield from duplicates((f"{place}/{index}/code", one.code or str(index + 1)) for index, one in enumerate(entries))
