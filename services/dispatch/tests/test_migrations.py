"""What a migration makes of rows that are there already."""

from services.dispatch.tests.dispatch_histories import REGENCY, Desk, Shown
from sqlalchemy import select, text

from sigap_common.app.migrations import upgrade
from sigap_common.contracts.agencies import Response
from sigap_dispatch.main import service
from sigap_dispatch.models import incidents

NEW = ("attention", "priority", "counter", "responsible", "unacknowledged", "standing_alarms")
BEFORE_BOARD = (
    "DROP INDEX incidents_board",
    "DROP INDEX incidents_counter",
    "DROP TABLE incident_terms",
    *(f"ALTER TABLE incidents DROP COLUMN {name}" for name in NEW if name != "priority"),
    "UPDATE alembic_version SET version_num = '0011'",
)


async def rows(desk: Desk) -> list[Shown]:
    kept = (incidents.c.number, *(incidents.c[name] for name in NEW if name != "responsible"))
    async with desk.kit.runtime.database.read() as connection:
        found = (await connection.execute(select(*kept).order_by(incidents.c.number))).all()
    return [dict(row._mapping) for row in found]


async def test_open_incidents_of_before_get_their_place_on_the_board(desk: Desk) -> None:
    """As the domain places them: 1 is closed, of 2 all agencies acknowledged, and nobody has 3."""
    for n, kind in enumerate(("fire", "fire", "medical"), 1):
        await desk.classified(n, kind=kind)
    _, second, first = await desk.incidents()
    await desk.ask("POST", f"/v1/incidents/{first['id']}/close", {"disposition": "doused"})
    for part in second["forwardings"]:
        agency = await desk.part(part["agency"].partition("/")[2], second)
        await agency.hear(agency.responded(Response.ACKNOWLEDGED))
    before = await rows(desk)
    async with desk.kit.runtime.database.write() as connection:
        for statement in BEFORE_BOARD:
            await connection.execute(text(statement))
    await upgrade(service, desk.kit.runtime.database.url, "0012")
    after = await rows(desk)
    assert [row["attention"] for row in after] == [row["attention"] for row in before]
    assert [row["counter"] for row in after] == [1, 2, 3]
    of_open = [{name: row[name] for name in ("priority", "unacknowledged", "standing_alarms")} for row in after[1:]]
    assert of_open == [{name: row[name] for name in of_open[0]} for row in before[1:]]


BEFORE_LOADS = (
    "DROP INDEX forwardings_waiting",
    "ALTER TABLE forwardings DROP COLUMN waits_in",
    "DROP TABLE acknowledgements",
    "UPDATE alembic_version SET version_num = '0022'",
)


async def test_what_waits_for_an_agency_is_known_of_incidents_that_were_open(desk: Desk) -> None:
    """Of 1, which is closed, and of 2, which is acknowledged, nothing waits; the fire brigade has not answered 3."""
    for n in (1, 2, 3):
        await desk.classified(n)
    _, second, first = await desk.incidents()
    await desk.ask("POST", f"/v1/incidents/{first['id']}/close", {"disposition": "doused"})
    agency = await desk.part(incident=second)
    await agency.hear(agency.responded(Response.ACKNOWLEDGED))
    async with desk.kit.runtime.database.write() as connection:
        for statement in BEFORE_LOADS:
            await connection.execute(text(statement))
    await upgrade(service, desk.kit.runtime.database.url, "0023")
    async with desk.kit.runtime.view() as view:
        loads = await view.loads.of_regency(REGENCY, desk.now)
    assert {agency: load.unacknowledged for agency, load in loads.items()} == {
        f"{REGENCY}/fire": 1,
        f"{REGENCY}/police": 2,
        f"{REGENCY}/ambulance": 2,
    }
