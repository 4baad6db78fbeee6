"""The standard guidance, and a pack's own over it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from sigap_common.regency import Guidance, InvalidPack, Pack, Words, guidance_of, standard_guidance, validate_pack
from sigap_common.regency.guidance import coded, merged, reachable

YES = {"id": "Ya", "en": "Yes"}
SHIPPED = sorted((Path(__file__).parents[4] / "regencies").glob("*.yaml"))
KINDS = ["fire", "traffic_accident", "medical", "domestic_violence", "flood", "wild_animal", "mental_crisis"]


def minimal(**parts: Any) -> dict[str, Any]:
    return {"code": "99.01", "name": "X", "time_zone": "Asia/Jakarta", **parts}


def refusal(**parts: Any) -> dict[str, str]:
    """The kind of each error by its pointer; none for a pack that is taken."""
    try:
        validate_pack(minimal(**parts))
    except InvalidPack as refused:
        return {error.pointer: error.kind for error in refused.errors}
    return {}


def question(code: str, *following: str | None, **answer: Any) -> dict[str, Any]:
    return {"code": code, "label": YES, "answers": [{"label": YES, "next": one, **answer} for one in following]}


def guidance(**parts: Any) -> Guidance:
    return guidance_of(validate_pack(minimal(**parts)), 3)


# --- the standard and the shipped packs


def test_the_standard_guidance_is_what_a_pack_may_contain() -> None:
    parts = standard_guidance().model_dump(exclude_defaults=True)
    assert refusal(standard_guidance=False, **parts) == {}


def test_the_standard_tree_asks_where_which_number_and_what_first() -> None:
    assert list(guidance().questions)[:3] == ["place", "callback", "what"]


@pytest.mark.parametrize("kind", KINDS)
def test_the_standard_has_questions_and_words_for_a_kind(kind: str) -> None:
    asks_and_tells(guidance(), kind)


def test_four_cities_are_shipped() -> None:
    assert len(SHIPPED) >= 4


@pytest.mark.parametrize("file", SHIPPED, ids=lambda file: file.stem)
def test_each_shipped_pack_has_questions_words_and_agencies_for_the_kinds(file: Path) -> None:
    pack = validate_pack(yaml.safe_load(file.read_text()))
    for kind in KINDS:
        asks_and_tells(guidance_of(pack, 1), kind)
        assert any(plan.incident_type == kind for plan in pack.response_plans), kind


def asks_and_tells(found: Guidance, kind: str) -> None:
    answers = found.answers["what"]
    (begun,) = [answer for answer in answers.values() if max(answer.weights, key=lambda k: answer.weights[k]) == kind]
    assert begun.next in found.questions
    assert found.words[kind]


def test_every_question_of_the_standard_can_be_reached_and_none_leads_back() -> None:
    questions = merged((), with_standard=True)
    assert reachable(questions) == questions


def test_every_sentence_of_the_standard_is_in_both_languages_and_has_a_code() -> None:
    standard = standard_guidance()
    said: list[Words] = [
        *standard.silent_call,
        *standard.child_words,
        *(step for one in standard.instructions for step in one.steps),
    ]
    answers = [answer for one in standard.triage for answer in one.answers]
    assert all(one.code for one in said)
    assert all(one.code for one in answers)
    labels = [*said, *(answer.label for answer in answers), *(one.label for one in standard.triage)]
    # Only codes that no language changes may be equal.
    assert [label.id for label in labels if label.id == label.en] == []


# --- a pack's own


def test_an_own_question_replaces_the_standard_one_of_its_code_in_its_place() -> None:
    found = guidance(triage=[question("animal_where", "herd"), question("herd", None)])
    assert found.questions["animal_where"].answers[0].next == "herd"
    assert next(iter(found.questions)) == "place"
    assert list(found.questions)[-1] == "herd"
    assert list(found.answers["herd"]) == ["1"]


def test_without_the_standard_there_are_the_packs_own_questions_and_words_alone() -> None:
    words = {"incident_type": "fire", "steps": [{**YES, "code": "out"}, YES]}
    found = guidance(standard_guidance=False, triage=[question("a", "b"), question("b", None)], instructions=[words])
    assert list(found.questions) == ["a", "b"]
    assert {kind: list(steps) for kind, steps in found.words.items()} == {"fire": ["out", "2"]}
    assert found.child_words == {}
    assert next(iter(found.silent_call)) == "greet"  # a call is not called silent without a procedure


def test_a_pack_without_the_standard_types_gets_the_guidance_for_those_it_has() -> None:
    own = {"code": "fire", "label": YES}
    found = guidance(standard_types=False, incident_types=[own])
    assert (list(found.words), list(found.incident_types), found.silent_type) == (["fire"], ["fire"], None)


def test_a_version_tells_pack_and_standard_apart() -> None:
    pack = Pack.model_validate(minimal())
    assert guidance_of(pack, 3).version == guidance_of(pack, 3).version != guidance_of(pack, 4).version
    assert guidance_of(pack, 3).version.startswith("3-")


def test_entries_without_a_code_have_their_number() -> None:
    words = standard_guidance().child_words[0].model_copy(update={"code": None})
    assert list(coded([words, words.model_copy(update={"code": "x"})])) == ["1", "x"]


# --- what is refused


def test_an_answer_that_leads_back_is_refused_where_it_stands() -> None:
    own = [question("a", "b"), question("b", None, "c"), question("c", "a")]
    assert refusal(standard_guidance=False, triage=own) == {"/triage/2/answers/0/next": "pack.question_leads_back"}
    alone = [question("a", "a")]
    assert refusal(standard_guidance=False, triage=alone) == {"/triage/0/answers/0/next": "pack.question_leads_back"}


def test_two_circles_are_two_errors() -> None:
    own = [question("a", "b", "c"), question("b", "a"), question("c", "a")]
    assert list(refusal(standard_guidance=False, triage=own).values()) == ["pack.question_leads_back"] * 2


def test_a_circle_through_the_standard_is_refused_at_the_packs_own_answer() -> None:
    assert refusal(triage=[question("animal_where", "place")]) == {
        "/triage/0/answers/0/next": "pack.question_leads_back"
    }


def test_each_answer_that_leads_nowhere_is_named() -> None:
    own = [question("a", "gone", "gone", "away")]
    assert refusal(standard_guidance=False, triage=own) == {
        f"/triage/0/answers/{index}/next": "pack.question_unknown" for index in range(3)
    }


def test_a_question_that_no_answer_leads_to_is_refused() -> None:
    assert refusal(triage=[question("mine", None)]) == {"/triage/0/code": "pack.question_unreachable"}
    own = [question("a", None), question("b", None)]
    assert refusal(standard_guidance=False, triage=own) == {"/triage/1/code": "pack.question_unreachable"}


def test_types_that_are_not_there_are_refused() -> None:
    own = [question("a", None, weights={"lava": 3})]
    assert refusal(standard_guidance=False, triage=own, silent_type="lava") == {
        "/triage/0/answers/0/weights/lava": "pack.type_unknown",
        "/silent_type": "pack.type_unknown",
    }


def test_what_stands_twice_is_refused() -> None:
    twice = [{**YES, "code": "2"}, YES]
    answers = [{"label": YES, "code": "x"}, {"label": YES, "code": "x"}]
    words = {"incident_type": "fire", "steps": twice}
    found = refusal(
        standard_guidance=False,
        triage=[{"code": "a", "label": YES, "answers": answers}],
        instructions=[words, words],
        silent_call=twice,
        child_words=twice,
    )
    assert found == {
        "/triage/0/answers/1/code": "pack.used_before",
        "/instructions/0/steps/1/code": "pack.used_before",
        "/instructions/1/steps/1/code": "pack.used_before",
        "/instructions/1/incident_type": "pack.used_before",
        "/silent_call/1/code": "pack.used_before",
        "/child_words/1/code": "pack.used_before",
    }


def test_keys_of_classes() -> None:
    assert guidance(class_keys={"prank": "F4"}).class_keys["prank"] == "F4"
    assert refusal(class_keys={"prank": "1"}) == {"/class_keys/prank": "pack.key_twice"}  # the standard emergency's
    assert refusal(class_keys={"prank": "1", "emergency": "p"}) == {}
    assert refusal(class_keys={"joke": "j"}) == {"/class_keys/joke": "pack.class_unknown"}
    assert refusal(class_keys={"prank": "ctrl"}) == {"/class_keys/prank": "string_pattern_mismatch"}


def test_a_large_tree_with_many_ways_back_is_refused_at_once() -> None:
    """Each way back is looked for anew: there are as many errors as are named, and no more."""
    own = [question(f"q{n}", *(f"q{m % 300}" for m in range(n, n + 20))) for n in range(300)]
    with pytest.raises(InvalidPack) as refused:
        validate_pack(minimal(standard_guidance=False, triage=own))
    assert {error.kind for error in refused.value.errors} == {"pack.question_leads_back"}
