"""Packs that were stored whole are split, with all their versions."""

import sqlalchemy as sa
from services.dispatch.tests.dispatch_histories import Desk

from sigap_common.app.migrations import upgrade
from sigap_common.regency import Pack
from sigap_dispatch.main import service

CODE = "99.07"


def as_stored(name: str) -> str:
    """A pack's document as it was stored."""
    agency = {"code": "fire", "name": "Damkar", "kind": "fire", "telephones": ["0274112"]}
    document = {"code": CODE, "name": name, "time_zone": "Asia/Jakarta", "agencies": [agency]}
    return Pack.model_validate(document).model_dump_json(exclude_defaults=True)


async def test_versions_stored_whole_are_split_and_read_as_they_were(desk: Desk, database_url: str) -> None:
    kit = desk.kit
    async with kit.runtime.database.write() as connection:
        for table in ("packs", "pack_sections", "regencies", "regency_sections", "transfers"):
            await connection.execute(sa.text(f"DROP TABLE {table}"))
        await connection.execute(sa.text("ALTER TABLE configurations DROP COLUMN by_section"))
        for statement in (
            "CREATE TABLE regencies (code VARCHAR PRIMARY KEY, version INTEGER, pack TEXT, applied_at TIMESTAMP)",
            "CREATE TABLE packs (code VARCHAR, version INTEGER, pack TEXT, configured_at TIMESTAMP WITH TIME ZONE,"
            " configured_by VARCHAR)",
            "INSERT INTO configurations VALUES ('99.07', 2, '9907', 'B', 'Asia/Jakarta', 'x', '2026-01-01 00:00:00Z')",
            "UPDATE alembic_version SET version_num = '0004'",
        ):
            await connection.execute(sa.text(statement))
        for version, name in ((1, "A"), (2, "B")):
            row = {"code": CODE, "version": version, "pack": as_stored(name)}
            insert = "INSERT INTO packs VALUES (:code, :version, :pack, '2026-01-01 00:00:00Z', 'x')"
            await connection.execute(sa.text(insert), row)
    await upgrade(service, database_url, "0005")
    bearer = kit.bearer("admin", regencies=["*"])
    for version, name in ((1, "A"), (2, "B")):
        answer = await kit.client.get(f"/v1/regencies/{CODE}/versions?version={version}", headers=bearer)
        [found] = answer.json()["items"]
        assert found["pack"] == Pack.model_validate_json(as_stored(name)).model_dump(mode="json", exclude_defaults=True)
    async with kit.runtime.database.read() as connection:
        rows = (await connection.execute(sa.text("SELECT section FROM pack_sections"))).scalars()
        assert sorted(rows) == ["agencies", "identity", "identity", "incident_types"], "what is equal is stored once"
        assert not await connection.scalar(sa.text("SELECT by_section FROM configurations"))
