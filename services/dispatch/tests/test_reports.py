"""The reports of an incident, and an incident of its own for one of them."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import (
    MARKET,
    Desk,
    History,
    Shown,
    a_pack,
    away,
    call_id,
    forwarded_to,
    only,
)
from services.dispatch.tests.notes_migration import migrate_notes_again
from sqlalchemy import text

from sigap_common.contracts.calls import Note
from sigap_common.contracts.incidents import ForwardingRevised, IncidentCreated, IncidentReportAdded
from sigap_common.contracts.places import Place
from sigap_common.contracts.reports import ReportSeparated
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.commands import Numbered
from sigap_dispatch.domain.duplicates import ReadReports
from sigap_dispatch.domain.reports import OpenFromReport, SeparateReport, stands_out
from sigap_testing.histories import then

MANY = 300
DAY = timedelta(days=1)
NEXT_DOOR = Place.of(-3.7905, 102.2605, 20.0, "Pasar Lama, sisi timur")


def told(history: History, n: int = 2, kind: str | None = "fire", **call: Any) -> IncidentReportAdded:
    [event] = only(IncidentReportAdded, history.reported_by(n, kind, **call))
    return event


@pytest.mark.parametrize(
    ("place", "kind", "out"),
    [(away(1), "fire", True), (away(1), "fire_small", False), (NEXT_DOOR, "fire", False), (None, "fire", False)],
)
def test_a_report_stands_out_that_is_about_people_in_danger_elsewhere(
    history: History, place: Place | None, kind: str, out: bool
) -> None:
    history.opens()
    assert stands_out(history.incident, told(history, kind=kind, place=place), history.pack) is out


def test_an_incident_of_its_own_has_the_calls_place_type_and_caller(history: History) -> None:
    history.opens("fire", priority=3)
    caller: dict[str, Any] = {"number": Sealed("+62899"), "caller_name": Sealed("Rani"), "caller_hash": "h2"}
    report = told(history, kind="medical", place=away(1), **caller)
    own = History(history.pack)
    number = Numbered("CTH-20240219-0002", own.now.date())
    command = OpenFromReport(number, report, history.incident, None, None, away(1), None)
    [created] = only(IncidentCreated, own.when(command, by="dodi"))
    assert (created.incident_type, created.place, created.call_id) == ("medical", away(1), call_id(2))
    assert (created.caller_number, created.caller_name, created.linked_to) == (
        report.caller_number,
        report.caller_name,
        history.incident.id,
    )
    assert (created.started_at, created.answered_at) == (report.received_at, report.answered_at)


def test_its_plan_forwards_it_at_once(history: History) -> None:
    history.opens()
    report, own = told(history, place=away(1)), History(history.pack)
    number = Numbered("CTH-20240219-0002", own.now.date())
    events = own.when(OpenFromReport(number, report, history.incident, None, None, away(1), None), by="dodi")
    assert forwarded_to(events) == ["fire", "police", "ambulance"]


def test_the_report_leaves_the_first_and_agencies_learn_how_many_are_left(history: History) -> None:
    history.opens()
    told(history, 2)
    told(history, 3)
    other = history.incident.model_copy(update={"id": UUID(int=7), "number": "CTH-20240219-0002"})
    events = history.when(SeparateReport(call_id(2), 2, other), by="dodi")
    then(events, ReportSeparated, ForwardingRevised, ForwardingRevised)
    assert {one.content.reports for one in only(ForwardingRevised, events)} == {2}
    incident = history.incident
    assert (incident.reports, incident.unread_reports, incident.next_report) == (2, 1, 4)
    assert incident.links == (UUID(int=7),)
    assert history.replayed() == incident
    history.when(ReadReports(2))
    assert history.incident.unread_reports == 0


def test_a_report_that_was_read_takes_no_unread_one_with_it(history: History) -> None:
    history.opens()
    told(history, 2)
    history.when(ReadReports(2))
    told(history, 3)
    other: Incident = history.incident.model_copy(update={"id": UUID(int=7)})
    [event] = only(ReportSeparated, history.when(SeparateReport(call_id(2), 2, other), by="dodi"))
    assert not event.was_unread
    assert history.incident.unread_reports == 1


async def unread(desk: Desk, incident: Shown) -> tuple[int, set[int]]:
    """How many unread reports the incident counts, and which of those in the list are unread."""
    shown = (await desk.ask("GET", f"/v1/incidents/{incident['id']}")).json()
    return shown["unread_reports"], {one["report"] for one in await reports(desk, incident) if one["unread"]}


async def read_so_many(desk: Desk, incident: Shown, up_to: int) -> None:
    answer = await desk.ask("POST", path(incident, "/read"), {"up_to": up_to})
    assert answer.status_code == 200, answer.text


async def test_unread_reports_are_those_in_the_list_also_after_one_has_left(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    for n in (2, 3, 4):
        await reported(desk, n, incident, place=away(n))
    await gets_its_own(desk, incident, 4)
    await read_so_many(desk, incident, 2)
    assert await unread(desk, incident) == (1, {3})
    await gets_its_own(desk, incident, 3)
    assert await unread(desk, incident) == (0, set())
    await reported(desk, 5, incident, place=away(5))
    assert await unread(desk, incident) == (1, {5})
    await gets_its_own(desk, incident, 2)
    assert await unread(desk, incident) == (1, {5})
    await read_so_many(desk, incident, 4)  # as a screen shows it that has not heard of what left
    assert await unread(desk, incident) == (0, set())


async def test_unread_reports_are_right_after_a_merger_whose_report_left_is_undone(desk: Desk) -> None:
    await desk.classified(1)
    into = await desk.incident()
    await desk.classified(2)
    merged = next(one for one in await desk.incidents() if one["id"] != into["id"])
    for n in (3, 4):
        await reported(desk, n, merged, place=away(n))
    await desk.ask("POST", f"/v1/incidents/{merged['id']}/merge", {"other": into["id"]})
    await reported(desk, 5, into, place=away(5))
    await gets_its_own(desk, into, 4)
    assert await unread(desk, into) == (3, {2, 3, 5})
    await read_so_many(desk, into, 2)
    await desk.ask("POST", f"/v1/incidents/{merged['id']}/unmerge")
    assert await unread(desk, into) == (1, {5})


def path(incident: Shown, step: str = "") -> str:
    return f"/v1/incidents/{incident['id']}/reports{step}"


async def reported(desk: Desk, n: int, incident: Shown, **call: Any) -> None:
    await desk.classified(n, same=UUID(incident["id"]), **call)


async def reports(desk: Desk, incident: Shown, limit: int = 200, *roles: str) -> list[Shown]:
    """All pages of the reports."""
    cursor, items = "", list[Shown]()
    while True:
        answer = await desk.ask("GET", path(incident, f"?limit={limit}{cursor}"), None, *roles)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


async def gets_its_own(desk: Desk, incident: Shown, n: int, **body: Any) -> Shown:
    answer = await desk.ask("POST", path(incident, f"/{call_id(n)}/own-incident"), body)
    assert answer.status_code == 200, answer.text
    own: Shown = answer.json()
    return own


async def test_an_event_with_300_calls_stays_usable(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    for n in range(2, MANY + 1):
        await reported(desk, n, incident, place=away(1) if n == 7 else MARKET)
        desk.kit.clock.advance(1)
    found = await reports(desk, incident, limit=100)
    assert [one["report"] for one in found] == [7, *(n for n in range(MANY, 1, -1) if n != 7)]
    assert [one["stands_out"] for one in found[:2]] == [True, False]
    assert found[0]["metres"] > 5_000
    answer = await desk.ask("GET", path(incident))
    assert len(answer.json()["items"]) == 50
    assert len(answer.content) < 40_000
    detail = await desk.ask("GET", f"/v1/incidents/{incident['id']}")
    assert (detail.json()["reports"], detail.json()["unread_reports"]) == (MANY, MANY - 1)
    assert len(detail.content) < 20_000
    async with desk.kit.runtime.database.read() as connection:
        document = (await connection.execute(text("SELECT document FROM incidents"))).scalar_one()
    assert len(document) < 30_000


async def test_a_report_shows_who_called_when_and_what_was_said(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    note = Note(at=desk.now, by="ani", text=Sealed("dua orang di atap"))
    await reported(desk, 2, incident, number=Sealed("+62899"), notes=(note,), place=NEXT_DOOR)
    await reported(desk, 3, incident)
    await desk.ask("POST", path(incident, "/read"), {"up_to": 2})
    third, second = await reports(desk, incident)
    assert (second["call_id"], second["caller_number"], second["unread"]) == (str(call_id(2)), "+62899", False)
    assert second["notes"][0]["text"] == "dua orang di atap"
    assert 50 < second["metres"] < 200
    assert third["unread"]
    [_, shown] = await reports(desk, incident, 200, "admin")
    assert (shown["caller_number"], shown["place"], shown["notes"], shown["metres"]) == (None, None, [], None)


async def test_a_report_gets_an_incident_of_its_own_once(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await reported(desk, 2, incident, place=away(3))
    own = await gets_its_own(desk, incident, 2, priority=1)
    assert (own["linked_to"], own["call_id"], own["source"]) == (incident["id"], str(call_id(2)), "call")
    assert {one["agency"] for one in own["forwardings"]} >= {"99.01/fire", "99.01/police"}
    assert own["place"]["address"] == "Desa 3"
    assert (await gets_its_own(desk, incident, 2))["id"] == own["id"]
    assert await reports(desk, incident) == []
    first = (await desk.ask("GET", f"/v1/incidents/{incident['id']}")).json()
    assert (first["reports"], first["unread_reports"], first["links"]) == (1, 0, [own["id"]])
    assert len(await desk.incidents()) == 2
    assert [one["id"] for one in await desk.incidents(call_id=call_id(2))] == [own["id"]]


async def test_what_the_call_says_later_belongs_to_its_own_incident(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await reported(desk, 2, incident, place=away(3))
    own = await gets_its_own(desk, incident, 2)
    await desk.noted(2, "tiga korban")
    await desk.located(2, away(4))
    mine = (await desk.ask("GET", f"/v1/incidents/{own['id']}")).json()
    assert (mine["notes"][-1]["text"], mine["place"]["address"]) == ("tiga korban", "Desa 4")
    other = (await desk.ask("GET", f"/v1/incidents/{incident['id']}")).json()
    assert "tiga korban" not in str(other)


async def test_of_two_people_at_once_both_get_the_same_incident(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await reported(desk, 2, incident, place=away(3))
    both = await asyncio.gather(*(gets_its_own(desk, incident, 2) for _ in range(4)))
    assert len({own["id"] for own in both}) == 1
    assert len(await desk.incidents()) == 2


async def test_reports_go_with_a_merger_and_come_back(desk: Desk) -> None:
    """A report of a merged incident may get one of its own, too; the call that opened the merged one may not."""
    await desk.classified(1)
    into = await desk.incident()
    await desk.classified(2)
    merged = next(one for one in await desk.incidents() if one["id"] != into["id"])
    await reported(desk, 3, merged, place=away(5))
    await reported(desk, 4, merged)
    await desk.ask("POST", f"/v1/incidents/{merged['id']}/merge", {"other": into["id"]})
    found = await reports(desk, into)
    assert {(one["report"], one["call_id"]) for one in found} == {(n, str(call_id(n))) for n in (2, 3, 4)}
    assert {one["of_merged"] for one in found} == {merged["id"]}
    refused = await desk.ask("POST", path(into, f"/{call_id(2)}/own-incident"), {})
    assert (refused.status_code, "report_opened_incident" in refused.text) == (422, True)
    await gets_its_own(desk, into, 3)
    assert {one["report"] for one in await reports(desk, into)} == {2, 4}
    assert (await desk.ask("GET", f"/v1/incidents/{into['id']}")).json()["reports"] == 3
    await desk.ask("POST", f"/v1/incidents/{merged['id']}/unmerge")
    assert await reports(desk, into) == []
    assert {one["call_id"] for one in await reports(desk, merged)} == {str(call_id(4))}
    counts = [(await desk.ask("GET", f"/v1/incidents/{one['id']}")).json()["reports"] for one in (into, merged)]
    assert counts == [1, 2]


async def test_after_a_merger_of_one_whose_report_went_its_own_way_the_next_call_is_still_a_report(desk: Desk) -> None:
    await desk.classified(1)
    into = await desk.incident()
    await desk.classified(2)
    merged = next(one for one in await desk.incidents() if one["id"] != into["id"])
    for n in (3, 4, 5):
        await reported(desk, n, merged, place=away(n))
    await gets_its_own(desk, merged, 3)
    await desk.ask("POST", f"/v1/incidents/{merged['id']}/merge", {"other": into["id"]})
    await reported(desk, 6, into)
    found = await reports(desk, into)
    assert {one["call_id"] for one in found} == {str(call_id(n)) for n in (2, 4, 5, 6)}
    assert len({one["report"] for one in found}) == 4


async def test_what_is_not_there_or_hidden_is_refused(desk: Desk) -> None:
    await desk.classified(kind="domestic_violence")
    incident = await desk.incident()
    await reported(desk, 2, incident)
    nobody = await desk.ask("POST", path(incident, f"/{call_id(9)}/own-incident"), {}, "supervisor")
    assert nobody.status_code == 404
    for method, step, body in (("GET", "", None), ("POST", f"/{call_id(2)}/own-incident", {})):
        assert (await desk.ask(method, path(incident, step), body, "operator")).status_code == 403
    own = await desk.ask("POST", path(incident, f"/{call_id(2)}/own-incident"), {"incident_type": "fire"}, "supervisor")
    assert own.json()["protected"], "what was hidden stays hidden"
    await desk.classified(3)
    open_one = next(one for one in await desk.incidents() if one.get("call_id") == str(call_id(3)))
    await reported(desk, 4, open_one)
    wrong = await desk.ask("POST", path(open_one, f"/{call_id(4)}/own-incident"), {"incident_type": "tidak_ada"})
    assert wrong.status_code == 422
    assert len(await reports(desk, open_one)) == 1


async def test_retention_erases_what_reports_say(desk: Desk) -> None:
    periods = {"calls_days": 5, "positions_days": 5, "incidents_days": 5}
    await desk.kit.configure(a_pack(retention=periods), version=2)
    await desk.classified()
    incident = await desk.incident()
    await reported(desk, 2, incident, number=Sealed("+62899"))
    await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved"})
    desk.kit.clock.advance((6 * DAY).total_seconds())
    await desk.kit.runtime.sweeps.sweep()
    [report] = await reports(desk, incident)
    assert (report["caller_number"], report["place"]["lat"], report["place"]["address"]) == (None, None, None)
    assert {one["text"] for one in report["notes"]} == {""}


async def test_reports_of_before_are_found_after_the_migration(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await reported(desk, 2, incident)
    before = await reports(desk, incident)
    assert len(before) == 1
    await migrate_notes_again(desk)
    assert await reports(desk, incident) == before
