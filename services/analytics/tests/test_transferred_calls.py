"""A call that another regency handed over counts there, and here only as received by transfer."""

from random import Random
from uuid import uuid4

import pytest

from sigap_common.contracts.call_transfers import TransferredFrom
from sigap_common.contracts.calls import CallClass, CallClassified, CallReceived, CallSnapshot, Channel

from .conftest import Ask, History, Tell, share


def taken_on(history: History, at: str, call_class: CallClass | None) -> None:
    came_from = TransferredFrom(transfer_id=uuid4(), regency="18.72", call_id=uuid4(), answered_at=history.moment(at))
    moment, call = {"at": history.moment(at), "recorded_at": history.moment(at)}, uuid4()
    history.say(CallReceived(**moment, channel=Channel.TELEPHONE, transferred_from=came_from), call)
    if call_class is not None:
        snapshot = CallSnapshot(channel=Channel.TELEPHONE, received_at=history.moment(at), transferred_from=came_from)
        history.say(CallClassified(**moment, call_class=call_class, call=snapshot), call)


@pytest.mark.parametrize("shuffled", [None, Random(7)])
async def test_by_what_they_were(history: History, tell: Tell, ask: Ask, shuffled: Random | None) -> None:
    taken_on(history, "10:00:00", CallClass.EMERGENCY)
    taken_on(history, "10:01:00", CallClass.EMERGENCY)
    taken_on(history, "10:02:00", None)
    await tell(history, shuffled=shuffled)
    (whole,) = await ask("calls_received_by_transfer")
    assert share(whole) == (3, 3)
    assert whole["parts"] == {"emergency": 2, "not_classified": 1}
    for figure in ("calls", "answer_time"):
        (other,) = await ask(figure)
        assert share(other) == (0, 0)
