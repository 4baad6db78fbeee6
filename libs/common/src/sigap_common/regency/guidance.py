"""The guidance of a regency: the standard questions and words, with the pack's own over them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Protocol, TypeVar

import yaml

from sigap_common.regency.model import GuidanceSection, Pack
from sigap_common.regency.parts.base import Code
from sigap_common.regency.parts.guidance import SilentStep, TriageAnswer, TriageQuestion, Words

STANDARD_FILES = ("triage.yaml", "words.yaml", "procedures.yaml")
SILENT_TYPE = "silent_distress"
"""The standard incident type that a silent caller's key press opens."""


class HasCode(Protocol):
    @property
    def code(self) -> Code | None: ...


C = TypeVar("C", bound=HasCode)


def coded(entries: Iterable[C]) -> dict[str, C]:
    """The entries by their codes; one without a code has its number in the list, from 1."""
    return {entry.code or str(number): entry for number, entry in enumerate(entries, 1)}


@dataclass(frozen=True, slots=True)
class Guidance:
    """What holds in one regency. `questions`: the opening one first; `answers`: by question; `words`: by incident
    type.

    `incident_types`: the codes that the regency knows, in the order of its list, with their priorities.
    """

    version: str
    """The pack's version and a digest of the standard guidance: equal versions mean equal contents."""
    incident_types: Mapping[str, int]
    questions: Mapping[str, TriageQuestion]
    answers: Mapping[str, Mapping[str, TriageAnswer]]
    words: Mapping[str, Mapping[str, Words]]
    silent_call: Mapping[str, SilentStep]
    silent_type: str | None
    child_words: Mapping[str, Words]
    class_keys: Mapping[str, str]


def guidance_of(pack: Pack, version: int) -> Guidance:
    """The guidance of a pack of this version. Questions that no answer leads to are left out."""
    types = {kind.code: kind.priority for kind in pack.incident_types}
    standard = standard_guidance() if pack.standard_guidance else GuidanceSection()
    instructions = {one.incident_type: one for one in (*standard.instructions, *pack.instructions)}
    questions = reachable(merged(pack.triage, with_standard=pack.standard_guidance))
    return Guidance(
        version=f"{version}-{_standard_digest()}",
        incident_types=types,
        questions=questions,
        answers={code: coded(question.answers) for code, question in questions.items()},
        words={code: coded(one.steps) for code, one in instructions.items() if code in types},
        silent_call=coded(pack.silent_call or standard_guidance().silent_call),
        silent_type=pack.silent_type or (SILENT_TYPE if SILENT_TYPE in types else None),
        child_words=coded(pack.child_words or standard.child_words),
        class_keys={**standard_guidance().class_keys, **pack.class_keys},
    )


def merged(own: Iterable[TriageQuestion], *, with_standard: bool) -> dict[str, TriageQuestion]:
    """The questions by code: the standard ones, each replaced by an own one of its code; then the other own ones."""
    standard = standard_guidance().triage if with_standard else ()
    return {question.code: question for question in (*standard, *own)}


def reachable(questions: Mapping[str, TriageQuestion], start: str | None = None) -> dict[str, TriageQuestion]:
    """The question and those that it leads to, in the order of the list. `start`: None: the first, which opens the
    tree.
    """
    found, left = set[str](), [start] if start else list(questions)[:1]
    while left:
        code = left.pop()
        if code in questions and code not in found:
            found.add(code)
            left += [answer.next for answer in questions[code].answers if answer.next]
    return {code: question for code, question in questions.items() if code in found}


@cache
def standard_guidance() -> GuidanceSection:
    """The guidance that every regency has unless its pack says otherwise."""
    parts = [yaml.safe_load(text) for text in _standard_texts()]
    return GuidanceSection.model_validate({key: value for part in parts for key, value in part.items()}, extra="forbid")


@cache
def _standard_digest() -> str:
    return sha256("".join(_standard_texts()).encode()).hexdigest()[:8]


def _standard_texts() -> list[str]:
    folder = files("sigap_common.regency").joinpath("standard_guidance")
    return [folder.joinpath(name).read_text("utf-8") for name in STANDARD_FILES]
