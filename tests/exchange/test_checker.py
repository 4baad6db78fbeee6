"""The checker of `make exchange` sees each kind of fault."""

from datetime import UTC, datetime
from typing import Any

import pytest
from tests.exchange.checker import compare
from tests.exchange.sip import KINDS, SHARES, SipCall, numbers_of

BEGAN = 1_700_000_000.0
TOLD = [
    SipCall("a", KINDS["caller_hangs_up"], "+62812", {"invited": 0, "answered": 1, "ending": 2, "over": 3}),
    SipCall("b", KINDS["caller_gives_up"], "+62813", {"invited": 0, "ending": 1, "over": 2}),
    SipCall("c", KINDS["busy"], "+62815", {"invited": 0, "over": 1}),
    SipCall("d", KINDS["caller_hangs_up"], None, {"invited": 0, "answered": 1, "ending": 2, "over": 3}),
]
RIGHT: list[dict[str, Any]] = [
    {"exchange_id": "a", "state": "ended", "ended_by": "caller", "number": "+62812", "received_at": 0.1}
    | {"answered_at": 0.9, "ended_at": 2.1},
    {"exchange_id": "b", "state": "abandoned", "ended_by": "caller", "number": "+62813", "received_at": 0.1}
    | {"answered_at": None, "ended_at": 1.5},
    {"exchange_id": "c", "state": "abandoned", "ended_by": "exchange", "number": "+62815", "received_at": 0.1}
    | {"answered_at": None, "ended_at": 0.2},
    {"exchange_id": "d", "state": "ended", "ended_by": "caller", "number": None, "received_at": 0.1}
    | {"answered_at": 0.9, "ended_at": 2.1},
]


def told() -> list[SipCall]:
    return [SipCall(call.id, call.kind, call.number, {k: BEGAN + at for k, at in call.at.items()}) for call in TOLD]


def there(**changed: Any) -> list[dict[str, Any]]:
    """What intake says of the calls; of the first one with these fields instead."""
    calls = [RIGHT[0] | changed, *RIGHT[1:]]
    return [_as_said(call) for call in calls]


def _as_said(call: dict[str, Any]) -> dict[str, Any]:
    times = {name: _moment(call[name]) for name in ("received_at", "answered_at", "ended_at")}
    complaints: list[dict[str, str]] = [{"code": "number_placeholder"}] if call["number"] is None else []
    return {"complaints": complaints, **call, **times}


def _moment(seconds: float | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(BEGAN + seconds, UTC).isoformat()


def test_the_right_calls_are_right() -> None:
    assert compare(told(), there()) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"state": "answered"},
        {"ended_by": "exchange"},
        {"number": "+62899"},
        {"complaints": [{"code": "exchange_id_reused"}]},
        {"received_at": -1.0},
        {"received_at": 1.5},
        {"answered_at": 1.5},
        {"answered_at": None},
        {"ended_at": 1.5},
        {"ended_at": 3.5},
    ],
)
def test_a_wrong_call_is_seen(changed: dict[str, Any]) -> None:
    (wrong,) = compare(told(), there(**changed))
    assert wrong.startswith("a: ")


def test_lost_double_and_strange_calls_are_seen() -> None:
    assert compare(told(), there()[1:]) == ["a (caller_hangs_up) is lost"]
    assert compare(told(), [*there(), there()[0]]) == ["a is there 2 times"]
    assert compare(told(), [*there(), _as_said(RIGHT[0] | {"exchange_id": "x"})]) == ["x is there, and nobody called"]


def test_the_calls_are_of_all_kinds_and_each_number_is_used_once() -> None:
    assert SHARES.keys() == KINDS.keys()
    assert sum(SHARES.values()) == 1
    numbers = [number for kind in KINDS.values() for number in numbers_of(kind, 100) if number.isdigit()]
    assert len(numbers) == len(set(numbers)) == 390
