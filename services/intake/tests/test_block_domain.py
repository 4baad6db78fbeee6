"""The life of a block, as histories."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.blocks import (
    BlockAppealed,
    BlockApproved,
    BlockDossierMade,
    BlockDoubted,
    BlockEnded,
    BlockExtended,
    BlockLapsed,
    BlockLifted,
    BlockProposed,
    BlockRefused,
    BlockReviewed,
    PrankCall,
)
from sigap_common.contracts.calls import CallClass
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import Fault, Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_common.regency import BlockingPolicy
from sigap_intake.domain.block import Block, BlockState, evolve
from sigap_intake.domain.block_decisions import (
    Approve,
    Extend,
    Lift,
    LodgeAppeal,
    MakeDossier,
    PassTime,
    RaiseDoubt,
    Refuse,
    Review,
    decide,
    propose,
)
from sigap_testing.histories import Histories, then, then_one

NOON = datetime(2024, 2, 19, 5, 0, tzinfo=UTC)
HOUR = 3600.0
SIX = timedelta(hours=6)
BLOCK_ID = UUID("018dc000-0000-7000-8000-0000000000b1")
WHY = Sealed("sudah diperingatkan")
FACTS = tuple(PrankCall(call_id=UUID(int=n), at=NOON - timedelta(hours=n)) for n in (3, 2, 1))
FACT = FACTS[0].call_id

blocks = Histories(decide, evolve, NOON)
at, given, when = blocks.at, blocks.given, blocks.when


def proposal(**policy: Any) -> Block:
    rule = BlockingPolicy(**{"pranks": 3, "within_days": 7, **policy})
    begun = Aggregate(id=BLOCK_ID, regency="17.71")
    return blocks.begun(begun, propose(begun, Sealed("+62811"), "hash", FACTS, 2.9, rule, NOON).events)


def approve(by: str = "siti", **told: Any) -> Approve:
    return Approve(by=by, review_before=SIX, **told)


def extend(hours: float, by: str = "siti") -> Extend:
    return Extend(by=by, reason=WHY, ends_at=at(hours * HOUR), review_before=SIX)


def active() -> Block:
    """From noon to noon."""
    return given(proposal(), (0, approve()))


REFUSE, REVIEW, LIFT = Refuse(by="siti", reason=WHY), Review(by="siti", reason=WHY), Lift(by="siti", reason=WHY)
APPEAL = LodgeAppeal(by="ani", text=Sealed("anak saya"))
GENUINE = RaiseDoubt(why="genuine_call", call_id=UUID(int=9), call_class=CallClass.EMERGENCY)


def fault(refused: pytest.ExceptionInfo[Invalid]) -> tuple[object, str]:
    (one,) = refused.value.errors
    assert isinstance(one, Fault)
    return one.place[-1], one.kind


def test_a_proposal_blocks_nobody_until_a_person_decides() -> None:
    block = proposal()
    assert (block.state, block.score, block.facts) == (BlockState.PROPOSED, 2.9, FACTS)
    assert not block.blocks(NOON)
    approved = then_one(when(block, approve(reason=WHY), 60), BlockApproved)
    assert (approved.by, approved.ends_at, approved.review_at) == ("siti", at(60 + 24 * HOUR), at(60 + 18 * HOUR))


def test_a_rule_that_is_automatic_approves_by_itself() -> None:
    begun = Aggregate(id=BLOCK_ID, regency="17.71")
    rule = BlockingPolicy(pranks=3, within_days=7, hours=48, approval="automatic")
    decision = propose(begun, Sealed("+62811"), "hash", FACTS, 2.9, rule, NOON)
    then(decision.events, BlockProposed, BlockApproved)
    assert isinstance(decision.after, Block)
    assert (decision.after.decided_by, decision.after.ends_at) == (None, at(48 * HOUR))


@pytest.mark.parametrize(
    ("hours", "kind"),
    [(-1, "block_ends_first"), (0, "block_ends_first"), (23.9, "block_length"), (72.1, "block_length")],
)
def test_a_block_that_ends_before_it_begins_or_lasts_too_short_or_too_long_is_refused(hours: float, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        when(proposal(), approve(ends_at=at(hours * HOUR)), 0)
    assert fault(refused) == ("ends_at", kind)


@pytest.mark.parametrize("hours", [24, 72])
def test_a_block_lasts_a_day_to_three(hours: float) -> None:
    assert then_one(when(proposal(), approve(ends_at=at(hours * HOUR)), 0), BlockApproved).ends_at == at(hours * HOUR)


def test_of_two_who_decide_the_second_is_told_what_was_decided() -> None:
    for command in (approve("budi"), REFUSE):
        with pytest.raises(NotAllowed) as refused:
            when(active(), command, 5)
        assert (refused.value.params["state"], refused.value.params["decided_by"]) == ("active", "siti")
    with pytest.raises(NotAllowed):
        when(given(proposal(), (0, REFUSE)), approve(), 5)


def test_the_same_decision_of_the_same_person_again_is_no_other() -> None:
    assert when(active(), approve(), 5) == []
    assert when(given(proposal(), (0, REFUSE)), REFUSE, 5) == []
    assert when(given(active(), (60, LIFT)), LIFT, 65) == []


def test_an_undecided_proposal_lapses() -> None:
    week = 7 * 24 * HOUR
    assert when(proposal(), PassTime(), week - 1) == []
    assert then_one(when(proposal(), PassTime(), week), BlockLapsed).why == "not_decided"


def test_a_review_is_due_before_the_end_and_the_end_comes_all_the_same() -> None:
    assert when(active(), PassTime(), 18 * HOUR - 1) == []
    then(when(active(), PassTime(), 18 * HOUR), AlarmRaised)
    unreviewed = given(active(), (18 * HOUR, PassTime()))
    assert unreviewed.due_at == at(24 * HOUR)
    ended, cleared = when(unreviewed, PassTime(), 24 * HOUR)
    assert isinstance(ended, BlockEnded)
    assert (ended.reviewed, type(cleared)) == (False, AlarmCleared)


def test_a_review_clears_its_alarm_and_the_block_ends_as_planned() -> None:
    due = given(active(), (18 * HOUR, PassTime()))
    then(when(due, REVIEW, 19 * HOUR), BlockReviewed, AlarmCleared)
    reviewed = given(due, (19 * HOUR, REVIEW))
    assert (reviewed.due_at, reviewed.alarm) == (at(24 * HOUR), None)
    assert then_one(when(reviewed, PassTime(), 24 * HOUR), BlockEnded).reviewed


def test_a_block_blocks_until_its_end_even_if_nobody_has_handled_that_yet() -> None:
    assert active().blocks(at(24 * HOUR - 1))
    assert not active().blocks(at(24 * HOUR))


def test_an_extension_ends_later_and_is_reviewed_again() -> None:
    due = given(active(), (18 * HOUR, PassTime()))
    extended, cleared = when(due, extend(48), 19 * HOUR)
    assert isinstance(extended, BlockExtended)
    assert (extended.ends_at, extended.review_at) == (at(48 * HOUR), at(42 * HOUR))
    assert isinstance(cleared, AlarmCleared)
    longer = given(due, (19 * HOUR, extend(48)))
    assert (longer.due_at, longer.extensions) == (at(42 * HOUR), 1)
    then(when(longer, PassTime(), 42 * HOUR), AlarmRaised)
    assert when(longer, extend(48), 20 * HOUR) == []


@pytest.mark.parametrize(("hours", "kind"), [(23, "block_ends_first"), (91.1, "block_length")])
def test_an_extension_ends_after_the_end_that_was_planned(hours: float, kind: str) -> None:
    with pytest.raises(Invalid) as refused:
        when(active(), extend(hours), 19 * HOUR)
    assert fault(refused) == ("ends_at", kind)


def test_an_alarm_that_comes_again_is_another() -> None:
    first = given(active(), (18 * HOUR, PassTime()))
    again = given(first, (19 * HOUR, extend(48)), (42 * HOUR, PassTime()))
    assert first.alarm is not None
    assert again.alarm not in (None, first.alarm)


def test_an_appeal_is_kept_and_reviewed_at_once() -> None:
    then(when(active(), APPEAL, HOUR), BlockAppealed, AlarmRaised)
    then(when(given(active(), (HOUR, REVIEW)), APPEAL, 2 * HOUR), BlockAppealed, AlarmRaised)
    then(when(proposal(), APPEAL, HOUR), BlockAppealed)
    appealed = given(active(), (HOUR, APPEAL))
    assert (appealed.appeals[0].by, appealed.appeals[0].text) == ("ani", Sealed("anak saya"))
    then(when(appealed, LIFT, 2 * HOUR), BlockLifted, AlarmCleared)


def test_a_genuine_call_asks_for_a_review_and_lifts_nothing() -> None:
    then(when(active(), GENUINE, HOUR), BlockDoubted, AlarmRaised)
    doubted = given(active(), (HOUR, GENUINE))
    assert (doubted.state, doubted.doubts[0].call_class) == (BlockState.ACTIVE, CallClass.EMERGENCY)
    assert when(doubted, GENUINE, 2 * HOUR) == []


def test_a_proposal_whose_pranks_no_longer_suffice_lapses() -> None:
    corrected = RaiseDoubt(why="fact_corrected", call_id=FACT, call_class=CallClass.EMERGENCY)
    doubted, lapsed = when(proposal(), corrected, HOUR)
    assert isinstance(doubted, BlockDoubted)
    assert isinstance(lapsed, BlockLapsed)
    assert lapsed.why == "facts_corrected"
    then(when(proposal(pranks=2), corrected, HOUR), BlockDoubted)
    then(when(active(), corrected, HOUR), BlockDoubted, AlarmRaised)


def test_what_is_over_is_not_doubted_or_appealed() -> None:
    over = given(active(), (HOUR, LIFT))
    assert when(over, GENUINE, 2 * HOUR) == []
    assert over.due_at is None
    for command in (APPEAL, REVIEW, extend(48)):
        with pytest.raises(NotAllowed):
            when(over, command, 2 * HOUR)


def test_a_dossier_says_for_whom_and_what_was_in_it() -> None:
    made = MakeDossier(by="siti", recipient="Polresta", reason=WHY, calls=(FACT,))
    event = then_one(when(given(active(), (HOUR, LIFT)), made, 2 * HOUR), BlockDossierMade)
    assert (event.by, event.recipient, event.calls) == ("siti", "Polresta", (FACT,))


def test_a_refusal_keeps_its_reason() -> None:
    then(when(proposal(), REFUSE, 0), BlockRefused)
    refused = given(proposal(), (0, REFUSE))
    assert (refused.state, refused.reason, refused.over_at) == (BlockState.REFUSED, WHY, NOON)
