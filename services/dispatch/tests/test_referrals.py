"""Non-emergency reports become referrals: a number for the caller, no deadline, no alarm, and an answer to read out."""

from datetime import timedelta
from typing import Any

import pytest
from services.dispatch.tests.dispatch_histories import NOON, REGENCY, Desk, Shown, a_call, a_pack, call_id

from sigap_common.contracts.alarms import AlarmRaised
from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.incidents import IncidentCreated, IncidentForwarded
from sigap_common.contracts.referrals import (
    ReferralAnswered,
    ReferralClosed,
    ReferralOpened,
    ReferralPassedOn,
    ReferralReopened,
)
from sigap_common.core.aggregate import Aggregate
from sigap_common.core.errors import NotAllowed
from sigap_dispatch.domain.commands import Numbered
from sigap_dispatch.domain.referral import Answer, Close, Open, PassOn, Referral, Reopen, Tell, decide, evolve
from sigap_testing.histories import Histories, then

REPORT, EMERGENCY = CallClass.NON_EMERGENCY, CallClass.EMERGENCY
BEGUN = Aggregate(id=call_id(9), regency=REGENCY)


@pytest.fixture
def histories() -> Histories[Referral, Any]:
    return Histories(lambda one, command, now: decide(one, command, now, "ani"), evolve, NOON)


@pytest.fixture
def opened(histories: Histories[Referral, Any]) -> Referral:
    numbered = Numbered("CTH-R-20240219-0001", NOON.date())
    command = Open(numbered, call_id(1), a_call(), None, NOON, "ani")
    return histories.begun(BEGUN, decide(BEGUN, command, NOON).events)


def test_it_is_answered_as_often_as_needed_and_then_closed(
    histories: Histories[Referral, Any], opened: Referral
) -> None:
    then(histories.when(opened, Answer("Kamis"), 5), ReferralAnswered)
    answered = histories.given(opened, (5, Answer("Kamis")), (6, Answer("Jumat")))
    assert [note.text.clear for note in answered.answers] == ["Kamis", "Jumat"]
    then(histories.when(answered, Close("done"), 7), ReferralClosed)
    closed = histories.given(answered, (7, Close("done")))
    for command in (Answer("Sabtu"), Close("done"), PassOn(None, a_pack())):
        with pytest.raises(NotAllowed) as refused:
            histories.when(closed, command, 8)
        assert refused.value.params["state"] == "closed"
    then(histories.when(closed, Close("reclassified"), 8))
    then(histories.when(closed, Reopen(), 8))


def test_it_is_reopened_only_if_the_class_of_its_call_had_ended_it(
    histories: Histories[Referral, Any], opened: Referral
) -> None:
    ended = histories.given(opened, (5, Close("reclassified")))
    then(histories.when(ended, Tell(), 6))
    then(histories.when(ended, Reopen(), 6), ReferralReopened)
    then(histories.when(opened, Reopen(), 6))


def test_it_is_passed_on_to_an_agency_of_the_regency(histories: Histories[Referral, Any], opened: Referral) -> None:
    to = f"{REGENCY}/transport"
    then(histories.when(opened, PassOn(to, a_pack()), 5), ReferralPassedOn)
    passed = histories.given(opened, (5, PassOn(to, a_pack())))
    then(histories.when(passed, PassOn(to, a_pack()), 6))


async def referrals(desk: Desk, role: str = "operator", **query: str) -> list[Shown]:
    bearer = desk.kit.bearer(role, regencies=[REGENCY])
    answer = await desk.kit.client.get("/v1/referrals", params=query, headers=bearer)
    assert answer.status_code == 200, answer.text
    found: list[Shown] = answer.json()["items"]
    return found


async def test_a_report_becomes_a_referral_and_nothing_of_an_emergency(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    [shown] = await referrals(desk, call_id=str(call_id(1)))
    assert (shown["number"], shown["state"], shown["to"]) == ("CTH-R-20240219-0001", "open", None)
    assert (shown["caller_number"], shown["notes"][0]["text"]) == ("+628111222333", "api besar")
    desk.kit.clock.advance(timedelta(days=2).total_seconds())
    assert await desk.incidents() == []
    assert await desk.kit.said(IncidentCreated, IncidentForwarded, AlarmRaised) == []
    assert len(await desk.kit.said(ReferralOpened)) == 1


async def test_numbers_are_of_their_own_series_and_drills_of_another(desk: Desk) -> None:
    await desk.classified(1)
    await desk.classified(2, REPORT, None)
    await desk.classified(3, REPORT, None)
    await desk.classified(4, REPORT, None, drill=True)
    numbers = [one["number"] for one in await referrals(desk)]
    assert sorted(numbers) == ["CTH-LATIHAN-R-20240219-0001", "CTH-R-20240219-0001", "CTH-R-20240219-0002"]
    assert (await desk.incident())["number"] == "CTH-20240219-0001"
    assert [one["drill"] for one in await referrals(desk, drill="true")] == [True]


async def test_the_pack_says_to_whom_reports_go(desk: Desk) -> None:
    await desk.kit.configure(a_pack(complaints={"agency": "transport"}), version=2)
    await desk.classified(1, REPORT, None)
    await desk.kit.configure(a_pack(complaints={"name": "SP4N Kota Contoh"}), version=3)
    await desk.classified(2, REPORT, None)
    found = {one["to"]: one["to_name"] for one in await referrals(desk)}
    assert found == {f"{REGENCY}/transport": "Transport", None: "SP4N Kota Contoh"}
    assert len(await referrals(desk, receiver=f"{REGENCY}/transport")) == 1


async def test_a_report_that_proves_an_emergency_opens_the_incident_and_ends_the_referral(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    desk.kit.clock.advance(5)
    await desk.corrected(1, EMERGENCY, "fire", before=REPORT)
    incident = await desk.incident()
    assert len(incident["forwardings"]) == 3
    [shown] = await referrals(desk)
    assert (shown["state"], shown["closed_how"]) == ("closed", "reclassified")


async def test_an_emergency_that_proves_a_report_opens_a_referral_and_doubts_the_incident(desk: Desk) -> None:
    await desk.classified(1)
    await desk.corrected(1, REPORT, None)
    assert (await desk.incident())["doubted"] is True
    [shown] = await referrals(desk)
    number = shown["number"]
    # Corrected there and back, the caller's number stays the same.
    await desk.corrected(1, EMERGENCY, "fire", before=REPORT)
    await desk.corrected(1, REPORT, None)
    [shown] = await referrals(desk)
    assert (shown["number"], shown["state"], shown["closed_how"]) == (number, "open", None)


async def test_the_same_event_heard_again_opens_no_second_one(desk: Desk) -> None:
    for _ in range(2):
        await desk.classified(1, REPORT, None, event_id=call_id(7))
    await desk.classified(1, REPORT, None)
    assert len(await referrals(desk)) == 1


async def test_nor_does_it_open_again_what_a_person_has_closed(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    [shown] = await referrals(desk)
    assert (await desk.ask("POST", f"/v1/referrals/{shown['id']}/close", None, "operator")).status_code == 200
    await desk.classified(1, REPORT, None)
    await desk.corrected(1, REPORT, None, before=EMERGENCY)
    assert [(one["id"], one["state"]) for one in await referrals(desk)] == [(shown["id"], "closed")]


async def test_what_is_noted_later_reaches_the_referral(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    await desk.noted(1, "tiga malam")
    [shown] = await referrals(desk)
    assert [note["text"] for note in shown["notes"]] == ["api besar", "tiga malam"]


async def test_people_pass_it_on_answer_and_close_it(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    [shown] = await referrals(desk)
    path = f"/v1/referrals/{shown['id']}"
    unknown = await desk.ask("POST", f"{path}/pass-on", {"agency": f"{REGENCY}/nobody"}, "operator")
    assert unknown.json()["errors"][0]["code"] == "agency_unknown"
    passed = await desk.ask("POST", f"{path}/pass-on", {"agency": f"{REGENCY}/transport"}, "operator")
    assert passed.json()["to_name"] == "Transport"
    answered = await desk.ask("POST", f"{path}/answers", {"text": "Diperbaiki Kamis"}, "operator")
    assert (answered.json()["state"], answered.json()["answers"][0]["text"]) == ("answered", "Diperbaiki Kamis")
    assert (await desk.ask("POST", f"{path}/close", None, "operator")).json()["closed_how"] == "done"
    refused = await desk.ask("POST", f"{path}/answers", {"text": "lagi"}, "operator")
    assert (refused.status_code, refused.json()["state"]) == (409, "closed")
    assert await referrals(desk, open="true") == []
    entries = (await desk.ask("GET", f"{path}/timeline")).json()["items"]
    told = [entry["type"].split(".")[1] for entry in entries]
    assert told == ["ReferralOpened", "ReferralPassedOn", "ReferralAnswered", "ReferralClosed"]


async def test_if_two_pass_it_on_at_once_the_second_learns_that_it_changed(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    [shown] = await referrals(desk)
    path = f"/v1/referrals/{shown['id']}"
    seen = {"If-Match": (await desk.ask("GET", path)).headers["etag"]}
    assert seen == {"If-Match": f'"{shown["version"]}"'}
    to = {"agency": f"{REGENCY}/transport"}
    passed = await desk.ask("POST", f"{path}/pass-on", to, "operator", **seen)
    assert (passed.status_code, passed.headers["etag"]) == (200, f'"{passed.json()["version"]}"')
    late = await desk.ask("POST", f"{path}/pass-on", {"agency": f"{REGENCY}/ambulance"}, "operator", **seen)
    assert (late.status_code, late.json()["state"], late.headers["etag"]) == (412, "open", passed.headers["etag"])
    [now] = await referrals(desk)
    assert now["to"] == f"{REGENCY}/transport"


async def test_who_sees_no_personal_data_sees_none_of_a_referral(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    [shown] = await referrals(desk, "admin")
    assert (shown["caller_number"], shown["place"], shown["notes"], shown["opened"]) == (None, None, [], False)
    assert (await desk.ask("POST", f"/v1/referrals/{shown['id']}/close", None, "admin")).status_code == 403


async def test_of_a_protected_call_the_referral_has_nothing_of_the_caller(desk: Desk) -> None:
    await desk.classified(1, REPORT, None, protected=True)
    await desk.noted(1, "rahasia sekali")
    [shown] = await referrals(desk, "supervisor")
    assert shown["protected"] is True
    assert (shown["caller_number"], shown["caller_name"], shown["place"], shown["notes"]) == (None, None, None, [])


async def test_what_is_personal_is_erased_after_its_period_even_if_nobody_closes_it(desk: Desk) -> None:
    await desk.classified(1, REPORT, None)
    [shown] = await referrals(desk)
    await desk.ask("POST", f"/v1/referrals/{shown['id']}/answers", {"text": "Diperbaiki Kamis"})
    desk.kit.clock.advance(timedelta(days=365 * 20).total_seconds())
    await desk.kit.runtime.sweeps.sweep()
    [shown] = await referrals(desk)
    assert (shown["caller_number"], shown["caller_name"]) == (None, None)
    assert "+628111222333" not in await desk.kit.kept()
