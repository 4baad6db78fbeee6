"""Notes on incidents: who gets them, what agencies are told, and that an incident with many of them stays small."""

import json
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import (
    Desk,
    History,
    Shown,
    a_note,
    a_pack,
    only,
)
from services.dispatch.tests.notes_migration import migrate_notes_again
from sqlalchemy import text

from sigap_common.contracts.calls import Note
from sigap_common.contracts.incidents import ForwardingRevised, IncidentForwarded
from sigap_common.contracts.notes import IncidentNote, IncidentNoted, NoteKind, NoteSource
from sigap_common.core.errors import Invalid, NotAllowed
from sigap_common.personal_data import Sealed
from sigap_dispatch.domain.alarm_levels import SetAlarmLevel
from sigap_dispatch.domain.commands import AddAgency, Amend, Close, NoteFromCall
from sigap_dispatch.domain.duplicates import Merge
from sigap_dispatch.domain.notes import WriteNote
from sigap_dispatch.domain.state.incident import NOTES_KEPT
from sigap_testing.histories import then
from sigap_testing.refusals import faults_of

MANY = 300
DAY = timedelta(days=1)


def texts(notes: tuple[IncidentNote, ...]) -> list[str]:
    return [note.text.clear for note in notes]


def told(history: History) -> list[str]:
    """What agencies are told now: of an agency that is added."""
    [forwarded] = only(IncidentForwarded, history.when(AddAgency("99.01/ambulance"), by="dodi"))
    return texts(forwarded.content.notes)


def test_a_note_is_a_revision_for_each_agency_without_a_new_acknowledgement(history: History) -> None:
    history.opens()
    note = WriteNote("lewat gerbang belakang", NoteKind.INSTRUCTION)
    events = history.when(note, by="dodi")
    then(events, IncidentNoted, ForwardingRevised, ForwardingRevised)
    for revised in only(ForwardingRevised, events):
        assert (revised.reason, revised.needs_acknowledgement) == ("noted", False)
        last = revised.content.notes[-1]
        told = (last.number, last.kind, last.source, last.by, last.text.clear)
        assert told == (2, NoteKind.INSTRUCTION, NoteSource.CENTRE, "dodi", "lewat gerbang belakang")
        assert texts(revised.content.notes) == ["api besar", "lewat gerbang belakang"]
    assert history.incident.responsible is None


def test_an_internal_note_tells_nobody_also_with_a_later_revision(history: History) -> None:
    history.opens()
    then(history.when(WriteNote("pelapor mabuk", internal=True), by="ani"), IncidentNoted)
    revised = only(ForwardingRevised, history.when(Amend(priority=3), WriteNote("asap hitam"), by="dodi"))
    assert {tuple(texts(one.content.notes)) for one in revised} == {("api besar",), ("api besar", "asap hitam")}
    assert told(history) == ["api besar", "asap hitam"]
    assert texts(history.incident.internal_notes) == ["pelapor mabuk"]


def test_internal_notes_push_no_other_note_out_of_what_agencies_are_told(history: History) -> None:
    history.opens()
    history.when(*(WriteNote(f"internal {n}", internal=True) for n in range(2 * NOTES_KEPT)), by="ani")
    assert told(history) == ["api besar"]


def test_a_correction_is_a_further_note(history: History) -> None:
    history.opens()
    history.when(WriteNote("dua korban"), by="ani")
    [corrected] = only(IncidentNoted, history.when(WriteNote("tiga korban", corrects=2), by="ani"))
    assert (corrected.number, corrected.corrects) == (3, 2)
    assert told(history) == ["api besar", "dua korban", "tiga korban"]
    with pytest.raises(Invalid) as refusal:
        history.when(WriteNote("empat", corrects=4), by="ani")
    assert [fault.kind for fault in faults_of(refusal)] == ["note_unknown"]


def test_a_late_note_has_its_own_time_and_no_impossible_one(history: History) -> None:
    history.opens()
    history.at(600)
    seen = history.now - timedelta(minutes=5)
    [noted] = only(IncidentNoted, history.when(WriteNote("api padam", at=seen), by="dodi"))
    assert (noted.at, noted.recorded_at) == (seen, history.now)
    for at in (history.now - timedelta(hours=1), history.now + timedelta(hours=1)):
        with pytest.raises(Invalid):
            history.when(WriteNote("api padam", at=at), by="dodi")


def test_a_closed_incident_takes_notes_and_tells_nobody(history: History) -> None:
    history.opens()
    history.when(Close("resolved"))
    then(history.when(WriteNote("unit menemukan dompet"), by="dodi"), IncidentNoted)


def test_a_merged_incident_names_the_one_to_write_on(history: History) -> None:
    history.opens()
    apart = {"id": UUID(int=5), "number": "CTH-20240219-0002"}
    history.when(Merge(history.incident.model_copy(update=apart)))
    with pytest.raises(NotAllowed) as refusal:
        history.when(WriteNote("asap"), by="dodi")
    assert refusal.value.params["number"] == "CTH-20240219-0002"


def test_many_notes_leave_document_and_content_bounded(history: History) -> None:
    history.opens()
    for n in range(MANY):
        history.when(WriteNote(f"catatan {n}", internal=n % 2 == 1), by="dodi")
    incident = history.incident
    assert incident.note_count == MANY + 1
    assert len(incident.notes) == len(incident.internal_notes) == NOTES_KEPT
    assert told(history) == [f"catatan {n}" for n in range(MANY - 2 * NOTES_KEPT, MANY, 2)]
    assert history.replayed() == history.incident


def test_a_call_says_which_report_its_words_belong_to(history: History) -> None:
    history.opens()
    history.reported_by(2)
    [noted] = only(IncidentNoted, history.when(NoteFromCall(a_note("ada korban", 30), report=2)))
    assert (noted.report, noted.source, noted.by) == (2, NoteSource.CALL, "ani")


def test_what_comes_with_a_raised_level_has_the_notes(history: History) -> None:
    history.opens()
    history.when(WriteNote("bawa pompa", NoteKind.INSTRUCTION), by="dodi")
    [forwarded] = only(IncidentForwarded, history.when(SetAlarmLevel(2, 1, "merambat"), by="dodi"))
    assert forwarded.content.notes[-1].kind is NoteKind.INSTRUCTION


def said(desk: Desk, words: str) -> Note:
    return Note(at=desk.now - timedelta(seconds=5), by="ani", text=Sealed(words))


async def write(desk: Desk, incident: Shown, words: str, *roles: str, **body: Any) -> Shown:
    path = f"/v1/incidents/{incident['id']}/notes"
    answer = await desk.ask("POST", path, {"text": words} | body, *roles, **{"Idempotency-Key": f"k-{words}"})
    assert answer.status_code == 201, answer.text
    written: Shown = answer.json()
    return written


async def read(desk: Desk, incident: Shown, order: str = "newest", *roles: str, limit: int = 200) -> list[Shown]:
    """All pages of the notes."""
    path, cursor = f"/v1/incidents/{incident['id']}/notes?order={order}&limit={limit}", ""
    items: list[Shown] = []
    while True:
        answer = await desk.ask("GET", path + cursor, None, *roles)
        assert answer.status_code == 200, answer.text
        page = answer.json()
        assert len(page["items"]) <= limit
        items += page["items"]
        if page["next"] is None:
            return items
        cursor = f"&cursor={page['next']}"


async def test_an_incident_with_300_notes_stays_usable(desk: Desk) -> None:
    await desk.classified(notes=(said(desk, "api besar"),))
    incident = await desk.incident()
    for n in range(MANY):
        await write(desk, incident, f"catatan ke-{n}", internal=n % 3 == 0)
        desk.kit.clock.advance(1)
    newest, oldest = await read(desk, incident, limit=100), await read(desk, incident, "oldest", limit=100)
    assert newest == oldest[::-1]
    assert [one["text"] for one in oldest] == ["api besar", *(f"catatan ke-{n}" for n in range(MANY))]
    assert [one["number"] for one in oldest] == list(range(1, MANY + 2))
    detail = await desk.ask("GET", f"/v1/incidents/{incident['id']}")
    assert detail.json()["note_count"] == MANY + 1
    assert [one["text"] for one in detail.json()["notes"]] == [one["text"] for one in oldest[-NOTES_KEPT:]]
    assert len(detail.content) < 20_000
    async with desk.kit.runtime.database.read() as connection:
        document = (await connection.execute(text("SELECT document FROM incidents"))).scalar_one()
    assert len(document) < 30_000
    revised = [one.event for one in await desk.kit.said(ForwardingRevised)]
    assert len(revised) == len(incident["forwardings"]) * MANY * 2 // 3
    assert all(isinstance(one, ForwardingRevised) and len(one.content.notes) <= NOTES_KEPT for one in revised)


async def test_notes_of_every_way_are_in_one_list(desk: Desk) -> None:
    """Those of the call, of a further call and of people; one that was seen earlier stands where it happened."""
    await desk.classified(notes=(said(desk, "api besar"),))
    incident = await desk.incident()
    await desk.noted(1, "ada korban")
    await desk.classified(2, same=UUID(incident["id"]), notes=(said(desk, "asap tebal"),))
    desk.kit.clock.advance(600)
    await write(desk, incident, "api padam", source="officer")
    seen = datetime.fromisoformat(incident["created_at"]) + timedelta(minutes=1)
    await write(desk, incident, "atap runtuh", kind="observation", source="observer", at=seen.isoformat())
    found = await read(desk, incident, "oldest")
    assert {(one["text"], one["source"], one["report"]) for one in found[:3]} == {
        ("api besar", "call", None),
        ("ada korban", "call", 1),
        ("asap tebal", "call", 2),
    }
    assert [(one["text"], one["source"], one["kind"]) for one in found[3:]] == [
        ("atap runtuh", "observer", "observation"),
        ("api padam", "officer", "note"),
    ]


async def test_who_may_read_and_write_notes(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    path = f"/v1/incidents/{incident['id']}/notes"
    written = await write(desk, incident, "warga panik", "operator", internal=True)
    assert written["text"] == "warga panik"
    assert {one["text"] for one in await read(desk, incident, "newest", "admin")} == {None}
    for role, status in (("admin", 403), ("analyst", 403)):
        answer = await desk.ask("POST", path, {"text": "x"}, role, **{"Idempotency-Key": role})
        assert answer.status_code == status, role
    answer = await desk.ask(
        "POST", path, {"text": "x", "kind": "instruction", "internal": True}, **{"Idempotency-Key": "i"}
    )
    assert answer.status_code == 422
    assert "instruction_internal" in answer.text


async def test_notes_of_a_protected_incident_are_hidden_with_it(desk: Desk) -> None:
    await desk.classified(kind="domestic_violence", answered_by="ani")
    incident = await desk.incident()
    path = f"/v1/incidents/{incident['id']}/notes"
    for method, body in (("GET", None), ("POST", {"text": "x"})):
        answer = await desk.ask(method, path, body, "operator", **{"Idempotency-Key": "h"})
        assert answer.status_code == 403
        assert "api besar" not in answer.text
    assert [one["text"] for one in await read(desk, incident, "newest", "supervisor")] == ["api besar"]


async def test_retention_erases_the_words_and_leaves_the_count(desk: Desk) -> None:
    periods = {"calls_days": 5, "positions_days": 5, "incidents_days": 10}
    await desk.kit.configure(a_pack(retention=periods), version=2)
    await desk.classified()
    incident = await desk.incident()
    await write(desk, incident, "warga panik", internal=True)
    await desk.ask("POST", f"/v1/incidents/{incident['id']}/close", {"disposition": "resolved"})
    desk.kit.clock.advance((11 * DAY).total_seconds())
    await desk.kit.runtime.sweeps.sweep()
    assert [one["text"] for one in await read(desk, incident)] == ["", ""]
    for table in ("incidents", "timeline", "incident_notes"):
        async with desk.kit.runtime.database.read() as connection:
            rows = (await connection.execute(text(f"SELECT * FROM {table}"))).all()
        assert not any("panik" in str(row) for row in rows)


async def test_notes_of_before_are_found_after_the_migration(desk: Desk) -> None:
    await desk.classified(notes=(a_note("api besar"), a_note("dua lantai", 1)))
    incident = await desk.incident()
    before = await read(desk, incident)
    assert len(before) == 2
    await migrate_notes_again(desk)
    assert await read(desk, incident) == before


async def test_notes_are_numbered_on_also_if_a_process_of_before_has_written_the_document(desk: Desk) -> None:
    await desk.classified()
    incident = await desk.incident()
    await write(desk, incident, "satu")
    async with desk.kit.runtime.database.write() as connection:
        document = json.loads((await connection.execute(text("SELECT document FROM incidents"))).scalar_one())
        for name in ("note_count", "internal_notes"):
            del document[name]
        await connection.execute(text("UPDATE incidents SET document = :now"), {"now": json.dumps(document)})
    await write(desk, incident, "dua")
    await desk.noted(1, "tiga")
    found = await read(desk, incident, "oldest")
    assert {one["number"]: one["text"] for one in found} == {1: "api besar", 2: "satu", 3: "dua", 4: "tiga"}


async def test_notes_keep_kind_and_source_in_the_regency_that_takes_the_incident_over(desk: Desk) -> None:
    await desk.kit.configure(a_pack(code="99.02", name="Kota Tetangga", prefix="TTG"))
    await desk.classified()
    sent = await desk.incident()
    await write(desk, sent, "asap di selatan", kind="observation", source="observer")
    await desk.ask("POST", f"/v1/incidents/{sent['id']}/transfers", {"to": "99.02"})
    there = desk.kit.bearer("supervisor", regencies=["99.02"])
    [offer] = (await desk.kit.client.get("/v1/transfers", headers=there)).json()["items"]
    received = (await desk.kit.client.post(f"/v1/transfers/{offer['id']}/accept", headers=there)).json()
    listed = (await desk.kit.client.get(f"/v1/incidents/{received['id']}/notes", headers=there)).json()["items"]
    shown = (await desk.kit.client.get(f"/v1/incidents/{received['id']}", headers=there)).json()["notes"]
    for found in (listed, shown):
        [note] = [one for one in found if one["text"] == "asap di selatan"]
        assert (note["kind"], note["source"]) == ("observation", "observer")
