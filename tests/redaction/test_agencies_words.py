"""What agencies say stays between them and the centre; what a neighbour's agency reads, and one that is only informed.

Notes and answered questions are for all agencies of an incident. Everything else that one of them says is not.
"""

import asyncio
from collections.abc import Collection, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tests.hostile.world import HOME, NEIGHBOUR, World, pack

from sigap_common.auth import Role
from sigap_testing.eventually import eventually

from .planted import HIDDEN, NOTE, QUERIES, ids_of, planted
from .walk import Read, found, walk
from .webhooks import Webhooks

SPEAKER, BESIDE = f"{HOME}/damkar", f"{HOME}/bpbd"
CAMAT, HELPER = f"{HOME}/camat", f"{NEIGHBOUR}/damkar"
SAID: Mapping[str, tuple[str, ...]] = {
    "words": ("kecoak terbang 5510",),
    "question": ("rayap berenang 5511",),
    "wish": ("lebah mengaum 5512",),
    "words of a decline": ("semut melompat 5513",),
    "unit": ("garuda 5514",),
    "who spoke": ("bapak cendrawasih 5515",),
    "words by telephone": ("belalang tidur 5516",),
}
"""What agencies said, by what it is. Nobody answered the question."""
ANSWERED: Mapping[str, tuple[str, ...]] = {
    "answered question": ("kupu-kupu bertanya 5520",),
    "answer": ("nyamuk menjawab 5521",),
}
"""A question and its answer, which are a note for all agencies of the incident."""
OTHER_CALLER: Mapping[str, Collection[str]] = {"another caller": ("merpati kencana", "5531-5531", "8155315531")}
CALLER = ("number", "name")
WHERE = ("address", "coordinates")
ASKED = {**QUERIES, "q": ("Zwastika", "Garuda 5514", "5514"), "text": ("kecoak", "-3.79,102.26")}
Ids = dict[str, list[str]]


def of_home(names: Collection[str]) -> dict[str, Collection[str]]:
    return {name: HIDDEN[name] for name in names}


def configured(world: World, code: str, told: dict[str, Any]) -> None:
    path = f"/v1/regencies/{code}"
    answer = world.send("PUT", path, world.token(), told, **{"If-Match": world.tag(path)})
    assert answer.is_success, answer.text
    version = answer.json()["version"]

    def complete() -> bool:
        shown = world.send("GET", path, world.token()).json()
        return bool(shown["complete"] and shown["version"] == version)

    asyncio.run(eventually(complete, within=30))


def post(world: World, path: str, body: Any, *, agency: str = SPEAKER) -> Any:
    answer = world.send("POST", path, world.token(agency=agency), body)
    assert answer.is_success, f"{path}: {answer.status_code} {answer.text}"
    return answer.json()


def part_of(world: World, incident: str, agency: str) -> str:
    """The id of the agency's part, as soon as the gateway has it."""

    def there() -> str | None:
        parts = world.send("GET", f"/v1/incidents/{incident}", world.token()).json()["forwardings"]
        known = next((one["id"] for one in parts if one["agency"] == agency), None)
        answer = world.send("GET", f"/v1/forwardings/{known}", world.token(agency=agency))
        return known if known and answer.is_success else None

    return asyncio.run(eventually(there, within=30))


def says(world: World, incident: str) -> None:
    """One agency says all that it can beside its steps, another one declines, a third one speaks by telephone."""
    mine = f"/v1/forwardings/{part_of(world, incident, SPEAKER)}"
    words = {"progress": "en_route", "text": SAID["words"][0], "units": ["Garuda 5514"]}
    post(world, f"{mine}/progress", words)
    asks = {"progress": "on_scene", "question": ANSWERED["answered question"][0]}
    post(world, f"{mine}/progress", asks)
    question = asyncio.run(eventually(lambda: open_question(world, incident)))
    post(world, f"/v1/incidents/{incident}/questions/{question}/answer", {"text": ANSWERED["answer"][0]})
    post(world, f"{mine}/progress", {"progress": "on_scene", "question": SAID["question"][0]})
    wish = {"progress": "on_scene", "text": SAID["wish"][0], "asks_for": {"agency": f"{HOME}/pmi"}}
    post(world, f"{mine}/progress", wish)
    declined = {"reason": "no_unit", "text": SAID["words of a decline"][0]}
    police = f"{HOME}/polisi"
    post(world, f"/v1/forwardings/{part_of(world, incident, police)}/decline", declined, agency=police)
    by_telephone = {"response": "on_scene", "channel": "telephone"}
    by_telephone |= {"spoke_to": "Bapak Cendrawasih 5515", "text": SAID["words by telephone"][0]}
    path = f"/v1/incidents/{incident}/forwardings/{mine.rpartition('/')[2]}/answers"
    post(world, path, by_telephone)


def open_question(world: World, incident: str) -> str | None:
    asked = world.send("GET", f"/v1/incidents/{incident}", world.token()).json()["questions"]
    return next((one["id"] for one in asked if one["answered_at"] is None), None)


def reported_again(world: World, incident: str) -> None:
    """A further report, whose caller is described afterwards, so that agencies get a note of who called."""
    arrived = {"regency": HOME, "channel": "telephone", "number": "0815-5531-5531"}
    call = post(world, "/v1/calls", arrived)["id"]
    post(world, f"/v1/calls/{call}/answer", {})
    same = {"call_class": "emergency", "incident_type": "fire", "same_incident": incident}
    post(world, f"/v1/calls/{call}/classification", same)
    described = {"caller_name": "Merpati Kencana", "callback_number": "0815-5531-5531"}
    post(world, f"/v1/calls/{call}/caller", described)


@pytest.fixture(scope="module")
def there(world: World, webhooks: Webhooks) -> Ids:
    """A fire: forwarded to three agencies and to one of the neighbour's, and told to the camat."""
    desk = [{"channel": "desk", "name": "meja"}]
    told = pack(HOME)
    told["agencies"] += [{"code": "camat", "name": "camat", "kind": "government", "endpoints": desk}]
    told["response_plans"] += [{"incident_type": "fire", "informs": ["camat"]}]
    configured(world, HOME, told | {"mutual_aid": [NEIGHBOUR]})
    configured(world, NEIGHBOUR, pack(NEIGHBOUR) | {"mutual_aid": [HOME]})
    webhooks.give(SPEAKER, BESIDE, CAMAT, HELPER)
    call, incident = planted(world)
    post(world, f"/v1/incidents/{incident}/forwardings", {"agency": HELPER})
    part_of(world, incident, HELPER)
    says(world, incident)
    reported_again(world, incident)
    asyncio.run(eventually(lambda: everything_is_there(world, incident), within=30))
    ids = ids_of(world, call, incident)
    shown = world.send("GET", f"/v1/incidents/{incident}", world.token()).json()
    ids["forwarding_id"] += [one["id"] for one in shown["informed"]]
    return ids


def everything_is_there(world: World, incident: str) -> bool:
    timeline = world.send("GET", f"/v1/incidents/{incident}/timeline?limit=200", world.token()).text.lower()
    expected = [form for forms in (*SAID.values(), *ANSWERED.values()) for form in forms]
    return all(form in timeline for form in [*expected, "merpati kencana"])


def read_by(world: World, agency: str, there: Ids) -> list[Read]:
    regency = agency.partition("/")[0]
    return walk(world.http, world.token([Role.agency], [regency], agency=agency), there, ASKED)


def missing(read: list[Read], wanted: Mapping[str, Collection[str]]) -> list[str]:
    return [name for name, forms in wanted.items() if not found(read, {name: forms})]


def test_the_centre_reads_all_that_agencies_say(world: World, there: Ids) -> None:
    read = walk(world.http, world.token([Role.dispatcher], [HOME]), there, ASKED)
    assert missing(read, {**SAID, **ANSWERED, **HIDDEN, **OTHER_CALLER}) == []


def test_an_agency_beside_reads_the_notes_and_none_of_the_others_words(
    world: World, there: Ids, webhooks: Webhooks
) -> None:
    read = [*read_by(world, BESIDE, there), *webhooks.wait_for(BESIDE, "Merpati Kencana")]
    assert found(read, SAID) == []
    assert missing(read, {**ANSWERED, **HIDDEN, **OTHER_CALLER}) == []


def test_a_neighbours_agency_that_helps_reads_where_and_what_and_not_who_called(
    world: World, there: Ids, webhooks: Webhooks
) -> None:
    read = [*read_by(world, HELPER, there), *webhooks.wait_for(HELPER, ANSWERED["answer"][0])]
    assert found(read, {**SAID, **of_home(CALLER), **OTHER_CALLER}) == []
    assert missing(read, {**ANSWERED, **of_home((*WHERE, "note"))}) == []


def test_who_is_only_informed_reads_where_and_neither_caller_nor_words(
    world: World, there: Ids, webhooks: Webhooks
) -> None:
    read = [*read_by(world, CAMAT, there), *webhooks.wait_for(CAMAT)]
    assert found(read, {**SAID, **ANSWERED, **of_home((*CALLER, "note")), **OTHER_CALLER}) == []
    assert missing(read, of_home(WHERE)) == []


def test_an_admin_reads_callsigns_and_no_words(world: World, there: Ids) -> None:
    """A callsign names a vehicle, not a person."""
    read = walk(world.http, world.token([Role.admin], [HOME], agency=""), there, ASKED)
    words = {name: forms for name, forms in SAID.items() if name != "unit"}
    assert found(read, {**words, **ANSWERED, **HIDDEN, **OTHER_CALLER}) == []


def test_nobody_outside_of_the_centre_reads_any(world: World, there: Ids) -> None:
    read = walk(world.http, world.token([Role.analyst, Role.planner, Role.staff], [HOME], agency=""), there, ASKED)
    assert found(read, {**SAID, **ANSWERED, **HIDDEN, **OTHER_CALLER}) == []


def test_the_neighbours_centre_reads_no_words_even_of_what_is_shared(world: World, there: Ids) -> None:
    """Its own agency helps there; that opens nothing for it."""
    token = world.token([Role.supervisor, Role.dispatcher, Role.operator], [NEIGHBOUR], subject="tetangga")
    before = [one for one in walk(world.http, token, there, ASKED) if one.status != 403]
    assert found(before, {**SAID, **ANSWERED, **HIDDEN, **OTHER_CALLER}) == []
    until = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    path = f"/v1/incidents/{there['incident_id'][-1]}/shares"
    share = post(world, path, {"to": NEIGHBOUR, "profile": "none", "until": until})["id"]
    shared = there | {"share_id": [*there["share_id"], share]}
    read = [one for one in walk(world.http, token, shared, ASKED) if one.status != 403]
    assert found(read, SAID) == []
    assert found(read, {"note": (NOTE,)}), "the share shows the notes"
