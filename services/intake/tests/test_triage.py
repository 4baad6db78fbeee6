"""What answers propose: pure, with the standard guidance and with small trees."""

from collections.abc import Mapping
from typing import Any

import pytest

from sigap_common.contracts.calls import GivenAnswer, TriageProposal
from sigap_common.regency import Guidance, Pack, guidance_of
from sigap_intake.domain import branch_of, next_question, triage


def standard() -> Guidance:
    return guidance_of(Pack.model_validate({"code": "99.01", "name": "X", "time_zone": "Asia/Jakarta"}), 1)


def small(*questions: dict[str, Any]) -> Guidance:
    """A tree of these questions alone; types with priorities fire 1, flood 2, tree 3."""
    kinds = [
        {"code": code, "label": LABEL, "priority": priority}
        for code, priority in {"fire": 1, "flood": 2, "tree": 3}.items()
    ]
    own = {"standard_types": False, "standard_guidance": False, "incident_types": kinds, "triage": questions}
    return guidance_of(Pack.model_validate({"code": "99.01", "name": "X", "time_zone": "Asia/Jakarta", **own}), 1)


LABEL = {"id": "Ya", "en": "Yes"}


def question(code: str, **answers: Mapping[str, Any]) -> dict[str, Any]:
    return {"code": code, "label": LABEL, "answers": [{"code": one, "label": LABEL, **answers[one]} for one in answers]}


def given(**answers: str) -> tuple[GivenAnswer, ...]:
    return tuple(GivenAnswer(question=question, answer=answer) for question, answer in answers.items())


def proposed(**answers: str) -> tuple[str | None, int | None] | None:
    found = triage(standard(), given(**answers))
    return (found.incident_type, found.priority) if found else None


# --- the standard questions


@pytest.mark.parametrize(
    ("answers", "proposal"),
    [
        ({"what": "fire", "fire_people": "yes"}, ("fire", 1)),
        ({"what": "fire", "fire_people": "no", "fire_what": "rubbish", "fire_near": "no"}, ("fire", 3)),
        ({"what": "fire", "fire_people": "no", "fire_what": "rubbish", "fire_near": "yes"}, ("fire", 1)),
        ({"what": "traffic", "traffic_danger": "none", "traffic_hurt": "none"}, ("traffic_accident", 3)),
        ({"what": "traffic", "traffic_hurt": "unconscious", "breathing": "no"}, ("traffic_accident", 1)),
        ({"what": "sick_or_hurt", "conscious": "no", "breathing": "unsure"}, ("medical", 1)),
        ({"what": "sick_or_hurt", "conscious": "yes", "complaint": "pain_or_fever"}, ("medical", 3)),
        ({"what": "violence_at_home", "violence_safe": "no"}, ("domestic_violence", 1)),
        ({"what": "violence_at_home", "violence_weapon": "yes", "violence_child": "harmed"}, ("child_protection", 1)),
        ({"what": "mental_crisis", "mental_danger": "no", "mental_sudden": "no"}, ("mental_crisis", 3)),
        ({"what": "mental_crisis", "mental_danger": "others"}, ("mental_crisis", 1)),
        ({"what": "mental_crisis", "mental_danger": "self"}, ("suicide_risk", 1)),
        ({"what": "flood", "flood_people": "swept_away"}, ("drowning", 1)),
        ({"what": "flood", "flood_people": "no", "flood_depth": "ankle", "flood_care": "no"}, ("flood", 3)),
        ({"what": "animal", "animal_kind": "large"}, ("wild_animal", 1)),
        ({"what": "animal", "animal_hurt": "no", "animal_where": "gone"}, ("wild_animal", 4)),
        ({"what": "flood"}, ("flood", 2)),  # the type's own priority
        ({"place": "exact", "callback": "yes"}, None),
        ({}, None),
    ],
)
def test_what_the_standard_questions_propose(
    answers: dict[str, str], proposal: tuple[str | None, int | None] | None
) -> None:
    assert proposed(**answers) == proposal


def test_the_reasons_are_the_answers_that_count_in_their_order() -> None:
    found = triage(standard(), given(place="exact", what="fire", fire_people="no", fire_what="building"))
    assert found is not None
    told = [(one.question, one.answer, one.points, one.priority) for one in found.reasons]
    assert told == [("what", "fire", 10, None), ("fire_what", "building", 5, 1)]


def test_a_type_names_the_question_that_its_own_begin_with() -> None:
    assert branch_of(standard(), "fire") == "fire_people"
    assert branch_of(standard(), "mental_crisis") == "mental_danger"
    assert branch_of(standard(), "crime") is None
    assert branch_of(standard(), "lava") is None


# --- the rule


def test_equal_points_propose_the_more_urgent_type() -> None:
    tree = small(question("a", x={"weights": {"tree": 3, "flood": 3}}, y={"weights": {"tree": 4, "flood": 3}}))
    assert triage(tree, given(a="x")) == TriageProposal(
        incident_type="flood",
        priority=2,
        reasons=triage(tree, given(a="x")).reasons,  # type: ignore[union-attr]
    )
    assert getattr(triage(tree, given(a="y")), "incident_type", None) == "tree"


def test_the_most_urgent_priority_that_an_answer_names_holds() -> None:
    tree = small(question("a", x={"priority": 4, "next": "b"}), question("b", x={"priority": 2}, y={"priority": 5}))
    assert triage(tree, given(a="x", b="x")) is not None
    assert [getattr(triage(tree, given(a="x", b=one)), "priority", None) for one in "xy"] == [2, 4]


def test_a_priority_alone_is_a_proposal_without_a_type() -> None:
    found = triage(small(question("a", x={"priority": 4})), given(a="x"))
    assert found is not None
    assert (found.incident_type, found.priority) == (None, 4)


WAYS = (
    question("a", left={"next": "b"}, right={"next": "c"}),
    question("b", x={"weights": {"fire": 5}}),
    question("c", x={"weights": {"flood": 1}}),
)


def test_answers_of_a_way_that_was_left_do_not_count() -> None:
    assert getattr(triage(small(*WAYS), given(a="left", b="x", c="x")), "incident_type", None) == "fire"
    assert getattr(triage(small(*WAYS), given(b="x", c="x", a="right")), "incident_type", None) == "flood"


def test_a_question_that_was_passed_over_leaves_its_ways_open() -> None:
    assert getattr(triage(small(*WAYS), given(c="x")), "incident_type", None) == "flood"


def test_answers_that_the_guidance_does_not_have_count_for_nothing() -> None:
    assert triage(small(*WAYS), given(z="x", b="z")) is None


def test_points_for_a_type_that_the_regency_does_not_have_count_for_nothing() -> None:
    assert triage(small(question("a", x={"weights": {"lava": 9}})), given(a="x")) is None


# --- what to ask next


def test_the_first_question_opens_and_the_answer_leads_on() -> None:
    tree = standard()
    assert next_question(tree, ()) == "place"
    assert next_question(tree, given(place="exact")) == "callback"
    assert next_question(tree, given(place="exact", callback="yes", what="fire")) == "fire_people"


def test_what_follows_the_latest_answer_comes_before_what_was_passed_over() -> None:
    tree = standard()
    assert next_question(tree, given(what="sick_or_hurt")) == "conscious"
    assert next_question(tree, given(what="sick_or_hurt", conscious="no", breathing="no")) == "place"


def test_at_the_end_nothing_is_asked() -> None:
    tree = small(*WAYS)
    assert next_question(tree, given(a="left", b="x")) is None
    assert next_question(small(), ()) is None
    assert next_question(tree, given(z="x")) == "a"


def test_an_answer_that_was_changed_asks_along_the_new_way() -> None:
    assert next_question(small(*WAYS), given(b="x", a="right")) == "c"
