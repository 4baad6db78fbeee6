"""Figures of referrals: a unit of their own, and in no figure of incidents."""

from random import Random
from typing import Any, Literal
from uuid import UUID, uuid4

import pytest

from sigap_common.contracts.referrals import ReferralAnswered, ReferralClosed, ReferralOpened, ReferralReopened
from sigap_common.personal_data import Sealed

from .conftest import Ask, History, Tell, share


def stamp(history: History, at: str) -> dict[str, Any]:
    return {"at": history.moment(at), "recorded_at": history.moment(at)}


def opened(history: History, at: str) -> UUID:
    referral = uuid4()
    told = {"number": "BKL-R-20240219-0001", "day": history.moment(at).date(), "call_id": uuid4(), "to": None}
    history.say(ReferralOpened(**stamp(history, at), **told, received_at=history.moment(at)), referral)
    return referral


def answered(history: History, referral: UUID, at: str) -> UUID:
    history.say(ReferralAnswered(**stamp(history, at), text=Sealed("Kamis")), referral)
    return referral


def closed(history: History, referral: UUID, at: str, how: Literal["done", "reclassified"]) -> UUID:
    history.say(ReferralClosed(**stamp(history, at), how=how), referral)
    return referral


@pytest.mark.parametrize("shuffled", [None, Random(7)])
async def test_referrals_by_what_became_of_them(
    history: History, tell: Tell, ask: Ask, shuffled: Random | None
) -> None:
    opened(history, "10:00:00")
    answered(history, opened(history, "10:01:00"), "11:00:00")
    closed(history, answered(history, opened(history, "10:02:00"), "11:00:00"), "12:00:00", "done")
    closed(history, opened(history, "10:03:00"), "10:04:00", "reclassified")
    again = closed(history, opened(history, "10:05:00"), "10:06:00", "reclassified")
    history.say(ReferralReopened(**stamp(history, "10:07:00")), again)
    await tell(history, shuffled=shuffled)
    (whole,) = await ask("referrals")
    assert share(whole) == (4, 4)
    assert whole["parts"] == {"open": 2, "answered": 1, "done": 1}
    (incidents,) = await ask("incidents")
    assert share(incidents) == (0, 0)
