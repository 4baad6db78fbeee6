"""How much a number plays pranks: the score, what it lowers, and when the rule proposes a block."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sigap_common.contracts.calls import CallClass, Unscreened
from sigap_common.regency import BlockingPolicy
from sigap_intake.domain.pranks import (
    FAINT,
    ClassifiedCall,
    Considered,
    decayed,
    facts,
    faint_at,
    lowered_by,
    lowers_until,
    rule_of,
    score,
)
from sigap_intake.domain.screening import Found, unscreened

NOW = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)


def policy(**values: Any) -> BlockingPolicy:
    return BlockingPolicy(**{"pranks": 3, "within_days": 7, "half_life_days": 7, "lowered_by_s": 30, **values})


def call(days_ago: float, call_class: str = "prank", number: int | None = None) -> ClassifiedCall:
    identity = UUID(int=int(abs(days_ago) * 1_000) + 1 if number is None else number)
    return ClassifiedCall(identity, NOW - timedelta(days=days_ago), CallClass(call_class))


@pytest.mark.parametrize(
    ("history", "wanted"),
    [
        ([], 0),
        ([call(0)], 1),
        ([call(7)], 0.5),
        ([call(14), call(7), call(0)], 1.75),
        ([call(0), call(0), call(0, "emergency")], 0),
        ([call(0), call(7, "emergency")], 0),
        ([call(0), call(7, "information")], 0.5),
        ([call(0), call(0, "silent"), call(0, "wrong_number"), call(0, "line_test")], 1),
        ([call(-1)], 1),
    ],
)
def test_the_score_is_the_sum_of_weights_that_fade(history: list[ClassifiedCall], wanted: float) -> None:
    assert score(history, policy(), NOW) == pytest.approx(wanted)


@given(st.lists(st.tuples(st.floats(0, 365), st.sampled_from(list(CallClass))), max_size=50), st.floats(0, 60))
def test_a_stored_score_that_fades_is_never_above_one_that_is_computed_anew(
    told: list[tuple[float, CallClass]], later: float
) -> None:
    history = [call(ago, call_class, n) for n, (ago, call_class) in enumerate(told)]
    then = NOW + timedelta(days=later)
    known = score(history, policy(), NOW)
    assert decayed(known, NOW, policy(), then) == pytest.approx(score(history, policy(), then), abs=1e-9)
    assert known >= 0


@pytest.mark.parametrize(("value", "wanted"), [(0, 0), (1.49, 0), (1.5, 15), (2.0, 20), (3.0, 30), (50, 30)])
def test_a_score_lowers_by_what_the_pack_says_at_most(value: float, wanted: int) -> None:
    assert lowered_by(value, policy()) == wanted


def test_a_score_lowers_until_it_is_half_of_what_proposes_a_block() -> None:
    until = lowers_until(3.0, policy(), NOW)
    assert until == NOW + timedelta(days=7)
    assert lowered_by(decayed(3.0, NOW, policy(), until - timedelta(seconds=1)), policy()) == 15
    assert lowered_by(decayed(3.0, NOW, policy(), until + timedelta(seconds=1)), policy()) == 0
    assert lowers_until(1.4, policy(), NOW) is None
    assert lowers_until(3.0, policy(lowered_by_s=0), NOW) is None


def test_a_faint_score_is_forgotten() -> None:
    assert faint_at(1.0, policy(), NOW) == NOW + timedelta(days=14)
    assert decayed(1.0, NOW, policy(), faint_at(1.0, policy(), NOW)) == pytest.approx(FAINT)
    assert faint_at(0.0, policy(), NOW) == NOW


# --- the rule


def proposed(history: list[ClassifiedCall], known: Considered | None = None, **values: Any) -> list[UUID]:
    found = facts(history, policy(**values), known or Considered(), NOW)
    return [fact.call_id for fact in found]


def test_so_many_pranks_within_so_many_days_propose_a_block() -> None:
    three = [call(0, number=3), call(1, number=2), call(2, number=1)]
    assert proposed(three) == [UUID(int=1), UUID(int=2), UUID(int=3)]
    assert proposed(three[:2]) == []
    assert proposed([*three[:2], call(7.01)]) == []
    assert proposed([*three[:2], call(1, "silent")]) == []


def test_genuine_calls_speak_against_it() -> None:
    three = [call(0, number=3), call(1, number=2), call(2, number=1)]
    assert proposed([*three, call(3, "information")]) != []
    assert proposed([*three, call(3, "emergency")]) == []


def test_a_prank_that_led_to_a_block_does_not_count_again() -> None:
    three = [call(0, number=3), call(1, number=2), call(2, number=1)]
    led = Considered(facts=frozenset({UUID(int=1), UUID(int=2)}))
    assert proposed(three, led) == []
    assert proposed([*three, call(0.1, number=4), call(0.2, number=5)], led) == [UUID(int=n) for n in (5, 4, 3)]


def test_what_came_before_a_person_said_no_does_not_count_again() -> None:
    three = [call(0, number=3), call(1, number=2), call(2, number=1)]
    no = Considered(refused_at=NOW - timedelta(days=1))
    assert proposed(three, no) == []
    anew = [call(0.5, number=4), call(0.6, number=5)]
    assert proposed([*three, *anew], no) == [UUID(int=n) for n in (5, 4, 3)]


@pytest.mark.parametrize(("hours", "kept"), [(1, 24), (24, 24), (48, 48), (72, 72), (8760, 72)])
def test_a_block_of_an_older_pack_lasts_a_day_to_three(hours: int, kept: int) -> None:
    assert rule_of(policy(hours=hours)).hours == kept


def test_a_rule_has_a_name_for_figures() -> None:
    assert rule_of(policy()).name == "3-in-7d-24h-supervisor"


# --- who goes past the recorded message


@pytest.mark.parametrize(
    ("beside", "wanted"),
    [
        ({}, None),
        ({"earlier_tries": 1}, None),
        ({"earlier_tries": 2}, Unscreened.THIRD_TRY),
        ({"has_open_incident": True}, Unscreened.OPEN_INCIDENT),
        ({"is_near_incident": True}, Unscreened.OPEN_INCIDENT),
        ({"can_hear": False}, Unscreened.NO_MESSAGE),
        ({"can_hear": False, "earlier_tries": 2}, Unscreened.THIRD_TRY),
    ],
)
def test_who_goes_past_the_message(beside: dict[str, Any], wanted: Unscreened | None) -> None:
    usual = {"can_hear": True, "earlier_tries": 0, "has_open_incident": False, "is_near_incident": False}
    assert unscreened(Found(**{**usual, **beside})) == wanted
