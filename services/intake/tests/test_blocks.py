"""From pranks to a block, and what a blocked caller meets: screened, and never lost."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from sqlalchemy import select

from sigap_common.auth import Access, Role
from sigap_common.contracts.alarms import AlarmCleared, AlarmRaised
from sigap_common.contracts.blocks import BlockDossierMade, BlockLifted, BlockProposed
from sigap_common.contracts.calls import CallReceived, CallScreened, CallScreeningEnded
from sigap_common.contracts.incidents import IncidentCreated, Source
from sigap_common.contracts.places import Place
from sigap_common.messaging.visibility import Policy
from sigap_common.personal_data import Sealed
from sigap_common.regency import Pack
from sigap_intake.domain import TelephoneEvent, Told
from sigap_intake.domain.block_decisions import Lift
from sigap_intake.domain.block_decisions import decide as decide_block
from sigap_intake.main import service
from sigap_intake.models.blocks import prank_scores
from sigap_intake.repository import IntakeTransaction
from sigap_intake.repository.blocks import refresh
from sigap_intake.use_cases import blocks as block_use_cases
from sigap_intake.use_cases import deadlines, dropped_calls
from sigap_intake.use_cases.exchanges import Heard, hear
from sigap_intake.visibility.calls import POLICY
from sigap_intake.visibility.room import ROOM_POLICY
from sigap_testing.kit import Kit, another_process
from sigap_testing.messages import message_of
from sigap_testing.statements import statements

from .conftest import Arrive, Desk

A_pack = Callable[..., Pack]

NUMBER, OTHER = "+628111222333", "+628111222444"
RULE = {"pranks": 3, "within_days": 7}
HERE = {"lat": 0.1, "lon": 100.1}
HOUR = 3600.0
WHY = {"reason": "sudah diperingatkan"}


@pytest.fixture
async def ruled(kit: Kit, pack: A_pack) -> Kit:
    """99.01 has a rule against pranks."""
    await kit.configure(pack("99.01", 100, blocking=RULE), version=2)
    return kit


@pytest.fixture
def classified(desk: Desk, arrive: Arrive, ruled: Kit) -> Arrive:
    """A call that somebody answered and classified, a minute after the one before."""

    async def take(call_class: str = "prank", number: str | None = NUMBER, **told: Any) -> dict[str, Any]:
        said = {name: told.pop(name) for name in ("incident_type",) if name in told}
        call = await arrive("supervisor", **({"number": number} if number else {}), **told)
        at = {"at": told["received_at"]} if "received_at" in told else {}
        path = f"/v1/calls/{call['id']}"
        assert (await desk("POST", f"{path}/answer", at, "supervisor")).status_code == 200
        body = {"call_class": call_class, **said, **at}
        answer = await desk("POST", f"{path}/classification", body, "supervisor")
        assert answer.status_code == 200, answer.text
        ruled.clock.advance(60)
        found: dict[str, Any] = answer.json()
        return found

    return take


@pytest.fixture
def listed(desk: Desk) -> Callable[..., Awaitable[list[dict[str, Any]]]]:
    async def read(**wanted: str) -> list[dict[str, Any]]:
        query = "&".join(f"{name}={value}" for name, value in wanted.items())
        answer = await desk("GET", f"/v1/blocks?{query}", None, "supervisor")
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["items"]
        return found

    return read


@pytest.fixture
async def proposed(classified: Arrive, listed: Any) -> dict[str, Any]:
    for _ in range(3):
        await classified()
    [block] = await listed(state="proposed")
    return dict(block)


@pytest.fixture
async def blocked(proposed: dict[str, Any], decide: Desk) -> dict[str, Any]:
    return dict((await decide(proposed, "approval")).json())


@pytest.fixture
def decide(desk: Desk) -> Desk:
    async def step(block: dict[str, Any], name: str, role: str = "supervisor", /, **body: Any) -> httpx.Response:
        return await desk("POST", f"/v1/blocks/{block['id']}/{name}", body or WHY, role)

    return step


@pytest.fixture
def ring(desk: Desk) -> Arrive:
    """The exchange tells of a call and waits for the answer."""

    async def call(number: str | None = NUMBER, **told: Any) -> dict[str, Any]:
        body = {"regency": "99.01", "channel": "telephone", **({"number": number} if number else {}), **told}
        answer = await desk("POST", "/v1/calls", body, "cti")
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return call


async def queue(desk: Desk) -> list[str]:
    return [one["id"] for one in (await desk("GET", "/v1/queue")).json()["items"]]


def an_incident(
    kit: Kit, call_id: UUID | None = None, caller_hash: str | None = None, **beside: Any
) -> IncidentCreated:
    now = kit.clock()
    told: dict[str, Any] = {
        "at": now,
        "recorded_at": now,
        "number": "T-1",
        "day": now.date(),
        "started_at": now,
        "incident_type": "fire",
        "priority": 1,
        "source": Source.CALL,
        "protected": False,
        "call_id": call_id,
        "caller_hash": caller_hash,
        "place": None,
        "answered_at": now,
    }
    return IncidentCreated(**told | beside)


# --- the proposal


async def test_three_pranks_propose_a_block(proposed: dict[str, Any], kit: Kit) -> None:
    assert (proposed["state"], proposed["number"], len(proposed["facts"])) == ("proposed", NUMBER, 3)
    assert proposed["rule"] == {"pranks": 3, "within_days": 7, "hours": 24, "approval": "supervisor"}
    assert 2.9 < proposed["score"] <= 3
    [heard] = await kit.said(BlockProposed)
    assert (heard.envelope.subject, heard.event.by) == (proposed["id"], None)


async def test_a_fourth_prank_proposes_no_second_block(
    proposed: dict[str, Any], classified: Arrive, listed: Any
) -> None:
    await classified()
    assert [one["id"] for one in await listed()] == [proposed["id"]]


@pytest.mark.parametrize(
    "told", [{"number": None}, {"drill": True}, {"backfilled": True, "received_at": "2024-02-18T03:00:00Z"}]
)
async def test_no_number_a_drill_or_a_late_entry_has_no_score(
    classified: Arrive, listed: Any, kit: Kit, told: dict[str, Any]
) -> None:
    for _ in range(4):
        await classified(**told)
    assert await listed() == []
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(prank_scores))).all() == []


async def test_without_a_rule_there_is_no_score(desk: Desk, classified: Arrive, kit: Kit, pack: A_pack) -> None:
    await kit.configure(pack("99.01", 100), version=3)
    for _ in range(4):
        await classified()
    async with kit.runtime.database.read() as connection:
        assert (await connection.execute(select(prank_scores))).all() == []


async def test_other_classes_and_other_numbers_propose_nothing(classified: Arrive, listed: Any) -> None:
    for call_class in ("prank", "prank", "information", "wrong_number"):
        await classified(call_class)
    await classified(number=OTHER)
    assert await listed() == []


async def test_two_pranks_that_are_classified_at_once_propose_one_block(
    desk: Desk, arrive: Arrive, classified: Arrive, listed: Any
) -> None:
    for _ in range(2):
        await classified()
    waiting = [await arrive(number=NUMBER) for _ in range(4)]
    for call in waiting:
        assert (await desk("POST", f"/v1/calls/{call['id']}/answer", {})).status_code == 200
    body = {"call_class": "prank"}
    asked = [desk("POST", f"/v1/calls/{call['id']}/classification", body) for call in waiting]
    assert [answer.status_code for answer in await asyncio.gather(*asked)] == [200] * 4
    assert [one["state"] for one in await listed()] == ["proposed"]


async def test_a_corrected_prank_takes_its_proposal_with_it(
    classified: Arrive, desk: Desk, listed: Any, decide: Desk
) -> None:
    first = await classified()
    for _ in range(2):
        await classified()
    body = {"call_class": "emergency", "incident_type": "fire", "reason": "benar kebakaran"}
    corrected = await desk("POST", f"/v1/calls/{first['id']}/classification", body)
    assert corrected.status_code == 200
    [block] = await listed()
    assert (block["state"], block["doubts"][0]["why"], block["doubts"][0]["call_id"]) == (
        "lapsed",
        "fact_corrected",
        first["id"],
    )
    late = await decide(block, "approval")
    assert (late.status_code, late.json()["state"]) == (409, "lapsed")


async def test_what_a_person_refused_is_not_proposed_again_by_the_same_facts(
    proposed: dict[str, Any], decide: Desk, classified: Arrive, listed: Any, kit: Kit
) -> None:
    assert (await decide(proposed, "refusal")).json()["state"] == "refused"
    kit.clock.advance(1)
    for _ in range(2):
        await classified()
    assert [one["state"] for one in await listed()] == ["refused"]
    await classified()
    assert [one["state"] for one in await listed()] == ["proposed", "refused"]
    assert [one["state"] for one in await listed(open="true")] == ["proposed"]
    assert [one["state"] for one in await listed(open="false")] == ["refused"]


async def test_a_number_with_a_protected_call_has_no_score_and_no_block(
    classified: Arrive, listed: Any, kit: Kit, ring: Arrive
) -> None:
    for _ in range(2):
        await classified()
    hashed = kit.runtime.ring.lookup(NUMBER)
    created = an_incident(kit, uuid4(), hashed, protected=True)
    await kit.hear(created, subject=str(uuid4()), regency="99.01")
    await classified()
    assert await listed() == []
    async with kit.runtime.database.read() as connection:
        [row] = (await connection.execute(select(prank_scores))).all()
    assert (row.score, row.lowers_until) == (0, None)
    assert (await ring())["lowered_by_seconds"] == 0


# --- who decides


async def test_two_supervisors_who_decide_at_once_both_get_a_sensible_answer(
    proposed: dict[str, Any], desk: Desk, listed: Any
) -> None:
    path = f"/v1/blocks/{proposed['id']}"
    answers = await asyncio.gather(
        desk("POST", f"{path}/approval", WHY, "supervisor", subject="siti"),
        desk("POST", f"{path}/refusal", WHY, "supervisor", subject="budi"),
    )
    first, second = sorted(answers, key=lambda answer: answer.status_code)
    assert (first.status_code, second.status_code) == (200, 409)
    assert second.json()["decided_by"] == first.json()["decided_by"]
    assert [one["state"] for one in await listed()] == [first.json()["state"]]


@pytest.mark.parametrize("name", ["approval", "refusal", "review", "lifting"])
@pytest.mark.parametrize("role", ["operator", "dispatcher", "admin", "cti"])
async def test_only_supervisors_decide(proposed: dict[str, Any], decide: Desk, role: str, name: str) -> None:
    assert (await decide(proposed, name, role)).status_code == 403


async def test_an_admin_sees_no_number_and_other_roles_no_block(proposed: dict[str, Any], desk: Desk) -> None:
    [seen] = (await desk("GET", "/v1/blocks", None, "admin")).json()["items"]
    assert (seen["number"], seen["opened"], seen["facts"]) == (None, False, proposed["facts"])
    assert (await desk("GET", "/v1/blocks", None, "operator")).status_code == 403
    foreign = await desk("GET", f"/v1/blocks/{proposed['id']}", None, "supervisor", regencies=("99.02",))
    assert foreign.status_code == 404


async def test_a_block_that_ends_before_it_begins_is_refused(proposed: dict[str, Any], decide: Desk, kit: Kit) -> None:
    ends_at = (kit.clock() - timedelta(hours=1)).isoformat()
    refused = await decide(proposed, "approval", ends_at=ends_at)
    [error] = refused.json()["errors"]
    assert (refused.status_code, error["pointer"], error["code"]) == (422, "#/ends_at", "block_ends_first")
    assert "WIB" in error["detail"]


async def test_a_rule_that_is_automatic_blocks_without_a_person(
    classified: Arrive, listed: Any, kit: Kit, pack: A_pack, ring: Arrive
) -> None:
    await kit.configure(pack("99.01", 100, blocking=RULE | {"approval": "automatic"}), version=3)
    for _ in range(3):
        await classified()
    [block] = await listed()
    assert (block["state"], block["decided_by"]) == ("active", None)
    kit.clock.advance(600)
    assert (await ring())["state"] == "screening"


# --- the life of a block


async def pass_time(kit: Kit, block: dict[str, Any], seconds: float) -> None:
    kit.clock.advance(seconds)
    async with kit.runtime.transaction() as tx:
        await block_use_cases.pass_time(tx, UUID(block["id"]))


async def test_a_review_is_an_alarm_and_the_end_comes_by_itself(
    blocked: dict[str, Any], kit: Kit, listed: Any, ring: Arrive
) -> None:
    await pass_time(kit, blocked, 18 * HOUR)
    [raised] = await kit.said(AlarmRaised)
    assert isinstance(raised.event, AlarmRaised)
    assert (raised.event.kind, raised.event.about) == ("block_review_due", f"blocks/{blocked['id']}")
    assert [one["id"] for one in await listed(review_due="true")] == [blocked["id"]]
    assert await listed(review_due="false") == []
    await pass_time(kit, blocked, 6 * HOUR)
    assert (await listed())[0]["state"] == "ended"
    assert len(await kit.said(AlarmCleared)) == 1
    assert (await ring())["state"] == "waiting"


async def test_a_prank_of_a_block_that_is_over_proposes_no_second_one_if_its_class_is_corrected_to_and_fro(
    blocked: dict[str, Any], kit: Kit, desk: Desk, listed: Any
) -> None:
    for hours in (18, 6):
        await pass_time(kit, blocked, hours * HOUR)
    for call_class in ("wrong_number", "prank"):
        for fact in blocked["facts"]:
            body = {"call_class": call_class, "reason": "keliru"}
            corrected = await desk("POST", f"/v1/calls/{fact['call_id']}/classification", body)
            assert corrected.status_code == 200, corrected.text
    assert [one["state"] for one in await listed()] == ["ended"]


async def test_an_appeal_by_an_operator_is_an_alarm_and_in_the_history(
    blocked: dict[str, Any], decide: Desk, desk: Desk, kit: Kit
) -> None:
    lodged = await decide(blocked, "appeals", "operator", text="dipakai anak")
    assert (lodged.status_code, lodged.json()["number"], lodged.json()["appeals"][0]["text"]) == (200, None, None)
    assert len(await kit.said(AlarmRaised)) == 1
    assert (await decide(blocked, "lifting")).json()["state"] == "lifted"
    timeline = (await desk("GET", f"/v1/blocks/{blocked['id']}/timeline", None, "supervisor")).json()["items"]
    assert [entry["type"].split(".")[1] for entry in timeline] == [
        "BlockProposed",
        "BlockApproved",
        "BlockAppealed",
        "AlarmRaised",
        "BlockLifted",
        "AlarmCleared",
    ]
    assert timeline[2]["event"]["text"] == "dipakai anak"


async def test_an_extension_blocks_longer(blocked: dict[str, Any], decide: Desk, kit: Kit, ring: Arrive) -> None:
    until = (kit.clock() + timedelta(hours=60)).isoformat()
    extended = await decide(blocked, "extension", ends_at=until, reason="masih menelepon")
    assert (extended.status_code, extended.json()["extensions"]) == (200, 1)
    kit.clock.advance(59 * HOUR)
    assert (await ring())["state"] == "screening"


# --- the blocked caller


async def test_a_blocked_caller_hears_the_message_and_is_not_in_the_queue(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    call = await ring(exchange_id="pbx-1")
    assert (call["state"], call["block_id"], call["number"], call["history"]) == (
        "screening",
        blocked["id"],
        None,
        None,
    )
    assert "tekan tombol" in call["message"]["id"].replace("\n", " ")
    assert "press any key" in call["message"]["en"].replace("\n", " ")
    assert await queue(desk) == []
    assert (await ring(OTHER))["state"] == "waiting"
    [event] = [heard.event for heard in await kit.said(CallReceived) if heard.envelope.subject == call["id"]]
    assert isinstance(event, CallReceived)
    assert (event.block_rule, event.unscreened) == ("3-in-7d-24h-supervisor", None)


async def test_a_key_press_brings_the_call_into_the_queue(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    call = await ring()
    kit.clock.advance(7)
    pressed = await desk("POST", f"/v1/calls/{call['id']}/key-press", None, "cti")
    again = await desk("POST", f"/v1/calls/{call['id']}/key-press", None, "cti")
    for answer in (pressed, again):
        told = answer.json()
        assert (answer.status_code, told["state"], told["unscreened"]) == (200, "waiting", "key_pressed")
    assert (told["message"], told["lowered_by_seconds"]) == (None, 30)
    assert await queue(desk) == [call["id"]]
    kit.clock.advance(5)
    answered = await desk("POST", f"/v1/calls/{call['id']}/answer", {})
    assert answered.status_code == 200
    timeline = (await desk("GET", f"/v1/calls/{call['id']}/timeline")).json()["items"]
    assert [one["event"].get("waited_ms") for one in timeline] == [None, None, 5000]  # from the queue, not the message
    assert len(await kit.said(CallScreeningEnded)) == 1


@pytest.mark.parametrize("ended_by", ["caller", "exchange"])
async def test_who_hangs_up_on_the_message_is_screened(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit, ended_by: str
) -> None:
    kit.clock.advance(600)
    call = await ring()
    ended = await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": ended_by}, "cti")
    assert (ended.status_code, ended.json()["state"]) == (200, "screened")
    [heard] = await kit.said(CallScreened)
    assert isinstance(heard.event, CallScreened)
    assert heard.event.ended_by == ended_by
    late = await desk("POST", f"/v1/calls/{call['id']}/key-press", None, "cti")
    assert (late.status_code, late.json()["state"]) == (409, "screened")
    assert [one["state"] for one in (await desk("GET", "/v1/calls?state=screened")).json()["items"]] == ["screened"]


async def test_the_third_try_in_five_minutes_waits(blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit) -> None:
    kit.clock.advance(600)
    states = []
    for _ in range(3):
        call = await ring()
        states.append((call["state"], call["unscreened"], call["lowered_by_seconds"]))
        await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, "cti")
        kit.clock.advance(149)
    assert states == [("screening", None, 30), ("screening", None, 30), ("waiting", "third_try", 30)]
    kit.clock.advance(600)
    assert (await ring())["state"] == "screening"


async def test_an_open_incident_of_the_number_or_nearby_ends_the_screening(
    blocked: dict[str, Any], ring: Arrive, kit: Kit
) -> None:
    kit.clock.advance(600)
    incident = str(uuid4())
    near = an_incident(kit, place=Place.of(0.105, 100.1, 20.0))
    await kit.hear(near, subject=incident, regency="99.01")
    assert (await ring())["state"] == "screening"
    kit.clock.advance(400)
    call = await ring(caller_location=HERE)
    assert (call["state"], call["unscreened"], call["lowered_by_seconds"]) == ("waiting", "open_incident", 30)
    kit.clock.advance(400)
    own = an_incident(kit, uuid4(), kit.runtime.ring.lookup(NUMBER))
    await kit.hear(own, subject=str(uuid4()), regency="99.01")
    call = await ring()
    assert (call["state"], call["unscreened"], call["lowered_by_seconds"]) == ("waiting", "open_incident", 0)


async def test_an_operator_may_answer_a_call_that_hears_the_message(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    call = await ring()
    answered = await desk("POST", f"/v1/calls/{call['id']}/answer", {})
    assert (answered.status_code, answered.json()["state"], answered.json()["message"]) == (200, "answered", None)


async def test_a_call_of_which_the_exchange_says_no_more_waits_after_all(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    call = await ring()
    for seconds, waiting in ((119, []), (1, [call["id"]])):
        kit.clock.advance(seconds)
        async with kit.runtime.transaction() as tx:
            await deadlines.pass_time(tx, UUID(call["id"]))
        assert await queue(desk) == waiting
    read = (await desk("GET", f"/v1/calls/{call['id']}")).json()
    assert (read["state"], read["unscreened"]) == ("waiting", "nothing_heard")


async def test_what_nobody_can_play_the_message_to_waits(blocked: dict[str, Any], desk: Desk, kit: Kit) -> None:
    kit.clock.advance(600)
    for channel, role in (("telephone", "operator"), ("whatsapp", "cti")):
        body = {"regency": "99.01", "channel": channel, "number": NUMBER}
        call = (await desk("POST", "/v1/calls", body, role)).json()
        assert (call["state"], call["unscreened"]) == ("waiting", "no_message")
        kit.clock.advance(400)


async def test_a_call_that_an_exchange_only_tells_of_waits_a_little_lowered(
    blocked: dict[str, Any], desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    event = TelephoneEvent(told=Told.RINGING, call_id=Sealed("pbx-7"), number=Sealed(NUMBER))
    async with kit.runtime.transaction() as tx:
        await hear(tx, Heard(regency="99.01", by="99.01/pbx", heard_at=kit.clock(), event=event))
    [call] = (await desk("GET", "/v1/queue")).json()["items"]
    assert (call["unscreened"], call["lowered_by_seconds"], call["block_id"]) == ("no_message", 30, blocked["id"])


async def test_a_drill_and_a_call_without_a_number_are_not_screened(
    blocked: dict[str, Any], ring: Arrive, kit: Kit
) -> None:
    kit.clock.advance(600)
    assert (await ring(drill=True))["state"] == "waiting"
    assert (await ring(None))["state"] == "waiting"


async def test_a_caller_without_a_block_costs_no_statement_more(
    blocked: dict[str, Any], classified: Arrive, ring: Arrive, kit: Kit, pack: A_pack
) -> None:
    await ring(OTHER)  # whatever is prepared once
    with statements(kit.runtime.database) as with_rule:
        await ring("+628111222555")
    await kit.configure(pack("99.01", 100), version=3)
    with statements(kit.runtime.database) as without:
        await ring("+628111222666")
    assert len(with_rule) == len(without)


# --- what the first look at a call says of it


async def looked(desk: Desk, call: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await desk("GET", f"/v1/calls/{call['id']}/first-look")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["blocks"]
    return found


async def test_the_first_look_shows_a_block_that_came_after_the_call(
    classified: Arrive, ring: Arrive, desk: Desk, listed: Any, decide: Desk
) -> None:
    call = await ring()
    assert await looked(desk, call) == []
    for _ in range(3):
        await classified()
    [block] = await listed(state="proposed")
    [shown] = await looked(desk, call)
    assert (shown["id"], shown["state"], shown["ends_at"]) == (block["id"], "proposed", None)
    assert shown["decide_by"] == block["decide_by"]
    approved = (await decide(block, "approval")).json()
    [shown] = await looked(desk, call)
    assert (shown["state"], shown["ends_at"], shown["over_at"]) == ("active", approved["ends_at"], None)
    await decide(block, "lifting")
    assert await looked(desk, call) == [], "it did not stand when the call arrived, and does not stand now"


async def test_the_first_look_shows_what_became_of_the_block_of_the_arrival(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, decide: Desk, kit: Kit
) -> None:
    call = await ring()
    assert call["block_id"] == blocked["id"]
    kit.clock.advance(60)
    lifted = (await decide(blocked, "lifting")).json()
    [shown] = await looked(desk, call)
    told = ("id", "state", "proposed_at", "decide_by", "ends_at", "over_at")
    assert shown == {name: lifted[name] for name in told} | {"appealed_at": None}
    assert shown["state"] == "lifted"
    assert await looked(desk, await ring()) == []


async def test_the_first_look_shows_that_the_caller_disputed_the_block(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, decide: Desk, kit: Kit
) -> None:
    call = await ring()
    for _ in range(2):
        kit.clock.advance(60)
        appealed = (await decide(blocked, "appeals", "operator", text="dipakai anak")).json()["appeals"]
        [shown] = await looked(desk, call)
        assert shown["appealed_at"] == appealed[-1]["at"]


async def test_the_room_is_told_of_a_call_whose_caller_hears_the_message(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    operator = Access("budi", frozenset({Role.operator}), frozenset({"99.01"}), None, kit.clock())

    async def heard(policy: Policy) -> list[str]:
        said = await kit.said(CallReceived, CallScreened, CallScreeningEnded)
        about = [one for one in said if one.envelope.subject == call["id"]]
        return [type(one.event).__name__ for one in about if policy.event(one, operator)]

    kit.clock.advance(600)  # else it is the third try
    call = await ring()
    await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, "cti")
    assert (await heard(ROOM_POLICY), await heard(POLICY)) == (["CallReceived", "CallScreened"], [])
    call = await ring()
    await desk("POST", f"/v1/calls/{call['id']}/key-press", None, "cti")
    assert (await heard(ROOM_POLICY), await heard(POLICY)) == (
        ["CallReceived", "CallScreeningEnded"],
        ["CallScreeningEnded"],
    )
    call = await ring(OTHER)
    assert (await heard(ROOM_POLICY), await heard(POLICY)) == ([], ["CallReceived"])


async def test_the_first_look_shows_no_block_of_others_and_none_in_a_drill(
    blocked: dict[str, Any], arrive: Arrive, ring: Arrive, desk: Desk
) -> None:
    assert await looked(desk, await ring(OTHER)) == []
    assert await looked(desk, await ring(None)) == []
    assert await looked(desk, await arrive(number=NUMBER, drill=True)) == []
    assert [one["id"] for one in await looked(desk, await ring())] == [blocked["id"]]


async def test_of_a_protected_number_the_first_look_shows_no_block(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    call = await ring()
    protected = an_incident(kit, caller_hash=kit.runtime.ring.lookup(NUMBER), protected=True)
    await desk("POST", f"/v1/calls/{call['id']}/answer")
    assert len(await looked(desk, call)) == 1
    await kit.hear(protected, subject=str(uuid4()), regency="99.01")
    assert await looked(desk, call) == []


# --- block and call in one moment


async def test_a_call_and_the_lifting_of_its_block_at_once_lose_nobody(
    blocked: dict[str, Any], ring: Arrive, decide: Desk, desk: Desk, kit: Kit
) -> None:
    """Whichever is first: no call stays with a message that nobody would have played."""
    kit.clock.advance(600)
    rung = await asyncio.gather(ring(), decide(blocked, "lifting"), ring())
    assert rung[1].json()["state"] == "lifted"
    waiting = await queue(desk)
    assert sorted(waiting) == sorted(call["id"] for call in (rung[0], rung[2]))
    assert (await ring())["block_id"] is None


async def test_a_call_that_somebody_changed_while_its_block_was_lifted_ends_its_message_a_moment_later(
    blocked: dict[str, Any], ring: Arrive, kit: Kit, desk: Desk
) -> None:
    """The lifting does not wait for a call that is locked by another transaction: here it passes the call by."""
    kit.clock.advance(600)
    call = await ring()
    assert call["state"] == "screening"
    async with kit.runtime.transaction() as tx:
        assert isinstance(tx, IntakeTransaction)
        block = await tx.blocks.get(UUID(blocked["id"]))
        block_use_cases.record(tx, decide_block(block, Lift(by="lina", reason=Sealed("keliru")), tx.now()))
    assert await queue(desk) == []
    heard = [message_of(one.event, one.envelope, kit.runtime.ring) for one in await kit.said(BlockLifted)]
    await kit.hear_again(*heard)
    assert await queue(desk) == [call["id"]]
    [ended] = await kit.said(CallScreeningEnded)
    assert (ended.event.by, ended.event.why) == ("lina", "block_over")
    await kit.hear_again(*heard)
    assert len(await kit.said(CallScreeningEnded)) == 1


async def test_a_call_and_the_approval_of_its_block_at_once_lose_nobody(
    proposed: dict[str, Any], ring: Arrive, decide: Desk, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    call, approved = await asyncio.gather(ring(), decide(proposed, "approval"))
    assert approved.json()["state"] == "active"
    waits = call["id"] in await queue(desk)
    assert waits == (call["state"] == "waiting")
    assert waits or (await desk("POST", f"/v1/calls/{call['id']}/key-press", None, "cti")).status_code == 200
    kit.clock.advance(600)
    assert (await ring())["state"] == "screening"


async def test_a_key_press_and_a_hang_up_at_once_give_one_end(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)
    call = await ring()
    path = f"/v1/calls/{call['id']}"
    pressed, ended = await asyncio.gather(
        desk("POST", f"{path}/key-press", None, "cti"), desk("POST", f"{path}/end", {"ended_by": "caller"}, "cti")
    )
    assert ended.status_code == 200
    wanted = "abandoned" if pressed.status_code == 200 else "screened"
    assert (await desk("GET", path)).json()["state"] == wanted


async def test_a_block_that_is_known_in_memory_alone_screens_nobody(
    blocked: dict[str, Any], ring: Arrive, decide: Desk, kit: Kit
) -> None:
    """Another process lifted it, and this one has not heard of it."""
    async with another_process(kit, service) as second:
        async with second.runtime.view() as view:
            await refresh(view, second.runtime.resources.watched)
        await decide(blocked, "lifting")
        kit.clock.advance(600)
        body = {"regency": "99.01", "channel": "telephone", "number": NUMBER}
        headers = second.bearer("cti", regencies=("99.01",))
        call = (await second.client.post("/v1/calls", json=body, headers=headers)).json()
    assert (call["state"], call["block_id"]) == ("waiting", None)


async def test_another_process_learns_of_blocks_and_scores(
    blocked: dict[str, Any], classified: Arrive, kit: Kit
) -> None:
    for _ in range(2):
        await classified(number=OTHER)
    async with another_process(kit, service) as second:
        watched, hashed = second.runtime.resources.watched, kit.runtime.ring.lookup
        assert watched.block_of("99.01", hashed(NUMBER)) is None
        for _ in range(2):
            async with second.runtime.view() as view:
                await refresh(view, watched)
            assert watched.block_of("99.01", hashed(NUMBER)) == UUID(blocked["id"])
            assert watched.score_of("99.01", hashed(OTHER), kit.clock()) is not None
        await classified("emergency", number=OTHER)
        async with second.runtime.view() as view:
            await refresh(view, watched)
        assert watched.score_of("99.01", hashed(OTHER), kit.clock()) is None


# --- the score in the queue


async def test_a_high_score_lowers_a_call_and_fades(classified: Arrive, ring: Arrive, kit: Kit) -> None:
    await classified()
    assert (await ring())["lowered_by_seconds"] == 0
    await classified()
    call = await ring()
    assert (call["state"], call["lowered_by_seconds"], call["block_id"]) == ("waiting", 19, None)
    kit.clock.advance(timedelta(days=7).total_seconds())
    assert (await ring())["lowered_by_seconds"] == 0


async def test_faint_scores_are_forgotten(classified: Arrive, kit: Kit) -> None:
    await classified()
    await classified(number=OTHER)
    await classified(number=OTHER)
    kit.clock.advance(timedelta(days=15).total_seconds())
    await kit.runtime.sweeps.sweep()
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(prank_scores))).all()
    assert [row.caller_hash for row in rows] == [kit.runtime.ring.lookup(OTHER)]


# --- genuine calls of a blocked number


async def test_an_emergency_of_a_blocked_number_asks_for_a_review_and_lifts_nothing(
    blocked: dict[str, Any], classified: Arrive, listed: Any, kit: Kit
) -> None:
    call = await classified("emergency", incident_type="fire")
    [block] = await listed()
    assert (block["state"], block["review_due"]) == ("active", True)
    [doubt] = block["doubts"]
    assert (doubt["why"], doubt["call_id"], doubt["call_class"]) == ("genuine_call", call["id"], "emergency")
    assert len(await kit.said(AlarmRaised)) == 1


async def test_a_protected_call_of_a_blocked_number_is_not_named_and_ends_the_screening(
    blocked: dict[str, Any], classified: Arrive, listed: Any, kit: Kit, pack: A_pack, ring: Arrive, decide: Desk
) -> None:
    kind = {"code": "kdrt", "label": {"id": "KDRT", "en": "Domestic violence"}, "protected": True}
    await kit.configure(pack("99.01", 100, blocking=RULE, incident_types=[kind]), version=3)
    call = await classified("emergency", incident_type="kdrt")
    [block] = await listed()
    assert call["id"] not in str(block)
    assert block["doubts"][0]["call_class"] is None
    created = an_incident(kit, UUID(call["id"]), kit.runtime.ring.lookup(NUMBER), protected=True)
    await kit.hear(created, subject=str(uuid4()), regency="99.01")
    kit.clock.advance(600)
    assert (await ring())["state"] == "waiting"
    refused = await decide(blocked, "dossiers", recipient="Polresta", reason="LP/1")
    assert refused.status_code == 403
    assert "terlindungi" in refused.json()["detail"]


# --- the dossier


async def test_a_dossier_has_pranks_and_who_decided_what_and_is_logged(
    blocked: dict[str, Any], classified: Arrive, ring: Arrive, desk: Desk, decide: Desk, kit: Kit
) -> None:
    await classified("information")
    kit.clock.advance(600)
    screened = await ring(caller_location=HERE)
    await desk("POST", f"/v1/calls/{screened['id']}/end", {"ended_by": "caller"}, "cti")
    made = await decide(blocked, "dossiers", recipient="Polresta Bengkulu", reason="LP/B/123")
    dossier = made.json()
    assert (made.status_code, dossier["number"], dossier["made_by"]) == (201, NUMBER, "tester")
    assert [one["call_class"] for one in dossier["calls"]] == ["prank", "prank", "prank", None]
    assert (dossier["calls"][3]["state"], dossier["calls"][3]["caller_location"]["lat"]) == ("screened", 0.1)
    assert [one["what"] for one in dossier["calls"][0]["history"]] == ["CallReceived", "CallAnswered", "CallClassified"]
    assert [(one["what"], one["by"]) for one in dossier["block_history"][:2]] == [
        ("BlockProposed", None),
        ("BlockApproved", "tester"),
    ]
    [logged] = await kit.said(BlockDossierMade)
    assert isinstance(logged.event, BlockDossierMade)
    assert (logged.event.by, logged.event.recipient, logged.event.reason.clear) == (
        "tester",
        "Polresta Bengkulu",
        "LP/B/123",
    )
    assert [str(call_id) for call_id in logged.event.calls] == [one["id"] for one in dossier["calls"]]
    for role in ("operator", "admin"):
        assert (await decide(blocked, "dossiers", role, recipient="Polresta", reason="LP/1")).status_code == 403


# --- retention


async def test_a_block_forgets_its_number_when_calls_are_forgotten(
    blocked: dict[str, Any], decide: Desk, desk: Desk, kit: Kit, pack: A_pack
) -> None:
    retention = {"calls_days": 10, "positions_days": 10}
    await kit.configure(pack("99.01", 100, blocking=RULE, retention=retention), version=3)
    await decide(blocked, "appeals", text="dipakai anak")
    await decide(blocked, "lifting")
    for days, number in ((9, NUMBER), (2, None)):
        kit.clock.advance(timedelta(days=days).total_seconds())
        await kit.runtime.sweeps.sweep()
        read = (await desk("GET", f"/v1/blocks/{blocked['id']}", None, "supervisor")).json()
        assert read["number"] == number
    assert (read["reason"], read["appeals"][0]["text"], read["state"]) == (None, None, "lifted")
    timeline = (await desk("GET", f"/v1/blocks/{blocked['id']}/timeline", None, "supervisor")).json()["items"]
    assert (timeline[0]["event"]["number"], timeline[0]["event"]["caller_hash"]) == (None, None)
    refused = await decide(blocked, "dossiers", recipient="Polresta", reason="LP/1")
    assert refused.status_code == 404
    assert NUMBER not in await kit.kept()


async def test_who_hung_up_at_the_recorded_message_is_work_but_ranks_low(
    blocked: dict[str, Any], ring: Arrive, desk: Desk, kit: Kit
) -> None:
    kit.clock.advance(600)

    async def hang_up(number: str = NUMBER) -> str:
        call = await ring(number)
        state: str = call["state"]
        assert (await desk("POST", f"/v1/calls/{call['id']}/end", {"ended_by": "caller"}, "cti")).status_code == 200
        said = await kit.said(*dropped_calls.FOLLOWED)
        await kit.hear_again(*(message_of(one.event, one.envelope, kit.runtime.ring) for one in said))
        kit.clock.advance(60)
        return state

    async def parts() -> list[tuple[str, dict[str, int], list[str]]]:
        items = (await desk("GET", "/v1/callbacks?regency=99.01")).json()["items"]
        return [
            (
                one["number"],
                {part["reason"]: part["points"] for part in one["parts"]},
                [call["drop"] for call in one["calls"]],
            )
            for one in items
        ]

    assert [await hang_up(), await hang_up(OTHER)] == ["screening", "waiting"]
    assert await parts() == [(OTHER, {}, ["abandoned"]), (NUMBER, {"screened": -20}, ["screened"])]
    assert [await hang_up(), await hang_up()] == ["screening", "waiting"], "the third try goes past the message"
    assert (await parts())[0] == (NUMBER, {"again": 40}, ["screened", "screened", "abandoned"])
