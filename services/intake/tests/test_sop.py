"""The SOP over HTTP: guidance, triage, words, silent calls and children."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import httpx
import pytest
from sqlalchemy import select

from sigap_common.contracts.calls import CallClass, CallClassified, CallReclassified, Heard
from sigap_common.regency import Pack, standard_guidance
from sigap_intake.models.calls import calls
from sigap_testing.kit import Kit

from .conftest import Arrive, Desk

Step = Callable[..., Awaitable[dict[str, Any]]]
APack = Callable[..., Pack]

GUIDANCE = "/v1/guidance?regency=99.01"
LABEL = {"id": "Ya", "en": "Yes"}
EACH: dict[str, dict[str, Any]] = {
    "triage": {"answers": {"what": "fire"}},
    "words": {"incident_type": "fire", "step": "out"},
    "silent-steps": {"step": "greet", "heard": "nothing"},
    "child": {"probably_child": True},
}
"""What each step is asked."""
STEPS = ("greet", "make_a_sound", "press_a_key", "listen", "farewell")


@pytest.fixture
async def call(arrive: Arrive, desk: Desk) -> dict[str, Any]:
    """One that an operator has answered."""
    found = await arrive(number="081234567890")
    answer = await desk("POST", f"/v1/calls/{found['id']}/answer", {})
    assert answer.status_code == 200, answer.text
    return found


@pytest.fixture
def step(desk: Desk, call: dict[str, Any]) -> Step:
    """Takes a step with the answered call; the call after it."""

    async def take(name: str, **body: Any) -> dict[str, Any]:
        answer = await desk("POST", f"/v1/calls/{call['id']}/{name}", body)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return take


@pytest.fixture
def refused(desk: Desk, call: dict[str, Any]) -> Step:
    async def ask(name: str, **body: Any) -> dict[str, Any]:
        answer = await desk("POST", f"/v1/calls/{call['id']}/{name}", body)
        assert answer.status_code in {409, 422}, answer.text
        found: dict[str, Any] = answer.json()
        return found

    return ask


def codes(problem: dict[str, Any]) -> dict[str, str]:
    return {error["pointer"]: error["code"] for error in problem["errors"]}


async def events(kit: Kit, kind: type) -> list[Any]:
    return [heard.event for heard in await kit.said(kind)]


# --- one request gives a screen all


async def test_a_screen_gets_everything_in_one_request(desk: Desk) -> None:
    answer = await desk("GET", GUIDANCE)
    found = answer.json()
    assert answer.headers["etag"] == f'"{found["version"]}"'
    assert [one["key"] for one in found["classes"]] == list("12345678")
    assert [one["code"] for one in found["classes"]] == list(CallClass)
    assert found["questions"][0]["code"] == "place"
    fire = next(kind for kind in found["incident_types"] if kind["code"] == "fire")
    assert (fire["begins_with"], fire["words"][0]["code"]) == ("fire_people", "out")
    assert [one["code"] for one in found["silent_call"]["steps"]] == list(STEPS)
    assert [one["code"] for one in found["silent_call"]["heard"]] == list(Heard)
    assert found["silent_call"]["incident_type"] == "silent_distress"
    assert found["child_words"]


def test_each_class_has_a_key_in_the_standard() -> None:
    assert list(standard_guidance().class_keys) == list(CallClass)


async def test_who_has_this_version_already_gets_304_until_the_pack_changes(desk: Desk, kit: Kit, pack: APack) -> None:
    tag = (await desk("GET", GUIDANCE)).headers["etag"]
    headers = kit.bearer("operator", regencies=("99.01",))

    async def again(known: str) -> httpx.Response:
        return await kit.client.get(GUIDANCE, headers=headers | {"If-None-Match": known})

    for known in (tag, f'W/{tag}, "x"', "*"):
        answer = await again(known)
        assert (answer.status_code, answer.content, answer.headers["etag"]) == (304, b"", tag)
    assert (await again('"x"')).status_code == 200
    await kit.configure(pack("99.01", 100, class_keys={"prank": "F4"}), version=2)
    changed = await again(tag)
    assert (changed.status_code, changed.json()["classes"][3]["key"]) == (200, "F4")
    assert changed.headers["etag"] != tag


async def test_guidance_of_others_is_refused(desk: Desk) -> None:
    assert (await desk("GET", "/v1/guidance?regency=99.02")).status_code == 403
    assert (await desk("GET", "/v1/guidance?regency=98.76", regencies=("*",))).status_code == 404
    assert (await desk("GET", GUIDANCE, None, "cti")).status_code == 403


# --- triage


async def test_answers_propose_and_the_operators_choice_stands(step: Step, desk: Desk, call: dict[str, Any]) -> None:
    assert (await desk("GET", f"/v1/calls/{call['id']}")).json()["sop"] is None
    asked = await step("triage", answers={"what": "fire"})
    assert asked["sop"]["next_question"] == "fire_people"
    found = await step("triage", answers={"fire_people": "yes"})
    proposal = found["sop"]["proposal"]
    assert (proposal["incident_type"], proposal["priority"]) == ("fire", 1)
    assert proposal["reasons"][0]["in_words"]["id"] == "Apa yang terjadi? Kebakaran atau asap"
    assert found["call_class"] is None  # nothing is decided by it

    chosen = await step("classification", call_class="emergency", incident_type="medical", priority=2)
    assert (chosen["incident_type"], chosen["priority"]) == ("medical", 2)
    assert chosen["sop"]["proposal"] == proposal
    later = await step("triage", answers={"fire_near": "no"})
    assert (later["incident_type"], later["sop"]["proposal"]["incident_type"]) == ("medical", "fire")


async def test_an_answer_can_be_changed_and_taken_back(step: Step) -> None:
    await step("triage", answers={"what": "fire", "fire_people": "yes"})
    changed = await step("triage", answers={"fire_people": "no"})
    assert changed["sop"]["proposal"]["priority"] == 1  # fire's own
    back = await step("triage", answers={"what": None, "fire_people": None})
    assert (back["sop"]["answers"], back["sop"]["proposal"]) == ([], None)


async def test_what_is_said_twice_is_one_fact(step: Step) -> None:
    for name, body in EACH.items():
        first = await step(name, **body)
        assert (await step(name, **body))["version"] == first["version"], name


async def test_two_answer_at_once_and_nothing_is_lost(step: Step) -> None:
    told = {"what": "fire", "fire_people": "yes", "fire_what": "building", "fire_near": "no", "place": "exact"}
    await asyncio.gather(*(step("triage", answers={question: answer}) for question, answer in told.items()))
    both = await asyncio.gather(
        step("triage", answers={"callback": "yes"}), step("triage", answers={"callback": "other"})
    )
    assert all(one["sop"] is not None for one in both)
    final = await step("triage", answers={"place": "exact"})
    answers = {one["question"]: one["answer"] for one in final["sop"]["answers"]}
    assert answers.pop("callback") in {"yes", "other"}
    assert answers == told


async def test_questions_and_answers_that_there_are_not_are_all_named(refused: Step) -> None:
    problem = await refused("triage", answers={"wht": "fire", "what": "fir", "fire_people": "yes"})
    assert codes(problem) == {"#/answers/wht": "question_unknown", "#/answers/what": "answer_unknown"}
    details = {error["pointer"]: error["detail"] for error in problem["errors"]}
    assert "place, callback, what" in details["#/answers/wht"]
    assert "fire, traffic" in details["#/answers/what"]


async def test_answers_of_questions_that_changed_meanwhile_are_kept(
    step: Step, refused: Step, desk: Desk, kit: Kit, pack: APack
) -> None:
    read = (await desk("GET", GUIDANCE)).json()["version"]
    await step("triage", answers={"what": "fire"}, guidance=read)
    own = {"code": "what", "label": LABEL, "answers": [{"code": "blaze", "label": LABEL, "weights": {"fire": 9}}]}
    await kit.configure(pack("99.01", 100, triage=[own]), version=2)
    late = await step("triage", answers={"fire_people": "yes"}, guidance=read)
    assert [one["question"] for one in late["sop"]["answers"]] == ["what", "fire_people"]
    assert late["sop"]["proposal"] is None  # neither is known any more
    assert late["sop"]["guidance"] != read
    now = late["sop"]["guidance"]
    assert codes(await refused("triage", answers={"fire_people": "no"}, guidance=now)) == {
        "#/answers/fire_people": "question_unknown"
    }
    after = await step("triage", answers={"what": "blaze"}, guidance=now)
    assert (after["sop"]["proposal"]["incident_type"], after["sop"]["proposal"]["guidance"]) == ("fire", now)
    told = await step("words", incident_type="fire", step="gone", guidance=read)
    assert told["sop"]["told"][0]["step"] == "gone"
    back = await step("triage", answers={"fire_people": None}, guidance=now)
    assert [one["question"] for one in back["sop"]["answers"]] == ["what"]
    assert (await step("words", incident_type="fire", step="gone", told=False))["sop"]["told"] == []


async def test_a_call_does_not_grow_without_end(step: Step, refused: Step, kit: Kit, pack: APack, desk: Desk) -> None:
    read = (await desk("GET", GUIDANCE)).json()["version"]
    await kit.configure(pack("99.01", 100), version=2)
    for start in range(0, 200, 50):
        await step("triage", answers={f"q{n}": "x" for n in range(start, start + 50)}, guidance=read)
    assert codes(await refused("triage", answers={"more": "x"}, guidance=read)) == {"#/answers": "too_long"}


@pytest.mark.parametrize(("name", "body"), EACH.items())
async def test_until_somebody_has_answered_nothing_is_asked_or_told(
    arrive: Arrive, desk: Desk, name: str, body: dict[str, Any]
) -> None:
    waiting = await arrive()
    answer = await desk("POST", f"/v1/calls/{waiting['id']}/{name}", body)
    assert (answer.status_code, answer.json()["state"]) == (409, "waiting")
    assert (await desk("POST", f"/v1/calls/{waiting['id']}/{name}", body, "admin")).status_code == 403


async def test_lists_and_tokens_without_personal_data_see_nothing_of_it(step: Step, desk: Desk, call: Any) -> None:
    await step("triage", answers={"what": "fire"})
    assert (await desk("GET", f"/v1/calls/{call['id']}", None, "admin")).json()["sop"] is None
    assert (await desk("GET", "/v1/calls")).json()["items"][0]["sop"] is None


# --- words


async def test_words_are_ticked_and_taken_back(step: Step, desk: Desk, call: dict[str, Any]) -> None:
    told = await step("words", incident_type="fire", step="out")
    assert [(one["incident_type"], one["step"]) for one in told["sop"]["told"]] == [("fire", "out")]
    await step("words", step="kindly")  # one of those for a child
    back = await step("words", incident_type="fire", step="out", told=False)
    assert [(one["incident_type"], one["step"]) for one in back["sop"]["told"]] == [(None, "kindly")]
    timeline = (await desk("GET", f"/v1/calls/{call['id']}/timeline")).json()["items"]
    words = [entry["event"] for entry in timeline if entry["type"] == "sigap.CallerTold.v1"]
    assert words[0]["words"].startswith("Keluar sekarang")
    assert [one["taken_back"] for one in words] == [False, False, True]


async def test_words_that_there_are_not_are_refused(refused: Step) -> None:
    assert codes(await refused("words", incident_type="lava", step="out")) == {
        "#/incident_type": "incident_type_unknown"
    }
    assert codes(await refused("words", incident_type="fire", step="fly")) == {"#/step": "code_unknown"}
    assert codes(await refused("words", step="out")) == {"#/step": "code_unknown"}


# --- silent calls


async def test_a_call_is_silent_only_after_the_procedure(step: Step, refused: Step) -> None:
    problem = await refused("classification", call_class="silent")
    assert (problem["state"], problem["steps"]) == ("answered", list(STEPS))
    for name in STEPS[:-1]:
        await step("silent-steps", step=name, heard="nothing")
    assert (await refused("classification", call_class="silent"))["steps"] == ["farewell"]
    done = await step("silent-steps", step="farewell", heard="background")
    assert done["sop"]["silent_steps_left"] == []
    assert (await step("classification", call_class="silent"))["call_class"] == "silent"


async def test_a_caller_who_hangs_up_ends_the_procedure(step: Step) -> None:
    await step("silent-steps", step="greet", heard="hung_up")
    assert (await step("classification", call_class="silent"))["call_class"] == "silent"


async def test_a_call_that_is_silent_stays_so_if_the_procedure_grows(step: Step, kit: Kit, pack: APack) -> None:
    await step("silent-steps", step="greet", heard="hung_up")
    first = await step("classification", call_class="silent")
    await kit.configure(pack("99.01", 100, silent_call=[{"code": "hello", **LABEL}]), version=2)
    assert (await step("classification", call_class="silent"))["version"] == first["version"]


@pytest.mark.parametrize("told", [{"channel": "sms"}, {"backfilled": True, "received_at": "2023-12-31T16:30:00Z"}])
async def test_texts_and_logs_of_the_past_need_no_procedure(arrive: Arrive, desk: Desk, told: dict[str, Any]) -> None:
    found = await arrive("supervisor", **told)
    for name, body in {"answer": {}, "classification": {"call_class": "silent"}}.items():
        answer = await desk("POST", f"/v1/calls/{found['id']}/{name}", body, "supervisor")
        assert answer.status_code == 200, answer.text


async def test_a_step_that_there_is_not_is_refused(refused: Step) -> None:
    assert codes(await refused("silent-steps", step="sing", heard="nothing")) == {"#/step": "code_unknown"}
    assert codes(await refused("silent-steps", step="greet", heard="song")) == {"#/heard": "enum"}


async def test_a_key_press_opens_a_protected_incident_at_once(step: Step, kit: Kit) -> None:
    found = await step("silent-steps", step="press_a_key", heard="key_press")
    assert (found["call_class"], found["incident_type"], found["sop"]["protected"]) == (
        "emergency",
        "silent_distress",
        True,
    )
    (event,) = await events(kit, CallClassified)
    assert (event.incident_type, event.call.protected) == ("silent_distress", True)


async def test_a_key_press_corrects_a_class_given_before_and_a_person_may_correct_it_again(
    step: Step, kit: Kit
) -> None:
    await step("classification", call_class="prank")
    assert (await step("silent-steps", step="press_a_key", heard="key_press"))["call_class"] == "emergency"
    corrected = await step("classification", call_class="prank", reason="anak bermain")
    assert corrected["call_class"] == "prank"
    # The key press was heard before: what a person decided since is not undone.
    assert (await step("silent-steps", step="press_a_key", heard="key_press"))["call_class"] == "prank"
    later = await step("silent-steps", step="press_a_key", heard="nothing")
    assert (later["call_class"], later["sop"]["protected"]) == ("prank", True)
    first, second = await events(kit, CallReclassified)
    assert (first.before, first.call.protected, second.call.protected) == (CallClass.PRANK, True, True)


async def test_a_key_press_in_an_emergency_leaves_its_type(step: Step) -> None:
    await step("classification", call_class="emergency", incident_type="fire")
    found = await step("silent-steps", step="press_a_key", heard="key_press")
    assert (found["incident_type"], found["sop"]["protected"]) == ("fire", True)


async def test_silent_and_a_key_press_in_one_moment_never_lose_the_cry_for_help(
    step: Step, desk: Desk, call: Any
) -> None:
    for name in STEPS:
        await step("silent-steps", step=name, heard="nothing")
    path = f"/v1/calls/{call['id']}"
    silent, pressed = await asyncio.gather(
        desk("POST", f"{path}/classification", {"call_class": "silent"}),
        desk("POST", f"{path}/silent-steps", {"step": "press_a_key", "heard": "key_press"}),
    )
    assert (pressed.status_code, silent.status_code in {200, 409}) == (200, True)
    assert (await desk("GET", path)).json()["call_class"] == "emergency"
    again = await desk("POST", f"{path}/classification", {"call_class": "silent"})
    assert (again.status_code, "menekan tombol" in again.json()["detail"]) == (409, True)
    assert (await step("classification", call_class="silent", reason="tertekan di saku"))["call_class"] == "silent"


async def test_the_packs_own_type_is_opened(step: Step, kit: Kit, pack: APack) -> None:
    await kit.configure(pack("99.01", 100, silent_type="domestic_violence"), version=2)
    found = await step("silent-steps", step="press_a_key", heard="key_press")
    assert found["incident_type"] == "domestic_violence"


async def test_without_a_type_for_it_the_emergency_opens_all_the_same(step: Step, kit: Kit, pack: APack) -> None:
    own = {"code": "fire", "label": LABEL}
    await kit.configure(pack("99.01", 100, standard_types=False, incident_types=[own]), version=2)
    found = await step("silent-steps", step="press_a_key", heard="key_press")
    assert (found["call_class"], found["incident_type"]) == ("emergency", None)


# --- a child


async def test_a_child_is_a_mark_and_no_class(step: Step) -> None:
    marked = await step("child", probably_child=True)
    assert (marked["sop"]["probably_child"], marked["call_class"]) == (True, None)
    assert (await step("child", probably_child=False))["sop"]["probably_child"] is False


async def test_what_is_known_of_a_child_is_erased_earlier(
    arrive: Arrive, desk: Desk, step: Step, call: dict[str, Any], kit: Kit, pack: APack
) -> None:
    kept = {"calls_days": 60, "positions_days": 50, "children_days": 10}
    await kit.configure(pack("99.01", 100, retention=kept), version=2)
    where = {"lat": 0.1, "lon": 100.1}
    await step("location", **where)
    await step("child", probably_child=True)
    other = await arrive(number="081234567890", caller_location=where)
    assert (await desk("POST", f"/v1/calls/{other['id']}/end", {"ended_by": "caller"})).status_code == 200
    kit.clock.advance(11 * 86_400)
    await kit.runtime.sweeps.sweep()
    read = {one["id"]: one for one in (await desk("GET", "/v1/calls")).json()["items"]}
    assert (read[call["id"]]["number"], read[call["id"]]["location"]["lat"]) == (None, None)
    assert (read[other["id"]]["number"], read[other["id"]]["caller_location"]["lat"]) == ("+6281234567890", 0.1)
    async with kit.runtime.database.read() as connection:
        hashes = (await connection.execute(select(calls.c.caller_hash))).scalars().all()
    assert sorted(value is None for value in hashes) == [False, True]
