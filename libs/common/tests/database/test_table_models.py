"""Tables as classes: rows are read and written on the connection of the transaction, and by no session beside it."""

from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta, timezone
from uuid import UUID, uuid4

import pytest
from sqlalchemy import MetaData, update
from sqlalchemy.orm import registry
from sqlmodel import Field, SQLModel, col, select

from sigap_common.database import Database, Json, Utc, insert
from sigap_common.database.table_models import Moment, OptionalMoment, TableModel, read_all, read_one


class OneTable(TableModel, registry=registry(metadata=MetaData())):
    """As one service has it."""


class OtherTable(TableModel, registry=registry(metadata=MetaData())):
    """As another service of the same process has it."""


class Vehicle(OneTable, table=True):
    __tablename__ = "vehicles"

    id: UUID = Field(primary_key=True)
    name: str | None
    equipment: list[str] = Field(sa_type=Json)
    bought_at: Moment
    sold_at: OptionalMoment = None


class OthersVehicle(OtherTable, table=True):
    __tablename__ = "vehicles"

    id: UUID = Field(primary_key=True)


JAKARTA = timezone(timedelta(hours=7))


def a_vehicle(name: str | None = "Damkar 1") -> Vehicle:
    return Vehicle(id=uuid4(), name=name, equipment=["ladder"], bought_at=datetime(2026, 1, 1, 7, tzinfo=JAKARTA))


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    made = Database(database_url)
    async with made.write() as connection:
        await connection.run_sync(OneTable.metadata.create_all)
    yield made
    await made.close()


async def test_a_row_is_read_as_it_was_written(database: Database) -> None:
    first, second = a_vehicle("Damkar 1"), a_vehicle(None)
    async with database.write() as connection:
        for one in (first, second):
            await connection.execute(insert(Vehicle.table()).values(one.values()))
    async with database.read() as connection:
        found = await read_one(connection, select(Vehicle).where(col(Vehicle.id) == first.id))
        every = await read_all(connection, select(Vehicle).order_by(col(Vehicle.name)))
        nobody = await read_one(connection, select(Vehicle).where(col(Vehicle.id) == uuid4()))
    assert found == first
    assert found is not None
    assert found.bought_at.utcoffset() == timedelta(0)
    assert {one.id for one in every} == {first.id, second.id}
    assert nobody is None


async def test_what_is_written_ends_with_the_transaction(database: Database) -> None:
    kept, lost = a_vehicle(), a_vehicle()
    async with database.write() as connection:
        await connection.execute(insert(Vehicle.table()).values(kept.values()))
    with suppress(LookupError):
        async with database.write() as connection:
            await connection.execute(insert(Vehicle.table()).values(lost.values()))
            await connection.execute(update(Vehicle).where(col(Vehicle.id) == kept.id).values(name="sold"))
            assert len(await read_all(connection, select(Vehicle))) == 2
            raise LookupError
    async with database.read() as connection:
        assert await read_all(connection, select(Vehicle)) == [kept]


async def test_a_changed_field_is_not_written_by_itself(database: Database) -> None:
    one = a_vehicle()
    async with database.write() as connection:
        await connection.execute(insert(Vehicle.table()).values(one.values()))
        found = await read_one(connection, select(Vehicle))
        assert found is not None
        found.name = "another"
    async with database.read() as connection:
        assert await read_all(connection, select(Vehicle)) == [one]


def test_moments_are_kept_as_utc_also_those_that_may_be_absent() -> None:
    columns = Vehicle.table().c
    assert isinstance(columns.bought_at.type, Utc)
    assert isinstance(columns.sold_at.type, Utc)
    assert [column.name for column in columns if column.nullable] == ["name", "sold_at"]


def test_two_services_may_have_tables_of_the_same_name() -> None:
    assert Vehicle.table().name == OthersVehicle.table().name
    assert Vehicle.table() is not OthersVehicle.table()
    assert not SQLModel.metadata.tables
