"""The limits of the figures, on the millisecond on both sides, and what a reported progress counts for."""

from datetime import timedelta
from uuid import UUID

import pytest

from sigap_analytics.domain.catalogue import _LEFT_OUT
from sigap_common.contracts.incidents import IncidentState, IncidentStatusChanged, Progress

from .conftest import Ask, History, Tell, share


@pytest.mark.parametrize("seconds", [10, 15, 20])
async def test_a_call_is_answered_within_the_limit_up_to_its_last_millisecond(
    history: History, tell: Tell, ask: Ask, seconds: int
) -> None:
    for waited in (seconds - 0.001, seconds, seconds + 0.001):
        history.call("10:00:00", answered=waited)
    await tell(history)
    (row,) = await ask(f"answered_within_{seconds}s")
    assert share(row) == (2, 3)


async def test_a_call_abandoned_under_10_s_is_left_out_up_to_its_last_millisecond(
    history: History, tell: Tell, ask: Ask
) -> None:
    history.call("10:00:00", answered=5)
    for waited in (9.999, 10, 10.001):
        history.call("10:00:00", abandoned=waited)
    await tell(history)
    suffix, _ = _LEFT_OUT["long"]
    (row,) = await ask(f"answered_within_15s{suffix}")
    assert share(row) == (1, 3)


@pytest.mark.parametrize(("figure", "limit"), [("promise_30s", "10:00:30"), ("answer_to_forwarded", "10:01:00")])
@pytest.mark.parametrize(("more", "kept"), [("000", 1), ("001", 0)])
async def test_the_30_s_and_60_s_from_the_answer_are_kept_up_to_their_last_millisecond(
    history: History, tell: Tell, ask: Ask, figure: str, limit: str, more: str, kept: int
) -> None:
    incident = history.incident("10:00:00", answered="10:00:00")
    forwarding = history.forward(incident, f"{limit}.{more}" if figure == "answer_to_forwarded" else "10:00:01")
    history.deliver(incident, forwarding, f"{limit}.{more}")
    await tell(history)
    (row,) = await ask(figure)
    assert share(row) == (kept, 1)


def reported(history: History, incident: UUID, forwarding: UUID, at: str, channel: str) -> None:
    """One of us took down that the unit is on its way."""
    moment = history.moment(at)
    event = IncidentStatusChanged(
        at=moment,
        recorded_at=moment + timedelta(seconds=1),
        forwarding_id=forwarding,
        agency="99.01/damkar",
        progress=Progress.EN_ROUTE,
        state=IncidentState.EN_ROUTE,
        channel=channel,
        on_behalf=True,
    )
    history.say(event, incident)


@pytest.mark.parametrize("channel", ["telephone", "radio"])
async def test_a_progress_that_we_report_is_neither_a_delivery_nor_an_acknowledgement(
    history: History, tell: Tell, ask: Ask, channel: str
) -> None:
    """The acknowledgement that goes with it is an event of its own, and says by which channel it came."""
    incident = history.incident("10:00:05", answered="10:00:00")
    reported(history, incident, history.forward(incident, "10:00:06"), "10:00:20", channel)
    await tell(history)
    (promise,) = await ask("promise_30s")
    assert (share(promise), promise["parts"]) == ((0, 1), {"never_delivered": 1})
    (acknowledged,) = await ask("forwarded_to_acknowledged")
    assert share(acknowledged) == (0, 1)
