"""The board shows of each incident what a single read shows, without opening its document."""

import json
from types import SimpleNamespace
from uuid import UUID

import pytest
from services.dispatch.tests.dispatch_histories import Desk, History, Shown
from sqlalchemy import select, update

from sigap_common.contracts.agencies import Response
from sigap_common.personal_data import KeyRing
from sigap_dispatch.board import BOARD, FORM
from sigap_dispatch.domain import Incident
from sigap_dispatch.domain.commands import Withdraw
from sigap_dispatch.domain.state.forwarding import ForwardingState
from sigap_dispatch.models import incidents
from sigap_dispatch.schemas.incidents import IncidentOut
from sigap_testing.forms import form_of
from sigap_testing.statements import statements

KEPT = (15, "ae1ed7d8b53c59f9")
"""The form of the stored entries, and a digest of the schema that they have."""
ROLES = ["dispatcher", "admin"]
RING = KeyRing({"k1": bytes(32)})


@pytest.fixture
async def board(desk: Desk) -> Desk:
    """Three incidents: one in full swing, one that is closed, one that nobody has touched."""
    for n in (1, 2, 3):
        await desk.classified(n)
        desk.kit.clock.advance(1)
    _, closed, busy = await desk.incidents()
    await desk.ask("POST", f"/v1/incidents/{closed['id']}/close", {"disposition": "doused"})
    fire, police = await desk.part("fire", busy), await desk.part("police", busy)
    await fire.hear(fire.responded(Response.EN_ROUTE))
    await police.hear(police.responded(Response.DECLINED))
    withdraw = f"/v1/incidents/{busy['id']}/forwardings/{fire.id}/withdraw"
    assert (await desk.ask("POST", withdraw, {"reason": "Pak Harun sudah di sana"})).status_code == 200
    await fire.hear(fire.delivered())
    return desk


async def read_one_by_one(desk: Desk, listed: list[Shown], role: str) -> list[Shown]:
    return [(await desk.ask("GET", f"/v1/incidents/{one['id']}", None, role)).json() for one in listed]


async def listed(desk: Desk, role: str) -> list[Shown]:
    found: list[Shown] = (await desk.ask("GET", "/v1/incidents", None, role)).json()["items"]
    return found


@pytest.mark.parametrize("role", ROLES)
async def test_the_board_shows_what_a_single_read_shows(board: Desk, role: str) -> None:
    found = await listed(board, role)
    assert len(found) == 3
    assert found == await read_one_by_one(board, found, role)
    assert {one["caller_number"] for one in found} == {"+628111222333" if role == "dispatcher" else None}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("old", [{"list_form": 0}, {"list_form": FORM + 1}, {"list_version": 1}])
async def test_rows_without_an_entry_of_today_are_shown_from_their_documents(
    board: Desk, role: str, old: dict[str, int]
) -> None:
    """They were written before there were entries, in another form, or by a process of the earlier release."""
    before = await listed(board, role)
    async with board.kit.runtime.database.write() as connection:
        others = incidents.c.id != UUID(before[0]["id"])
        await connection.execute(update(incidents).where(others).values(old | {"list_entry": "{}"}))
    assert await listed(board, role) == before


async def test_a_page_of_any_size_opens_no_document(board: Desk) -> None:
    with statements(board.kit.runtime.database) as asked:
        assert len(await listed(board, "dispatcher")) == 3
    assert not [sql for sql in asked if "document" in sql]
    assert len([sql for sql in asked if "FROM incidents" in sql]) == 1


async def test_personal_data_lies_sealed_beside_the_entry(board: Desk) -> None:
    async with board.kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(incidents.c.list_entry, incidents.c.list_personal))).all()
    assert len(rows) == 3
    for row in rows:
        assert "+628111222333" not in row.list_entry + row.list_personal
        assert "Pasar Lama" not in row.list_entry + row.list_personal
        assert json.loads(row.list_entry)["place"] is None


def test_a_document_of_before_the_standing_was_kept_comes_to_the_same(history: History) -> None:
    history.opens()
    event = history.forwarding("fire")
    words = [{"response": "acknowledged", "at": event.forwarded_at}, {"response": "en_route", "at": event.forwarded_at}]
    document = history.incident.model_dump(mode="json", context=None)
    [first, *others] = document["forwardings"]
    later = {"standing", "declined_at", "decline_reason", "on_behalf"}
    old = {name: value for name, value in first.items() if name not in later} | {"words": words}
    read = Incident.model_validate(document | {"forwardings": [old, *others]})
    assert [f.state for f in read.forwardings][:2] == [ForwardingState.EN_ROUTE, ForwardingState.FORWARDED]


def test_what_incidents_show_changes_together_with_the_form_of_the_entries() -> None:
    """Stored entries of the same form are shown as they are: with a new field they would lack it."""
    assert (FORM, form_of(IncidentOut)) == KEPT, "raise FORM in board.py, then KEPT here"


@pytest.mark.parametrize("opened", [True, False])
def test_a_stored_entry_shows_what_the_incident_shows(history: History, opened: bool) -> None:
    """Also the dispatcher's words, which are the only personal data of a forwarding."""
    history.opens()
    history.when(Withdraw(history.forwarding("fire").id, "Sudah ditangani warga"), by="dodi")
    row = SimpleNamespace(id=history.incident.id, **BOARD.columns(history.incident, RING))
    read, shown = BOARD.read(row, RING, opened=opened), BOARD.shown(history.incident, opened=opened)
    assert read == shown
    reasons = [forwarding["withdrawal_reason"] for forwarding in read["forwardings"]]
    assert ("Sudah ditangani warga" in reasons, "by_dispatcher" in reasons) == (opened, not opened)
