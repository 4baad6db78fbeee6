"""Use cases on SQLite and PostgreSQL: what two do at once, what follows from a publication, what lies in the tables."""

import asyncio
from collections import Counter
from typing import Any

from sigap_common.contracts.rosters import DutyEnded, DutyStarted, RosterPublished
from sigap_testing.kit import Kit
from sigap_testing.statements import statements

from .conftest import Desk, Draft, Enter


async def duties(desk: Desk, query: str = "from=2024-02-01") -> list[dict[str, Any]]:
    answer = await desk("GET", f"/v1/duties?regency=99.01&{query}")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


async def test_a_publication_says_who_is_on_which_shift_and_makes_the_duties(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    budi = await enter("Budi")
    roster = await publish((budi, 19, "malam"), (budi, 21, "pagi"))
    (said,) = await kit.said(RosterPublished)
    assert (said.envelope.subject, said.envelope.regency, said.event.version) == (roster["id"], "99.01", 1)
    assert said.envelope.sequence == roster["version"] == 3
    told = [(str(one.duty_id), one.shift, one.subject) for one in said.event.assignments]
    assert told == [(duty["id"], duty["shift"], "budi") for duty in await duties(desk)]


async def test_a_duty_stays_the_same_over_versions(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    budi, siti = await enter("Budi"), await enter("Siti")
    roster = await publish((budi, 20, "pagi"), (siti, 20, "siang"))
    first = {duty["staff_id"]: duty["id"] for duty in await duties(desk)}
    plan = [{"staff_id": who, "day": "2024-02-20", "shift": "pagi"} for who in (budi, siti)]
    path = f"/v1/rosters/{roster['id']}"
    changed = (await desk("PUT", f"{path}/assignments", plan, version=roster["version"])).json()
    assert (changed["state"], changed["changed"], changed["published_version"]) == ("published", True, 1)
    assert {duty["id"] for duty in await duties(desk)} == set(first.values())  # nobody was told yet
    await desk("POST", f"{path}/publish", version=changed["version"])
    second = {duty["staff_id"]: duty["id"] for duty in await duties(desk)}
    assert second[budi] == first[budi]
    assert second[siti] != first[siti]
    assert [heard.event.version for heard in await kit.said(RosterPublished)] == [1, 2]


async def test_publishing_twice_at_the_same_moment_is_one_fact(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    path = f"/v1/rosters/{roster['id']}/publish"
    answers = await asyncio.gather(*(desk("POST", path, version=roster["version"]) for _ in range(10)))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 412: 9}
    assert len(await kit.said(RosterPublished)) == len(await duties(desk)) == 1


async def test_nobody_is_rostered_twice_by_two_rosters_published_at_the_same_moment(
    kit: Kit, desk: Desk, enter: Enter, draft: Draft
) -> None:
    budi = await enter("Budi")
    rosters = [await draft((budi, 20, "pagi")) for _ in range(4)]
    answers = await asyncio.gather(
        *(desk("POST", f"/v1/rosters/{one['id']}/publish", version=one["version"]) for one in rosters)
    )
    assert Counter(answer.status_code for answer in answers) == {200: 1, 422: 3}
    assert {answer.json()["errors"][0]["code"] for answer in answers if answer.status_code == 422} == {
        "overlapping_elsewhere"
    }
    assert len(await duties(desk)) == 1


async def test_of_two_rosters_of_the_same_days_published_at_the_same_moment_one_is_refused(
    desk: Desk, enter: Enter, draft: Draft
) -> None:
    rosters = [await draft((await enter(name), 20, "pagi")) for name in ("Budi", "Siti")]
    answers = await asyncio.gather(
        *(desk("POST", f"/v1/rosters/{one['id']}/publish", version=one["version"]) for one in rosters)
    )
    assert sorted(answer.status_code for answer in answers) == [200, 422]
    (refused,) = (answer.json()["errors"] for answer in answers if answer.status_code == 422)
    assert [one["code"] for one in refused] == ["days_of_another_roster"]


async def test_of_two_who_edit_one_plan_the_second_is_told(desk: Desk, enter: Enter, draft: Draft) -> None:
    roster = await draft((await enter("Budi"), 20, "pagi"))
    path = f"/v1/rosters/{roster['id']}/assignments"
    answers = await asyncio.gather(*(desk("PUT", path, [], version=roster["version"]) for _ in range(2)))
    assert sorted(answer.status_code for answer in answers) == [200, 412]


async def test_a_start_said_twice_at_the_same_moment_is_one_fact(
    kit: Kit, desk: Desk, enter: Enter, publish: Draft
) -> None:
    await publish((await enter("Budi"), 19, "pagi"))
    (duty,) = await duties(desk)
    for step, said in (("start", DutyStarted), ("end", DutyEnded)):
        path = f"/v1/duties/{duty['id']}/{step}"
        answers = await asyncio.gather(*(desk("POST", path, None, "staff", subject="budi") for _ in range(10)))
        assert Counter(answer.status_code for answer in answers) == {200: 10}
        assert len(await kit.said(said)) == 1
        kit.clock.advance(3600)


async def test_attendance_is_told_with_what_was_planned(kit: Kit, desk: Desk, enter: Enter, publish: Draft) -> None:
    budi = await enter("Budi")
    await publish((budi, 19, "pagi"))
    (duty,) = await duties(desk)
    await desk("POST", f"/v1/duties/{duty['id']}/start", {"at": "2024-02-19T07:04:00+07:00"}, "supervisor")
    kit.clock.advance(3600)
    await desk("POST", f"/v1/duties/{duty['id']}/end", None, "staff", subject="budi")
    (started,), (ended,) = await kit.said(DutyStarted), await kit.said(DutyEnded)
    assert (str(started.event.at), str(started.event.planned_at)) == (
        "2024-02-19 00:04:00+00:00",
        "2024-02-19 00:00:00+00:00",
    )
    assert (started.event.clock, str(started.event.staff_id)) == ("paper", budi)
    assert (str(ended.event.at), str(ended.event.planned_at)) == (
        "2024-02-19 04:00:00+00:00",
        "2024-02-19 07:00:00+00:00",
    )
    assert [(said.envelope.subject, said.envelope.sequence) for said in (started, ended)] == [
        (duty["id"], 2),
        (duty["id"], 3),
    ]


async def test_a_person_entered_twice_at_the_same_moment_is_entered_once(desk: Desk) -> None:
    body = {"regency": "99.01", "name": "Budi", "number": "OP-7"}
    answers = await asyncio.gather(*(desk("POST", "/v1/staff", body) for _ in range(5)))
    assert Counter(answer.status_code for answer in answers) == {201: 1, 409: 4}


async def test_names_contacts_and_numbers_lie_sealed_in_the_tables(kit: Kit, enter: Enter, publish: Draft) -> None:
    secret = {"contact": "canary-contact", "number": "canary-number"}
    await publish((await enter("canary-name", subject="budi", **secret), 20, "pagi"))
    kept = await kit.kept()
    assert "budi" in kept
    assert "canary" not in kept


async def test_a_whole_months_plan_takes_few_statements(kit: Kit, desk: Desk, enter: Enter) -> None:
    people = [await enter(f"P{n}") for n in range(30)]
    body = {"regency": "99.01", "first_day": "2024-03-01", "last_day": "2024-03-31"}
    roster = (await desk("POST", "/v1/rosters", body)).json()
    plan = [{"staff_id": who, "day": f"2024-03-{day:02}", "shift": "pagi"} for who in people for day in range(1, 32)]
    await desk("PUT", f"/v1/rosters/{roster['id']}/assignments", plan, version=1)
    with statements(kit.runtime.database) as publishing:
        answer = await desk("POST", f"/v1/rosters/{roster['id']}/publish", version=2)
    assert answer.status_code == 200, answer.text
    assert 5 <= len(publishing) <= 12, publishing
    with statements(kit.runtime.database) as reading:
        page = (await desk("GET", "/v1/duties?regency=99.01&from=2024-03-01&to=2024-03-31&limit=200")).json()
    assert len(page["items"]) == 200
    assert len(reading) == 1
