"""How long the relay waits between two rounds."""

from sigap_common.messaging.outbox import GATHER_BUSY_SECONDS, GATHER_SECONDS, Pace


def after_calls(rate: float, events: int, seconds: float = 10.0) -> Pace:
    """After so many seconds of calls at this rate, each with so many events that come together."""
    pace, calls = Pace(), int(rate * seconds)
    for number in range(1, calls + 1):
        pace.note(1000.0 + number / rate, events)
    return pace


def gathers(pace: Pace, last_round: float) -> float:
    return round(pace.left(last_round), 6)


def test_an_event_after_a_rest_is_sent_at_once() -> None:
    pace = Pace()
    pace.note(1000.0, 3)
    assert pace.left(1060.0) < 0


def test_events_of_few_calls_wait_for_a_short_time_only() -> None:
    assert gathers(after_calls(rate=5, events=10), 1010.0) == GATHER_SECONDS


def test_the_many_events_of_one_call_make_no_busy_time() -> None:
    assert gathers(after_calls(rate=0.5, events=20), 1010.0) == GATHER_SECONDS


def test_at_a_busy_time_more_are_sent_together() -> None:
    assert gathers(after_calls(rate=30, events=10), 1010.0) == GATHER_BUSY_SECONDS


def test_a_busy_time_is_over_after_a_few_quiet_seconds() -> None:
    pace = after_calls(rate=30, events=10)
    pace.note(1020.0, 1)
    assert gathers(pace, 1020.0) == GATHER_SECONDS


def test_a_round_in_the_same_moment_changes_nothing() -> None:
    pace = after_calls(rate=5, events=10)
    rate = pace.rate
    pace.note(1010.0, 5)
    assert pace.rate == rate
