"""What an agency says beside its progress: words, a question, a request for help, an outcome."""

from typing import Any

import pytest
from gateway_histories import (
    FIRST,
    Ask,
    Shown,
    a_forwarding,
    acknowledged_elsewhere,
    forwarded,
    forwardings,
    hear,
    progress_elsewhere,
)

from sigap_agency_gateway.domain.answers import Acknowledge, Decline, Report
from sigap_agency_gateway.domain.forwarding import State
from sigap_common.contracts.agencies import AgencyResponded
from sigap_common.contracts.agency_answers import MOST_REPEATS
from sigap_common.contracts.agency_reports import HelpAskedFor, PartOutcome, SaidBeside
from sigap_common.contracts.incidents import Progress
from sigap_common.core.errors import NotAllowed
from sigap_common.personal_data import Sealed
from sigap_testing.kit import Kit

PATH = f"/v1/forwardings/{FIRST}/progress"
given, when = forwardings.given, forwardings.when


def report(progress: str, **beside: Any) -> Report:
    sealed = {name: Sealed(value) if isinstance(value, str) else value for name, value in beside.items()}
    return Report(by="pos", channel="api", progress=Progress(progress), beside=SaidBeside(**sealed))


def test_under_control_lies_between_on_scene_and_done() -> None:
    state = given(a_forwarding(), (0, report("on_scene")), (9, report("under_control")))
    assert state.state is State.UNDER_CONTROL
    with pytest.raises(NotAllowed):
        when(state, report("on_scene", text="api besar"), 10)
    assert given(state, (20, report("done"))).state is State.DONE


def test_a_second_press_of_the_same_is_one_fact_and_other_words_are_a_further_answer() -> None:
    state = given(a_forwarding(), (0, report("on_scene", text="api besar", question="ke mana?")))
    assert when(state, report("on_scene", text="api besar", question="ke mana?"), 10) == []
    assert when(state, report("on_scene"), 10) == []
    [more] = when(state, report("on_scene", text="padam"), 10)
    assert isinstance(more, AgencyResponded)
    assert (more.response.value, more.text) == ("on_scene", Sealed("padam"))


def test_a_forwarding_does_not_grow_without_bound() -> None:
    state = given(a_forwarding(), *((n, report("on_scene", text=f"kata {n}")) for n in range(MOST_REPEATS + 1)))
    with pytest.raises(NotAllowed) as refused:
        when(state, report("on_scene", text="lagi"), 999)
    assert refused.value.reason == "too-many-answers"
    assert given(state, (1000, report("done"))).state is State.DONE


def acknowledge(text: str | None = None) -> Acknowledge:
    return Acknowledge(by="pos", channel="api", beside=SaidBeside(text=Sealed(text) if text else None))


def test_an_acknowledgement_that_says_nothing_new_500_times_is_one_fact() -> None:
    state = given(a_forwarding(), (0, acknowledge("siap")))
    for n in range(1, 500):
        assert when(state, acknowledge("siap" if n % 2 else None), n) == []
    assert len(state.answers) == 1


def test_of_500_acknowledgements_with_other_words_a_bounded_number_is_kept() -> None:
    state, refused = a_forwarding(), 0
    for n in range(500):
        try:
            state = given(state, (n, acknowledge(f"kata {n}")))
        except NotAllowed:
            refused += 1
    with pytest.raises(NotAllowed) as problem:
        when(state, acknowledge("lagi"), 998)
    assert problem.value.reason == "too-many-answers"
    assert (len(state.answers), refused) == (MOST_REPEATS + 1, 499 - MOST_REPEATS)
    assert when(state, acknowledge("kata 1"), 999) == [], "what was said before is no refusal"
    assert given(state, (1000, report("en_route"))).state is State.EN_ROUTE


def test_an_agency_that_changes_its_mind_500_times_is_kept_a_bounded_number_of_times() -> None:
    state, refused = a_forwarding(), 0
    for n in range(500):
        try:
            decline = Decline(by="pos", channel="api", reason="no_unit")
            state = given(state, (2 * n, decline), (2 * n + 1, acknowledge()))
        except NotAllowed:
            refused += 1
    assert refused == 499 - MOST_REPEATS
    assert len(state.answers) == 2 * (MOST_REPEATS + 1)
    assert state.state is State.ACKNOWLEDGED, "that it comes is never refused"


def test_an_acknowledgement_that_comes_with_the_step_says_nothing_beside() -> None:
    first, second = when(a_forwarding(), report("en_route", question="ke mana?"), 1)
    assert isinstance(first, AgencyResponded)
    assert isinstance(second, AgencyResponded)
    assert (first.question, second.question) == (None, Sealed("ke mana?"))


async def of_agency(ask: Ask) -> Shown:
    [listed] = (await ask("GET", "/v1/forwardings")).json()["items"]
    alone: Shown = (await ask("GET", f"/v1/forwardings/{FIRST}")).json()
    assert listed["answers"] == alone["answers"]
    return alone


async def test_list_and_event_have_what_was_said(kit: Kit, ask: Ask) -> None:
    await hear(kit, forwarded())
    body = {
        "progress": "under_control",
        "text": "padam, 1 luka",
        "question": "ke rumah sakit mana?",
        "asks_for": {"capability": "police"},
    }
    answer = await ask("POST", PATH, body)
    assert answer.status_code == 200, answer.text
    last = (await of_agency(ask))["answers"][-1]
    assert {name: last[name] for name in ("text", "question")} == {name: body[name] for name in ("text", "question")}
    words = {"agency_name": None, "capability_label": {"id": "polisi", "en": "police"}}
    assert last["asks_for"] == {"agency": None, "capability": "police", "alarm_level": None} | words
    said = [heard.event for heard in await kit.said(AgencyResponded)]
    assert said[-1].asks_for == HelpAskedFor(capability="police")


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"progress": "on_scene", "outcome": "handled"}, ""),
        ({"progress": "arrived"}, "/progress"),
        ({"progress": "on_scene", "asks_for": {}}, "/asks_for"),
        ({"progress": "on_scene", "asks_for": {"alarm_level": 1}}, "/asks_for/alarm_level"),
        ({"progress": "on_scene", "asks_for": {"agency": "99.01/marinir"}}, "/asks_for/agency"),
        ({"progress": "on_scene", "asks_for": {"capability": "submarine"}}, "/asks_for/capability"),
        ({"progress": "on_scene", "text": " "}, "/text"),
    ],
)
async def test_what_cannot_be_is_refused_and_changes_nothing(
    kit: Kit, ask: Ask, wrong: dict[str, Any], field: str
) -> None:
    await hear(kit, forwarded())
    answer = await ask("POST", PATH, wrong)
    assert answer.status_code == 422, answer.text
    assert any(field in error["pointer"] for error in answer.json()["errors"]), answer.text
    assert (await of_agency(ask))["answers"] == []


async def test_what_we_record_for_the_agency_is_in_its_list(kit: Kit, ask: Ask) -> None:
    beside = {"text": Sealed("nihil"), "question": Sealed("pulang?"), "outcome": PartOutcome.NOT_FOUND}
    await hear(kit, forwarded(), acknowledged_elsewhere(text=Sealed("siap")), progress_elsewhere("done", **beside))
    first, last = (await of_agency(ask))["answers"]
    assert first["text"] == "siap"
    assert (last["text"], last["question"], last["outcome"]) == ("nihil", "pulang?", "not_found")
