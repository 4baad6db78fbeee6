"""Restored databases beside a log that went on: what was published and not restored, and what a reader has to do."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from sigap_cli.console import NOT_ACHIEVED
from sigap_cli.reconcile.comparison import Comparison, Known
from sigap_common.bus import Delivered
from sigap_common.bus.envelope import Envelope, Message
from sigap_common.bus.kafka_history import Span

from .conftest import Sigap

NOON = datetime(2024, 2, 19, 5, tzinfo=UTC)
"""The moment to which the databases were restored."""
CALLS = ("sigap.calls", 0)
RECEIVED, ANSWERED, ALARM = "sigap.CallReceived.v1", "sigap.CallAnswered.v1", "sigap.AlarmRaised.v1"
CALL = "call-1"


def record(offset: int, kind: str = RECEIVED, sequence: int = 1, subject: str = CALL, minutes: float = -1) -> Delivered:
    """One of intake. `minutes`: after the restored moment."""
    envelope = Envelope(
        id=UUID(int=offset),
        source="intake",
        type=kind,
        subject=subject,
        time=NOON + timedelta(minutes=minutes),
        regency="17.71",
        sequence=sequence,
        correlationid=UUID(int=offset),
        partitionkey=subject,
    )
    return Delivered(Message.of(CALLS[0], subject, envelope, b"{}"), *CALLS, offset)


def compared(*records: Delivered, intake: Known | None = None, handled: tuple[int, ...] = ()) -> Comparison:
    """Of intake, which hears nothing, and dispatch, which hears two kinds of events and has handled some."""
    comparison = Comparison({"intake": (), "dispatch": (RECEIVED, ALARM)}, NOON)
    known: Mapping[str, Known] = {
        "intake": intake or Known(),
        "dispatch": Known(handled={UUID(int=offset) for offset in handled}),
    }
    for one in records:
        comparison.take(one, known)
    return comparison


def entries(*told: tuple[int, str]) -> Known:
    return Known({(CALL, sequence): kind for sequence, kind in told}, recorded={RECEIVED, ANSWERED})


def offsets(comparison: Comparison) -> list[int]:
    return [one.envelope.id.int for one in comparison.orphans]


def test_an_event_of_the_publishers_timeline_is_restored_and_handled_once() -> None:
    comparison = compared(record(3), record(4), intake=entries((1, RECEIVED)), handled=(3,))
    assert offsets(comparison) == []
    dispatch = comparison.readers["dispatch"]
    assert (dispatch.again, dispatch.passes_over, dispatch.first) == (1, [], {CALLS: 4})


def test_an_event_that_the_timeline_lacks_is_passed_over_by_those_who_hear_it() -> None:
    comparison = compared(
        record(3), record(4, ANSWERED, 2, minutes=1), record(5, RECEIVED, 3, minutes=1), intake=entries((1, RECEIVED))
    )
    assert offsets(comparison) == [4, 5]
    assert comparison.readers["dispatch"].passes_over == [UUID(int=5)]
    assert comparison.readers["intake"].passes_over == []
    assert comparison.orphans_by_kind == {("intake", ANSWERED): 1, ("intake", RECEIVED): 1}


@pytest.mark.parametrize("minutes", [-0.1, 0.1])
def test_a_call_that_the_timeline_does_not_know_is_not_restored_whatever_its_time_says(minutes: float) -> None:
    """It may have begun before the copy's moment, and been committed after it."""
    late = record(7, subject="call-2", minutes=minutes)
    assert offsets(compared(late, intake=entries())) == [7]


def test_what_a_reader_has_passed_over_is_not_passed_over_again() -> None:
    late = record(7, subject="call-2")
    assert compared(late, intake=entries(), handled=(7,)).readers["dispatch"].passes_over == []


def test_another_event_under_the_same_number_is_not_the_one_that_was_restored() -> None:
    """After the restore intake went on, and gave the number to another event."""
    assert offsets(compared(record(3), intake=entries((1, ANSWERED)))) == [3]


@pytest.mark.parametrize(("minutes", "lost"), [(-0.1, []), (0.1, [3])])
def test_an_event_of_no_timeline_is_judged_by_its_time(minutes: float, lost: list[int]) -> None:
    assert offsets(compared(record(3, ALARM, subject="alarm-1", minutes=minutes), intake=entries())) == lost


def test_an_event_that_waits_in_the_outbox_is_restored_and_may_be_in_the_log_already() -> None:
    comparison = compared(record(3, minutes=1), intake=Known(waiting={UUID(int=3)}))
    assert offsets(comparison) == []
    assert comparison.in_log == {"intake": {UUID(int=3)}}


def test_an_event_of_a_service_that_is_not_installed_is_left_as_it_is() -> None:
    comparison = Comparison({"dispatch": (RECEIVED,)}, NOON)
    comparison.take(record(3, minutes=5), {"dispatch": Known()})
    assert (comparison.orphans, comparison.readers["dispatch"].again) == ([], 1)


def test_a_reader_goes_on_at_the_first_event_that_it_lacks_and_elsewhere_at_the_end() -> None:
    comparison = compared(record(3), record(4), record(5), intake=entries((1, RECEIVED)), handled=(3, 5))
    other = ("sigap.calls", 1)
    spans = {CALLS: Span(2, 9), other: Span(6, 6)}
    assert comparison.positions("dispatch", spans, {CALLS: 9, other: 6}) == {CALLS: 4, other: 6}
    assert comparison.positions("intake", spans, {}) == {CALLS: 9, other: 6}
    # It had not read so far: nothing before what was compared may be skipped.
    assert comparison.positions("dispatch", spans, {CALLS: 1, other: 2}) == {CALLS: 1, other: 2}


def test_a_single_host_is_told_that_its_restore_compares_by_itself(speak_to: Sigap) -> None:
    code, _, err = speak_to("", "reconcile")
    assert (code, "`sigap restore`" in err) == (NOT_ACHIEVED, True)


def test_a_cluster_whose_databases_are_away_is_told_so(speak_to: Sigap) -> None:
    database = "postgresql+asyncpg://nobody@127.0.0.1:1/intake"
    names = ("INTAKE", "DISPATCH", "AGENCY_GATEWAY", "ROSTER", "ANALYTICS")
    urls = {f"SIGAP_{name}_DATABASE_URL": database for name in names}
    code, _, err = speak_to("", "reconcile", SIGAP_BUS_URL="kafka://127.0.0.1:1", **urls)
    assert (code, "A database: " in err) == (NOT_ACHIEVED, True)
