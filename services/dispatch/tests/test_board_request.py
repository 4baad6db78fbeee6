"""The board in one request: its order, filters, search and counts, and the messages that keep it."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import REGENCY, Desk, Shown, a_call
from sqlalchemy import select

from sigap_common.auth import Access, Role
from sigap_common.contracts.agencies import NotificationDelayed, Response
from sigap_common.contracts.calls import CallReclassified
from sigap_common.contracts.handovers import IncidentTaken
from sigap_common.contracts.places import Place
from sigap_common.personal_data import Sealed
from sigap_dispatch.models import incident_terms
from sigap_dispatch.visibility import POLICY
from sigap_testing.patience import patience
from sigap_testing.sse import messages
from sigap_testing.statements import statements

DRILL = 9


async def board(desk: Desk, *roles: str, subject: str = "tester", **query: Any) -> Shown:
    bearer = desk.kit.bearer(*(roles or ("dispatcher",)), regencies=[REGENCY], subject=subject)
    answer = await desk.kit.client.get("/v1/incidents/board", params=query, headers=bearer)
    assert answer.status_code == 200, answer.text
    found: Shown = answer.json()
    return found


def numbers(shown: Shown) -> list[int]:
    return [int(one["number"].rpartition("-")[2]) for one in shown["items"]]


def reasons(shown: Shown) -> list[str]:
    return [one["attention"]["reason"] for one in shown["items"]]


async def under_way(desk: Desk, incident: Shown) -> None:
    for part in incident["forwardings"]:
        agency = await desk.part(part["agency"].partition("/")[2], incident)
        await agency.hear(agency.responded(Response.ACKNOWLEDGED))


async def numbered(desk: Desk, counter: int) -> Shown:
    [found] = [one for one in await desk.incidents() if one["number"].endswith(f"-{counter:04}")]
    return found


@pytest.fixture
async def four(desk: Desk) -> Desk:
    """1 is under way, 2 waits, 3 has an agency that cannot be reached, and 4 has no agency."""
    for n, kind in enumerate(("fire", "fire", "fire", "medical"), 1):
        place = Place.of(-3.79 + 0.05 * n, 102.26, 20.0, f"Jl. Suprapto {n}, dekat Masjid Jamik")
        await desk.classified(n, kind=kind, place=place, number=Sealed(f"+62811122233{n}"), caller_hash=None)
        desk.kit.clock.advance(1)
    await under_way(desk, await numbered(desk, 1))
    fire = await desk.part("fire", await numbered(desk, 3))
    way = {"endpoint": "main", "channel": "webhook", "reason": "timeout", "status": None}
    await fire.hear(fire.event(NotificationDelayed, **way))
    return desk


async def test_what_needs_attention_comes_first_with_the_reason_in_words(four: Desk) -> None:
    shown = await board(four)
    assert list(zip(numbers(shown), reasons(shown), strict=True)) == [
        (4, "no_agency"),
        (3, "delivery_failed"),
        (2, "waiting"),
        (1, "under_way"),
    ]
    assert shown["items"][0]["attention"]["in_words"]["en"] == "No agency has this incident."
    ranks = {one["reason"]: one["rank"] for one in shown["reasons"]}
    assert all(int(one["attention"]["order"][1]) == ranks[one["attention"]["reason"]] for one in shown["items"])


async def test_the_counts_are_of_the_whole_board_whatever_is_filtered(four: Desk) -> None:
    await four.classified(DRILL, drill=True)
    shown = await board(four, state="acknowledged", limit=1)
    assert numbers(shown) == [1]
    assert shown["counts"] == {
        "incidents": 4,
        "unacknowledged": 2,
        "with_alarm": 0,
        "mine": 0,
        "by_type": [{"incident_type": "fire", "incidents": 3}, {"incident_type": "medical", "incidents": 1}],
    }
    assert (await board(four, drill=True))["counts"]["incidents"] == 1


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"state": "forwarded"}, [3, 2]),
        ({"incident_type": "medical"}, [4]),
        ({"priority": 5}, []),
        ({"agency": f"{REGENCY}/police"}, [3, 2, 1]),
        ({"agency": f"{REGENCY}/transport"}, []),
        ({"alarm": False}, [4, 3, 2, 1]),
        ({"alarm": True}, []),
        ({"drill": True}, []),
        ({"number": "3"}, [3]),
        ({"number": "0003"}, [3]),
        ({"number": "cth-20240219-0002"}, [2]),
        ({"number": "nothing"}, []),
        ({"place": "masjid 2"}, [2]),
        ({"place": "Jamik, Suprapto"}, [4, 3, 2, 1]),
        ({"place": "Pelabuhan"}, []),
        ({"caller_name": "pak BUDI"}, [4, 3, 2, 1]),
        ({"caller_name": "Siti"}, []),
    ],
)
async def test_the_board_is_filtered_and_searched(four: Desk, query: Shown, found: list[int]) -> None:
    assert numbers(await board(four, **query)) == found
    if not query.keys() & {"agency", "alarm", "priority"}:  # of these the list of all incidents knows nothing
        assert sorted(int(one["number"][-4:]) for one in await four.incidents(**query)) == sorted(found)


@pytest.mark.parametrize("written", ["0811-9988-7766", "+62 811 9988 7766", "6281199887766"])
async def test_an_incident_is_found_by_each_of_its_callers(desk: Desk, written: str) -> None:
    ring = desk.kit.runtime.ring
    await desk.classified(1, caller_hash=ring.lookup("+628111222333"))
    same = UUID((await desk.incident())["id"])
    await desk.classified(2, same=same, caller_hash=ring.lookup("+6281199887766"))
    await desk.classified(3, caller_hash=ring.lookup("+628111222444"))
    assert numbers(await board(desk, caller_number=written)) == [1]


async def test_a_closed_incident_is_still_found_but_not_on_the_board(four: Desk) -> None:
    second = await numbered(four, 2)
    await four.ask("POST", f"/v1/incidents/{second['id']}/close", {"disposition": "doused"})
    assert numbers(await board(four, number="2")) == []
    assert [one["id"] for one in await four.incidents(number="2")] == [second["id"]]
    assert [one["id"] for one in await four.incidents(place="suprapto 2", state="closed")] == [second["id"]]


async def test_who_sees_no_personal_data_searches_for_none(four: Desk) -> None:
    for asked in ({"place": "masjid"}, {"caller_name": "budi"}, {"caller_number": "0811"}):
        for path in ("/v1/incidents", "/v1/incidents/board"):
            bearer = four.kit.bearer("admin", regencies=[REGENCY])
            answer = await four.kit.client.get(path, params=asked, headers=bearer)
            assert answer.status_code == 403, answer.text
    assert numbers(await board(four, "admin", number="2")) == [2]


async def test_a_protected_incident_is_found_by_its_number_alone(desk: Desk) -> None:
    await desk.classified(1, kind="fire")
    assert numbers(await board(desk, place="pasar")) == [1]
    await desk.hear(
        1,
        CallReclassified(
            at=desk.now,
            recorded_at=desk.now,
            before="emergency",
            call_class="emergency",
            incident_type="domestic_violence",
            call=a_call(),
        ),
    )
    await desk.classified(2, kind="domestic_violence")
    for asked in ({"place": "pasar"}, {"caller_name": "budi"}):
        assert numbers(await board(desk, **asked)) == []
    assert numbers(await board(desk, number="1")) == [], "it does not concern this dispatcher"
    seen = await desk.ask("GET", "/v1/incidents/board?number=1", None, "supervisor")
    assert numbers(seen.json()) == [1]
    async with desk.kit.runtime.database.read() as connection:
        assert not (await connection.execute(select(incident_terms))).all()


async def test_the_pages_of_the_board_have_each_incident_once(four: Desk) -> None:
    first = await board(four, limit=3)
    second = await board(four, limit=3, cursor=first["next"])
    assert (numbers(first), numbers(second), second["next"]) == ([4, 3, 2], [1], None)


async def test_a_page_opens_no_document_and_reads_incidents_twice(four: Desk) -> None:
    """Once for the page and once for the counts."""
    with statements(four.kit.runtime.database) as asked:
        await board(four)
    assert not [sql for sql in asked if "document" in sql]
    assert len([sql for sql in asked if "FROM incidents" in sql]) == 2


async def test_each_message_carries_the_place_of_the_incident_after_it(four: Desk) -> None:
    """So a client that sorts by the last `order` of each incident has the order of the board."""
    first = await numbered(four, 1)
    await four.ask("POST", f"/v1/incidents/{first['id']}/close", {"disposition": "doused"})
    last: dict[str, str] = {}
    for said in await four.kit.said():
        last[said.envelope.subject] = said.envelope.order
    shown = await board(four)
    kept = sorted((order, id_) for id_, order in last.items() if order)
    assert kept == [(one["attention"]["order"], one["id"]) for one in shown["items"]]
    assert first["id"] in last  # it stays: its agencies have not confirmed that they stand down


async def test_an_incident_that_left_the_board_says_so_in_its_last_message(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "doused"})
    said = [one.envelope.order for one in await desk.kit.said() if one.envelope.subject == incident["id"]]
    assert said[0]
    assert said[-1] == ""
    assert (await board(desk))["items"] == []


async def as_(desk: Desk, who: str, path: str, body: Any = None, *roles: str) -> Any:
    bearer = desk.kit.bearer(*(roles or ("dispatcher",)), regencies=[REGENCY], subject=who, name=who.title())
    return await desk.kit.client.post(path, json=body, headers=bearer)


async def test_the_first_order_of_a_dispatcher_makes_responsible_and_a_claim_changes_it(four: Desk) -> None:
    first, second = await numbered(four, 1), await numbered(four, 2)
    path = f"/v1/incidents/{first['id']}"
    shown = (await as_(four, "dodi", f"{path}/forwardings", {"agency": f"{REGENCY}/transport"})).json()
    assert (shown["responsible"], shown["responsible_name"]) == ("dodi", "Dodi")
    # Nobody is kept from acting, and nothing changes by it.
    transport = await four.part("transport", shown)
    withdraw = f"{path}/forwardings/{transport.id}/withdraw"
    shown = (await as_(four, "rani", withdraw, {"reason": "jalan sudah aman"})).json()
    assert shown["responsible"] == "dodi"
    assert numbers(await board(four, subject="dodi", mine=True)) == [1]
    assert (await as_(four, "rani", f"{path}/claim")).json()["responsible"] == "rani"
    assert (await as_(four, "rani", f"{path}/claim")).json()["responsible"] == "rani"
    assert (await as_(four, "rani", f"/v1/incidents/{second['id']}/claim")).json()["responsible"] == "rani"
    shown = await board(four, subject="rani", mine=True)
    assert (numbers(shown), shown["counts"]["mine"]) == ([2, 1], 2)
    taken = [(one.event.responsible, one.event.before, one.event.how) for one in await four.kit.said(IncidentTaken)]
    assert taken == [("dodi", None, "order"), ("rani", "dodi", "claim"), ("rani", None, "claim")]


async def test_an_operators_correction_makes_nobody_responsible(four: Desk) -> None:
    first = await numbered(four, 1)
    answer = await four.ask("PATCH", f"/v1/incidents/{first['id']}", {"priority": 5}, "operator", **{"If-Match": "*"})
    assert answer.json()["responsible"] is None
    assert (await as_(four, "ani", f"/v1/incidents/{first['id']}/claim", None, "operator")).status_code == 403


async def test_a_closed_incident_is_not_claimed(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "doused"})
    answer = await as_(desk, "dodi", f"/v1/incidents/{incident['id']}/claim")
    assert (answer.status_code, answer.json()["state"]) == (409, "closed")


async def test_two_claim_at_once_and_the_later_one_has_it(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    path = f"/v1/incidents/{incident['id']}/claim"
    both = await asyncio.gather(as_(desk, "dodi", path), as_(desk, "rani", path))
    assert [one.status_code for one in both] == [200, 200]
    first, second = [one.event for one in await desk.kit.said(IncidentTaken)]
    assert (first.before, second.before) == (None, first.responsible)
    assert (await desk.incident())["responsible"] == second.responsible


async def test_the_stream_tells_a_client_where_the_row_goes(desk: Desk) -> None:
    """Read by the running service's own stream, as a client gets it."""
    runtime = desk.kit.runtime
    await runtime.start()
    try:
        until = desk.kit.clock() + timedelta(hours=1)
        who = Access("dodi", frozenset({Role.dispatcher}), frozenset({REGENCY}), None, until)
        with runtime.stream.listener(who, POLICY) as listener:
            sendings = runtime.stream.sendings(listener, None)
            async with asyncio.timeout(patience(20)):
                assert [message.event for message in messages((await anext(sendings)).body)] == ["ready"]
                opened = await desk.ask("POST", "/v1/incidents", {"regency": REGENCY, "source": "observer"})
                [created, *_] = messages((await anext(sendings)).body)
                assert created.data["order"] == opened.json()["attention"]["order"]
            await sendings.aclose()
    finally:
        await runtime.stop()
