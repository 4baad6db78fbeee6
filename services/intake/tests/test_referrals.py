"""Whoever calls again is told the answer to the report: the first look shows the number's referrals."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from sigap_common.contracts.referrals import (
    ReferralAnswered,
    ReferralClosed,
    ReferralOpened,
    ReferralPassedOn,
    ReferralReopened,
)
from sigap_common.personal_data import Sealed
from sigap_common.regency import Retention
from sigap_intake.models.referrals import referrals
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk, a_pack, incident_created

NUMBER = "+6281234567890"


class Report:
    """A referral of NUMBER in 99.01, as dispatch tells of it."""

    def __init__(self, kit: Kit, number: str = NUMBER, **told: Any) -> None:
        self.kit, self.id = kit, uuid4()
        self._opened = {
            "number": "BKL-R-20240219-0007",
            "day": kit.clock().date(),
            "call_id": uuid4(),
            "to": None,
            "received_at": kit.clock(),
            "caller_hash": kit.runtime.ring.lookup(number),
        } | told

    async def tell(self, kind: type[Any], *, drill: bool = False, **told: Any) -> None:
        now = self.kit.clock()
        about = self._opened if kind is ReferralOpened else {}
        event = kind(at=now, recorded_at=now, **about, **told)
        await self.kit.hear(event, subject=str(self.id), regency="99.01", drill=drill)


async def known(arrive: Arrive, desk: Desk, number: str = NUMBER, **told: Any) -> list[dict[str, Any]]:
    """What the first look shows of a new call of that number."""
    call = await arrive(number=number, **told)
    answer = await desk("GET", f"/v1/calls/{call['id']}/first-look")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["referrals"]
    return found


async def test_whoever_calls_again_is_told_the_answer(kit: Kit, arrive: Arrive, desk: Desk) -> None:
    report = Report(kit)
    await report.tell(ReferralOpened)
    await report.tell(ReferralPassedOn, to="99.01/pu")
    await report.tell(ReferralAnswered, text=Sealed("Diperbaiki Kamis"))
    [shown] = await known(arrive, desk)
    assert (shown["number"], shown["to"], shown["is_open"]) == ("BKL-R-20240219-0007", "99.01/pu", True)
    assert shown["answer"] == "Diperbaiki Kamis"
    await report.tell(ReferralClosed, how="done")
    assert [one["is_open"] for one in await known(arrive, desk)] == [False]
    await report.tell(ReferralReopened)
    assert [one["is_open"] for one in await known(arrive, desk)] == [True]


async def test_the_answer_lies_sealed(kit: Kit) -> None:
    report = Report(kit)
    await report.tell(ReferralOpened)
    await report.tell(ReferralAnswered, text=Sealed("Diperbaiki Kamis"))
    async with kit.runtime.database.read() as connection:
        row = (await connection.execute(select(referrals))).one()
    assert row.answer
    assert "Kamis" not in row.answer


async def test_only_the_number_itself_is_told(kit: Kit, arrive: Arrive, desk: Desk) -> None:
    await Report(kit).tell(ReferralOpened)
    assert await known(arrive, desk, "+6281111111112") == []
    assert await known(arrive, desk, drill=True) == []
    assert len(await known(arrive, desk)) == 1


async def test_the_newest_five_come_first(kit: Kit, arrive: Arrive, desk: Desk) -> None:
    for n in range(7):
        await Report(kit, number=NUMBER).tell(ReferralOpened)
        kit.clock.advance(n + 1)
    moments = [one["opened_at"] for one in await known(arrive, desk)]
    assert len(moments) == 5
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("told", [{"protected": True}, {"caller_hash": None}])
async def test_of_a_protected_call_or_without_a_number_nothing_is_kept(kit: Kit, told: dict[str, Any]) -> None:
    report = Report(kit)
    report._opened |= told
    await report.tell(ReferralOpened)
    await report.tell(ReferralAnswered, text=Sealed("Diperbaiki Kamis"))
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(referrals))).all() == []


async def test_a_number_with_a_protected_incident_shows_no_referral(kit: Kit, arrive: Arrive, desk: Desk) -> None:
    await Report(kit).tell(ReferralOpened)
    created = incident_created(kit, caller_hash=kit.runtime.ring.lookup(NUMBER), protected=True)
    await kit.hear(created, subject=str(uuid4()), regency="99.01")
    call = await arrive(number=NUMBER)
    assert (await desk("GET", f"/v1/calls/{call['id']}/first-look")).status_code == 403
    await desk("POST", f"/v1/calls/{call['id']}/answer")
    seen = await desk("GET", f"/v1/calls/{call['id']}/first-look")
    assert (seen.status_code, seen.json()["referrals"]) == (200, [])


@pytest.mark.parametrize(("calls_days", "days", "left"), [(365, 89, 1), (365, 91, 0), (30, 29, 1), (30, 31, 0)])
async def test_it_is_forgotten_after_90_days_or_with_the_calls(kit: Kit, calls_days: int, days: int, left: int) -> None:
    kept = Retention(calls_days=calls_days, positions_days=30)
    await kit.configure(a_pack("99.01", 100, retention=kept.model_dump()), version=2)
    await Report(kit).tell(ReferralOpened)
    kit.clock.advance(timedelta(days=days).total_seconds())
    await kit.runtime.sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        assert len((await connection.execute(select(referrals))).all()) == left
