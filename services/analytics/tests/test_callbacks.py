"""Figures of callbacks: what dropped calls came to, and that a callback changes no figure of calls."""

from datetime import timedelta
from random import Random
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from sigap_common.contracts.callbacks import (
    CallbackAttempted,
    CallbackExpired,
    CallbackOpened,
    CallbackOutcome,
    CallbackResolved,
    Drop,
    DroppedCall,
    Ranked,
)
from sigap_common.contracts.calls import CallClass, CallClassified, CallEnded, CallReceived, CallSnapshot, Channel

from .conftest import Ask, History, Tell, share

NOTHING = Ranked(points=0)


def opened(history: History, at: str, drop: Drop = Drop.ABANDONED) -> UUID:
    callback, moment = uuid4(), history.moment(at)
    call = DroppedCall(call_id=uuid4(), drop=drop, channel=Channel.TELEPHONE, received_at=moment, ended_at=moment)
    event = CallbackOpened(
        at=moment, recorded_at=moment, call=call, ranked=NOTHING, expires_at=moment + timedelta(hours=4)
    )
    history.say(event, callback)
    return callback


def stamp(history: History, at: str) -> dict[str, Any]:
    return {"at": history.moment(at), "recorded_at": history.moment(at)}


def attempted(history: History, callback: UUID, at: str, outcome: str, *, ends: bool = True) -> None:
    told = {"outcome": CallbackOutcome(outcome), "ends": ends, "ranked": NOTHING}
    history.say(CallbackAttempted(**stamp(history, at), **told), callback)


def expired(history: History, callback: UUID, at: str, *, drawn: bool) -> None:
    call_by = history.moment(at) + timedelta(days=1) if drawn else None
    history.say(CallbackExpired(**stamp(history, at), call_by=call_by), callback)


def resolved(history: History, callback: UUID, at: str, how: Literal["contact", "joined"]) -> None:
    history.say(CallbackResolved(**stamp(history, at), how=how, call_id=uuid4()), callback)


def a_day(history: History) -> None:
    """Twelve callbacks: one still open, one whose calls are another's, and four that expired, three of them drawn."""
    opened(history, "10:00:00")
    cut = opened(history, "10:01:00", Drop.CUT_OFF)
    attempted(history, cut, "10:02:00", "no_answer", ends=False)
    attempted(history, cut, "10:03:00", "recovered")
    for outcome in ("real", "not_needed", "not_needed", "no_answer"):
        attempted(history, opened(history, "11:00:00"), "11:10:00", outcome)
    resolved(history, opened(history, "12:00:00"), "12:01:00", "contact")
    resolved(history, opened(history, "12:00:00"), "12:01:00", "joined")
    expired(history, opened(history, "13:00:00"), "17:00:00", drawn=False)
    for outcome in ("real", "not_needed"):
        drawn = opened(history, "13:00:00")
        expired(history, drawn, "17:00:00", drawn=True)
        attempted(history, drawn, "18:00:00", outcome)
    never_called = opened(history, "13:00:00")
    expired(history, never_called, "17:00:00", drawn=True)
    expired(history, never_called, "2024-02-20 17:00:00", drawn=False)


@pytest.mark.parametrize("shuffled", [None, Random(7)])
async def test_callbacks_and_what_they_proved(history: History, tell: Tell, ask: Ask, shuffled: Random | None) -> None:
    a_day(history)
    await tell(history, shuffled=shuffled)
    (whole,) = await ask("callbacks")
    assert share(whole) == (11, 11)
    assert whole["parts"] == {
        "open": 1,
        "recovered": 1,
        "real": 2,
        "not_needed": 3,
        "no_answer": 1,
        "resolved": 1,
        "expired": 2,
        "cut_off": 1,
        "sampled": 3,
    }
    assert share((await ask("real_callbacks"))[0]) == (1, 4)
    (sample,) = await ask("real_in_callback_sample")
    assert (share(sample), sample["value"]) == ((1, 2), 0.5)
    assert sample["parts"] == {"real": 1, "not_needed": 1, "expired": 1}


async def test_a_callback_that_proved_real_changes_no_figure_of_calls(history: History, tell: Tell, ask: Ask) -> None:
    history.call("10:00:00", abandoned=5)
    call, callback = uuid4(), uuid4()
    told = {"channel": Channel.TELEPHONE, "callback_id": callback}
    moment = stamp(history, "10:05:00")
    history.say(CallReceived(**moment, **told), call)
    snapshot = CallSnapshot(received_at=history.moment("10:05:00"), **told)
    history.say(CallClassified(**moment, call_class=CallClass.EMERGENCY, call=snapshot), call)
    history.say(CallEnded(**moment, ended_by="operator", cut_off=False), call)
    await tell(history)
    (whole,) = await ask("calls")
    assert whole["parts"] == {"received": 1, "abandoned": 1}
    assert share((await ask("answered_within_10s"))[0]) == (0, 1)
    assert share((await ask("unmeasured_calls"))[0]) == (0, 1)
