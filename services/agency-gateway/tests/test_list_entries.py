"""The list of forwardings shows of each what a single read shows, without opening its document."""

import json
from datetime import timedelta

import pytest
from gateway_histories import CANARY, FIRST, POLRES, SECOND, Ask, Shown, a_pack, closed, forwarded, hear, withdrawn
from sqlalchemy import select, update

from sigap_agency_gateway.list_entries import FORM, ListedForwarding
from sigap_agency_gateway.models import forwardings
from sigap_common.contracts.agencies import NotificationDelivered
from sigap_testing.forms import form_of
from sigap_testing.kit import Kit
from sigap_testing.receiver import Receiver
from sigap_testing.statements import statements

KEPT = (6, "43877b67f7ad7f1b")
"""The form of the stored entries, and a digest of the schema that they and their parts have."""
PERSONAL = (CANARY, "Ani", "dapur", "Suprapto", "regu satu", "salah alamat")


@pytest.fixture
async def some_forwardings(kit: Kit, ask: Ask) -> Ask:
    """Two forwardings: one answered and withdrawn, one that waits at the desk of the police."""
    await hear(kit, forwarded(), forwarded(SECOND, POLRES))
    answer = await ask("POST", f"/v1/forwardings/{FIRST}/acknowledge", {"text": "regu satu berangkat"})
    assert answer.status_code == 200
    await hear(kit, withdrawn(text="salah alamat"), sequence=2)
    return ask


async def listed(ask: Ask, *role: str, agency: str | None = None) -> list[Shown]:
    found: list[Shown] = (await ask("GET", "/v1/forwardings", None, *role, agency=agency)).json()["items"]
    return found


async def test_the_list_shows_what_a_single_read_shows(some_forwardings: Ask) -> None:
    found = await listed(some_forwardings, "dispatcher")
    assert [one["id"] for one in found] == [str(SECOND), str(FIRST)]
    one_by_one = [
        (await some_forwardings("GET", f"/v1/forwardings/{one['id']}", None, "dispatcher")).json() for one in found
    ]
    assert found == one_by_one
    assert found[1]["withdrawal"]["reason"] == "salah alamat"
    assert found[1]["answers"][0]["text"] == "regu satu berangkat"


@pytest.mark.parametrize("old", [{"list_form": 0}, {"list_form": FORM + 1}, {"list_version": 99}])
async def test_rows_without_an_entry_of_today_are_shown_and_delivered_from_their_documents(
    some_forwardings: Ask, kit: Kit, old: dict[str, int]
) -> None:
    """They were written before there were entries, in another form, or by a process of the earlier release."""
    before = await listed(some_forwardings, "dispatcher")
    async with kit.runtime.database.write() as connection:
        await connection.execute(update(forwardings).values(old | {"list_entry": "{}"}))
    assert await listed(some_forwardings, "dispatcher") == before
    assert len(await listed(some_forwardings, "agency", agency=POLRES)) == 1
    (said,) = await kit.said(NotificationDelivered)
    assert said.envelope.subject == str(SECOND)


async def test_a_page_of_any_size_opens_no_document(some_forwardings: Ask, kit: Kit) -> None:
    with statements(kit.runtime.database) as asked:
        assert len(await listed(some_forwardings, "dispatcher")) == 2
    assert not [sql for sql in asked if "document" in sql]
    assert len([sql for sql in asked if "FROM forwardings" in sql]) == 1


async def test_personal_data_lies_sealed_beside_the_entry(some_forwardings: Ask, kit: Kit) -> None:
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(select(forwardings.c.list_entry, forwardings.c.list_personal))).all()
    assert len(rows) == 2
    for row in rows:
        assert not [word for word in PERSONAL if word in row.list_entry or word in row.list_personal]
        assert json.loads(row.list_entry)["incident"]["place"] is None


async def test_a_new_pack_changes_the_english_name_of_a_kind_in_the_list(
    kit: Kit, ask: Ask, receiver: Receiver
) -> None:
    """The entry was stored with the name of the earlier pack."""
    await hear(kit, forwarded(drill=True))
    before = (await listed(ask))[0]["incident"]["type"]["label"]
    kinds = [{"code": "fire", "label": {"id": "Kebakaran", "en": "Blaze"}, "priority": 1}]
    await kit.configure(a_pack(receiver.url, incident_types=kinds), version=2)
    [found] = await listed(ask)
    assert before["en"] != found["incident"]["type"]["label"]["en"] == "LATIHAN Blaze"
    assert found == (await ask("GET", f"/v1/forwardings/{FIRST}")).json()


async def test_what_is_erased_is_gone_from_the_list_too(kit: Kit, ask: Ask, receiver: Receiver) -> None:
    short = {"deliveries_days": 3, "positions_days": 5, "calls_days": 10, "incidents_days": 20}
    await kit.configure(a_pack(receiver.url, retention=short), version=2)
    await hear(kit, forwarded())
    await hear(kit, closed(), sequence=2)
    assert CANARY in json.dumps(await listed(ask))
    kit.clock.advance(timedelta(days=30).total_seconds())
    await kit.runtime.sweeps.sweep()
    assert not [word for word in PERSONAL if word in json.dumps(await listed(ask))]
    async with kit.runtime.database.read() as connection:
        row = (await connection.execute(select(forwardings).where(forwardings.c.id == FIRST))).one()
    assert (row.list_entry, row.list_personal) == (None, None)


def test_what_forwardings_show_changes_together_with_the_form_of_the_entries() -> None:
    """Stored entries of the same form are shown as they are: with a new field they would lack it."""
    assert (FORM, form_of(ListedForwarding)) == KEPT, "raise FORM in list_entries.py, then KEPT here"
