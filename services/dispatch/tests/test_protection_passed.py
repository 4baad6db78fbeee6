"""Protection passes to what tells of the same event or caller: merged incidents, suggestions, referrals, transfers."""

from typing import Any
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import (
    HARBOUR,
    MARKET,
    REGENCY,
    Desk,
    History,
    Shown,
    a_pack,
    call_id,
    only,
)
from services.dispatch.tests.test_duplicates import merge

from sigap_common.contracts.calls import CallClass
from sigap_common.contracts.duplicates import DuplicateHidden
from sigap_common.contracts.incidents import ForwardingRevised, IncidentForwarded
from sigap_common.contracts.protection import ProtectionLifted
from sigap_common.contracts.referrals import ReferralProtected
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.protection import LiftProtection, Protect
from sigap_dispatch.use_cases.incidents import meet_deadlines

KDRT = "domestic_violence"
HIDDEN = ("Budi", "8111222333", "Pasar Lama", "api besar")
"""What tells of the caller."""
NEIGHBOUR = "99.02"


def path(incident: Shown, step: str) -> str:
    return f"/v1/incidents/{incident['id']}/{step}"


async def incident(desk: Desk, one: Shown, role: str = "supervisor") -> Shown:
    shown: Shown = (await desk.ask("GET", f"/v1/incidents/{one['id']}", None, role)).json()
    return shown


async def seen_by(desk: Desk, operator: str, one: Shown) -> Shown:
    bearer = desk.kit.bearer("operator", regencies=[REGENCY], subject=operator)
    shown: Shown = (await desk.kit.client.get(f"/v1/incidents/{one['id']}", headers=bearer)).json()
    return shown


async def two(desk: Desk, **told: Any) -> tuple[Shown, Shown]:
    """Two incidents at the market, the older one first."""
    await desk.classified(1)
    await desk.classified(2, place=MARKET, caller_hash="h2", **told)
    second, first = await desk.incidents()
    return first, second


async def retyped(desk: Desk, one: Shown) -> None:
    """It is violence at home after all."""
    headers = {"If-Match": "*"}
    answer = await desk.ask("PATCH", f"/v1/incidents/{one['id']}", {"incident_type": KDRT}, "supervisor", **headers)
    assert answer.status_code == 200, answer.text


def test_a_fact_protects_also_a_closed_incident_and_tells_its_agencies_once(history: History) -> None:
    history.opens("fire")
    revised = only(ForwardingRevised, history.when(Protect()))
    assert [event.content.protected for event in revised] == [True, True]
    assert history.when(Protect()) == []
    assert isinstance(history.when(LiftProtection("keliru"), by="sari")[0], ProtectionLifted)
    assert history.replayed() == history.incident


async def test_what_is_merged_into_a_protected_incident_is_protected_and_stays_so(desk: Desk) -> None:
    first, second = await two(desk, kind=KDRT)
    await merge(desk, first, second, "supervisor")
    assert (await incident(desk, first))["protected"]
    assert (await desk.ask("POST", path(first, "unmerge"), None, "supervisor")).status_code == 200
    assert (await incident(desk, first))["protected"], "only a supervisor lifts it"
    assert (await seen_by(desk, "budi", first))["hidden"]


@pytest.mark.parametrize("which", ["the target", "what was merged"])
async def test_protection_that_begins_after_a_merger_reaches_all_that_were_merged(desk: Desk, which: str) -> None:
    first, second = await two(desk)
    await desk.classified(3, place=HARBOUR, caller_hash="h3")
    third = (await desk.incidents())[0]
    await merge(desk, first, second, "supervisor")
    await merge(desk, second, third, "supervisor")
    if which == "the target":
        await retyped(desk, third)
    else:
        await desk.corrected(1, kind=KDRT)
    assert [(await incident(desk, one))["protected"] for one in (first, second, third)] == [True] * 3


async def test_a_merger_with_a_protected_incident_reaches_what_was_merged_before(desk: Desk) -> None:
    first, second = await two(desk)
    await merge(desk, first, second, "supervisor")
    await desk.classified(3, kind=KDRT, place=HARBOUR, caller_hash="h3")
    third = (await desk.incidents())[0]
    await merge(desk, third, second, "supervisor")
    assert [(await incident(desk, one))["protected"] for one in (first, second)] == [True, True]


async def test_the_people_of_a_merged_incident_see_what_it_is_now(desk: Desk) -> None:
    await desk.classified(1, kind=KDRT, answered_by="ani")
    await desk.classified(2, kind=KDRT, place=HARBOUR, answered_by="budi", caller_hash="h2")
    second, first = await desk.incidents()
    await merge(desk, first, second, "supervisor")
    assert not (await seen_by(desk, "ani", second))["hidden"]


async def test_a_further_incident_of_its_call_is_protected_too(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    further = {"regency": REGENCY, "source": "call", "call_id": str(call_id(1)), "incident_type": "fire_small"}
    opened = (await desk.ask("POST", "/v1/incidents", further)).json()
    await retyped(desk, first)
    assert (await incident(desk, opened))["protected"]


async def test_the_first_incident_of_the_call_of_a_protected_further_one_is_protected_too(desk: Desk) -> None:
    await desk.classified(1)
    first = await desk.incident()
    further = {"regency": REGENCY, "source": "call", "call_id": str(call_id(1)), "incident_type": KDRT}
    assert (await desk.ask("POST", "/v1/incidents", further)).status_code == 201
    assert (await seen_by(desk, "budi", first))["hidden"], "it shows the same caller"


async def separated(desk: Desk, first: Shown, n: int, kind: str | None = KDRT) -> Shown:
    """Its report by call n gets an incident of its own."""
    body = {"incident_type": kind}
    answer = await desk.ask("POST", path(first, f"reports/{call_id(n)}/own-incident"), body, "supervisor")
    assert answer.status_code == 200, answer.text
    shown: Shown = answer.json()
    return shown


@pytest.mark.parametrize("when", ["at once", "later"])
async def test_the_words_of_a_report_that_becomes_a_protected_incident_stay_hidden_where_they_were_said(
    desk: Desk, when: str
) -> None:
    first, second = await two(desk)
    await desk.classified(3, same=UUID(first["id"]), caller_hash="h3", number=Sealed("+62899"))
    await merge(desk, first, second, "supervisor")
    own = await separated(desk, second, 3, KDRT if when == "at once" else "medical")
    if when == "later":
        assert not (await incident(desk, first))["protected"]
        await retyped(desk, own)
    assert [(await incident(desk, one))["protected"] for one in (first, second, own)] == [True] * 3


@pytest.mark.parametrize("when", ["at once", "corrected", "corrected after a dispatcher decided the type"])
async def test_a_report_of_a_protected_type_protects_the_incident_that_has_its_words(desk: Desk, when: str) -> None:
    await desk.classified(1)
    first = await desk.incident()
    if when == "at once":
        await desk.classified(2, kind=KDRT, same=UUID(first["id"]))
    elif when == "corrected":
        await desk.classified(2, same=UUID(first["id"]))
        await desk.corrected(2, kind=KDRT)
    else:
        later = desk.now
        desk.kit.clock.advance(60)
        headers = {"If-Match": "*"}
        body = {"incident_type": "medical"}
        await desk.ask("PATCH", f"/v1/incidents/{first['id']}", body, "dispatcher", **headers)
        desk.kit.clock.advance(-60)
        assert desk.now == later
        await desk.corrected(1, kind=KDRT)
    shown = await incident(desk, first)
    assert (shown["protected"], shown["incident_type"]) == (True, "medical" if when.endswith("type") else "fire")


async def test_the_words_of_a_merged_incident_leave_with_it_and_are_hidden_where_they_were(desk: Desk) -> None:
    first, second = await two(desk)
    await merge(desk, first, second, "supervisor")
    await desk.noted(1, "suami saya di rumah")
    await desk.located(1, HARBOUR)
    await desk.noted(2, "asap tebal")
    for note in ("api besar", "suami saya di rumah"):
        assert note in str((await incident(desk, second))["notes"])
    assert (await desk.ask("POST", path(first, "unmerge"), None, "supervisor")).status_code == 200
    shown = await incident(desk, second)
    listed = (await desk.ask("GET", path(second, "notes"), None, "supervisor")).json()["items"]
    assert sorted(one["text"] for one in shown["notes"]) == sorted(one["text"] for one in listed)
    assert "suami" not in str(listed)
    assert "Pelabuhan" not in str(listed)
    assert "asap tebal" in str(listed)
    told = [one.event for one in await desk.kit.said(ForwardingRevised) if one.envelope.subject == second["id"]]
    assert "suami" not in str([note.text.clear for note in told[-1].content.notes])
    await retyped(desk, first)
    assert (await incident(desk, second))["protected"], "its timeline has the words"


async def test_a_transferred_incident_is_protected_on_both_sides(desk: Desk) -> None:
    await desk.kit.configure(a_pack(code=NEIGHBOUR, name="Kota Tetangga", prefix="TTG"))
    await desk.classified(1)
    sent = await desk.incident()
    await desk.ask("POST", path(sent, "transfers"), {"to": NEIGHBOUR})
    there = desk.kit.bearer("supervisor", regencies=[NEIGHBOUR])
    [offer] = (await desk.kit.client.get("/v1/transfers", headers=there)).json()["items"]
    received = (await desk.kit.client.post(f"/v1/transfers/{offer['id']}/accept", headers=there)).json()
    assert not received["protected"]
    await retyped(desk, sent)
    shown = (await desk.kit.client.get(f"/v1/incidents/{received['id']}", headers=there)).json()
    assert shown["protected"]


async def offers_of_a_protected(desk: Desk) -> Shown:
    await desk.kit.configure(a_pack(code=NEIGHBOUR, name="Kota Tetangga", prefix="TTG"))
    await desk.classified(1, kind=KDRT)
    sent = await desk.incident()
    offered = {"to": NEIGHBOUR, "message": "ibu dan anak, Gang Kenanga"}
    answer = await desk.ask("POST", path(sent, "transfers"), offered, "supervisor")
    assert answer.status_code == 201, answer.text
    shown: Shown = answer.json()
    return shown


async def listed(desk: Desk, role: str, regency: str) -> Shown:
    bearer = desk.kit.bearer(role, regencies=[regency], subject=f"{role} {regency}")
    [offer] = (await desk.kit.client.get("/v1/transfers", headers=bearer)).json()["items"]
    found: Shown = offer
    return found


async def test_an_offer_of_a_protected_incident_names_no_number_to_whom_it_does_not_concern(desk: Desk) -> None:
    sent = await offers_of_a_protected(desk)
    colleague = await listed(desk, "operator", REGENCY)
    assert (colleague["sent_number"], colleague["message"], colleague["number"]) == (None, None, None)
    assert (await listed(desk, "supervisor", REGENCY))["sent_number"] == sent["number"]
    receiver = await listed(desk, "operator", NEIGHBOUR)
    assert (receiver["sent_number"], receiver["message"]) == (None, "ibu dan anak, Gang Kenanga")
    assert (await listed(desk, "supervisor", NEIGHBOUR))["sent_number"] is None


async def test_the_suggestion_of_an_incident_that_becomes_protected_ends_and_its_number_is_shown_no_more(
    desk: Desk,
) -> None:
    first, second = await two(desk)
    assert [one["other"] for one in second["suggestions"]] == [first["id"]]
    await retyped(desk, first)
    shown = await incident(desk, second, "operator")
    assert shown["suggestions"] == []
    assert len(shown["forwardings"]) == 3, "agencies that waited for an answer are told"
    bearer = desk.kit.bearer("operator", regencies=[REGENCY], subject="budi")
    timeline = (await desk.kit.client.get(path(second, "timeline"), headers=bearer)).json()["items"]
    assert first["number"] not in str(timeline)
    assert "0 m" not in str([entry["event"] for entry in timeline])
    assert "near" not in str([entry["event"].get("reasons") for entry in timeline])
    assert "kejadian yang kini terlindungi" in str(timeline)
    assert first["number"] in str((await desk.ask("GET", path(second, "timeline"), None, "supervisor")).json())


async def test_agencies_that_were_told_its_number_are_told_without_it(desk: Desk) -> None:
    first, second = await two(desk)
    desk.kit.clock.advance(9)
    async with desk.kit.runtime.transaction() as tx:
        await meet_deadlines(tx, [UUID(second["id"])])
    told = [one.event for one in await desk.kit.said(IncidentForwarded)]
    assert first["number"] in {event.content.possibly_same_as for event in told}
    await retyped(desk, first)
    assert (await incident(desk, second))["possibly_same_as"] is None
    mine = [one for one in await desk.kit.said(ForwardingRevised) if one.envelope.subject == second["id"]]
    assert [one.event.content.possibly_same_as for one in mine] == [None, None, None]
    assert len(await desk.kit.said(DuplicateHidden)) == 1


async def test_a_merger_settles_what_agencies_were_told_of_a_possible_duplicate(desk: Desk) -> None:
    first, second = await two(desk)
    desk.kit.clock.advance(9)
    async with desk.kit.runtime.transaction() as tx:
        await meet_deadlines(tx, [UUID(second["id"])])
    assert (await incident(desk, second))["possibly_same_as"] == first["number"]
    await merge(desk, first, second, "supervisor")
    assert (await incident(desk, second))["possibly_same_as"] is None


async def referral(desk: Desk) -> Shown:
    [found] = (await desk.ask("GET", "/v1/referrals", None, "operator")).json()["items"]
    shown: Shown = found
    return shown


@pytest.mark.parametrize("how", ["corrected", "retyped later", "protected call"])
async def test_the_referral_of_a_call_that_becomes_protected_shows_nothing_of_its_caller(desk: Desk, how: str) -> None:
    await desk.classified(1, CallClass.NON_EMERGENCY, None)
    opened = await referral(desk)
    assert "Budi" in str(opened)
    kind = "fire" if how == "retyped later" else KDRT
    await desk.corrected(1, kind=kind, before=CallClass.NON_EMERGENCY, protected=how == "protected call")
    if how == "retyped later":
        [opened_incident] = (await desk.ask("GET", "/v1/incidents", None, "supervisor")).json()["items"]
        await retyped(desk, opened_incident)
    shown = await referral(desk)
    timeline = (await desk.ask("GET", f"/v1/referrals/{shown['id']}/timeline", None, "operator")).json()
    for hidden in HIDDEN:
        assert hidden not in str(shown)
        assert hidden not in str(timeline)
    assert shown["protected"]
    assert len(await desk.kit.said(ReferralProtected)) == 1
    supervisors = (await desk.ask("GET", f"/v1/referrals/{shown['id']}/timeline", None, "supervisor")).json()
    assert "Budi" in str(supervisors)
