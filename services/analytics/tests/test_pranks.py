"""Histories of screened calls, and of the figures that say what a measure against pranks costs."""

from typing import Any
from uuid import UUID

import pytest

from .conftest import Ask, History, Tell

BLOCKED: dict[str, Any] = {"block_id": UUID(int=7), "block_rule": "3-in-7d-24h-supervisor"}


async def test_screened_calls_are_in_the_funnel(history: History, tell: Tell, ask: Ask) -> None:
    screened = history.call("10:00:00", **BLOCKED)
    history.screen(screened, "10:00:00", 20)
    history.call("10:01:00", answered=3, call_class="prank")
    await tell(history)
    (row,) = await ask("calls")
    assert row["parts"] == {"received": 2, "screened": 1, "answered": 1, "prank": 1}
    assert (await ask("abandonment_time"))[0]["denominator"] == 0


async def test_for_each_rule_it_is_known_how_many_calls_of_blocked_numbers_were_genuine(
    history: History, tell: Tell, ask: Ask
) -> None:
    history.call("09:00:00", answered=3, call_class="emergency")
    history.call("10:00:00", answered=3, call_class="emergency", **BLOCKED)
    history.call("10:01:00", answered=3, call_class="prank", **BLOCKED)
    history.screen(history.call("10:02:00", **BLOCKED), "10:02:00", 30)
    automatic: dict[str, Any] = {"block_id": UUID(int=8), "block_rule": "2-in-3d-48h-automatic"}
    history.call("10:03:00", answered=3, call_class="information", **automatic)
    await tell(history)
    (row,) = await ask("blocked_genuine")
    assert (row["numerator"], row["denominator"]) == (2, 4)
    assert row["parts"] == {"emergency": 1, "prank": 1, "screened": 1, "information": 1}
    by_rule = {row["group"]: row["value"] for row in await ask("blocked_genuine", group="rule")}
    assert by_rule == {"3-in-7d-24h-supervisor": pytest.approx(1 / 3), "2-in-3d-48h-automatic": 1}


async def test_pranks_are_a_share_of_the_classified(history: History, tell: Tell, ask: Ask) -> None:
    for call_class in ("prank", "prank", "emergency", None):
        history.call("10:00:00", answered=3, call_class=call_class)
    history.call("10:00:00")
    await tell(history)
    (row,) = await ask("pranks")
    assert (row["numerator"], row["denominator"]) == (2, 3)
